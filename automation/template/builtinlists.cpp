#include "automation/template/builtinlists.h"

#include "automation/template/filters/declare.h"

namespace hubkeep {

// One line for each file.
void declareBuiltins(TemplateBuiltins &builtins)
{
    declareObjectFunctions(builtins);
    filters::declareText(builtins);
    filters::declareLayout(builtins);
    filters::declareHtml(builtins);
    filters::declareLinks(builtins);
    filters::declareLists(builtins);
    filters::declareOrder(builtins);
    filters::declareSelection(builtins);
    filters::declareTests(builtins);
    filters::declareCasts(builtins);
    filters::declareMath(builtins);
    filters::declareStatistics(builtins);
    filters::declareJson(builtins);
    filters::declareRegex(builtins);
    filters::declareHashes(builtins);
    filters::declareCollections(builtins);
    filters::declareFunctional(builtins);
    filters::declareTimes(builtins);
    filters::declareTimestamps(builtins);
    filters::declareStates(builtins);
    filters::declareRegistries(builtins);
}

} // namespace hubkeep
