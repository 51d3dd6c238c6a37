// JSON as Python's json.dumps() writes it, or as compact as Home Assistant does.
//
// On the rendering's thread.

#pragma once

#include "automation/core/result.h"
#include "automation/template/rendering.h"

namespace hubkeep::filters {

struct JsonLayout
{
    bool ascii = false; // other characters as \uxxxx
    bool sorted = false; // by key
    bool spaced = false; // a blank behind , and :
    qint64 indent = -1; // blanks for each level; less than 0: all in one line
};

// InvalidArgument, naming the type, for what JSON has no form for: sets, times, objects.
Result<QString> toJson(
    TemplateRendering &rendering, const TemplateValue &value, const JsonLayout &layout);

} // namespace hubkeep::filters
