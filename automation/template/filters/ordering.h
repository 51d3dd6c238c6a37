// Sorting and choosing by Python's <, which may fail: then so has the rendering, and the order
// means nothing.
//
// For the files of this folder; on the rendering's thread.

#pragma once

#include "automation/template/filters/arguments.h"

namespace hubkeep::filters {

struct Keyed
{
    TemplateValue key; // what is compared
    TemplateValue item;
};

// Equal ones stay in their order, also in reverse.
void sortKeyed(TemplateRendering &rendering, std::vector<Keyed> &keyed, bool reverse);
TemplateValue::Items sorted(TemplateRendering &rendering, std::vector<Keyed> keyed, bool reverse);

struct Extreme
{
    bool largest = false;
    bool caseSensitive = false;
    AttributePath path {};
};
// Undefined where there is no item.
TemplateValue extremeOf(
    TemplateRendering &rendering, const TemplateValue &values, const Extreme &extreme);

} // namespace hubkeep::filters
