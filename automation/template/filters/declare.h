// All filters, tests and functions that templates know, by the file that they are in.
//
// Each declares its own; declareBuiltins() calls them all.

#pragma once

namespace hubkeep {

class TemplateBuiltins;

namespace filters {

void declareText(TemplateBuiltins &builtins);
void declareLayout(TemplateBuiltins &builtins);
void declareHtml(TemplateBuiltins &builtins);
void declareLinks(TemplateBuiltins &builtins);
void declareLists(TemplateBuiltins &builtins);
void declareOrder(TemplateBuiltins &builtins);
void declareSelection(TemplateBuiltins &builtins);
void declareTests(TemplateBuiltins &builtins);
void declareCasts(TemplateBuiltins &builtins);
void declareMath(TemplateBuiltins &builtins);
void declareStatistics(TemplateBuiltins &builtins);
void declareJson(TemplateBuiltins &builtins);
void declareRegex(TemplateBuiltins &builtins);
void declareHashes(TemplateBuiltins &builtins);
void declareCollections(TemplateBuiltins &builtins);
void declareFunctional(TemplateBuiltins &builtins);
void declareTimes(TemplateBuiltins &builtins);
void declareTimestamps(TemplateBuiltins &builtins);
void declareStates(TemplateBuiltins &builtins);
void declareRegistries(TemplateBuiltins &builtins);

} // namespace filters

} // namespace hubkeep
