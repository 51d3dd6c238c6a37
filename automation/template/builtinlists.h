// Each file of filters, tests and functions declares its own; declareBuiltins() calls them all.

#pragma once

namespace hubkeep {

class TemplateBuiltins;

void declareBuiltins(TemplateBuiltins &builtins);

void declareObjectFunctions(TemplateBuiltins &builtins);

} // namespace hubkeep
