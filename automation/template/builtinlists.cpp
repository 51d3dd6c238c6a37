#include "automation/template/builtinlists.h"

namespace hubkeep {

// One line for each file.
void declareBuiltins(TemplateBuiltins &builtins)
{
    declareObjectFunctions(builtins);
}

} // namespace hubkeep
