// JSON in and out, in the order in which it is written.
//
// Functions of plain values; any thread.

#pragma once

#include "automation/template/templatevalue.h"

namespace hubkeep {

struct JsonStyle
{
    bool pretty = false; // two blanks a level
    bool sorted = false; // by key
    bool ascii = false; // other characters as \uxxxx
};

// Times are ISO 8601, objects their text; what is no number in JSON is null.
QString writeJson(const TemplateValue &value, const JsonStyle &style = {});

// InvalidArgument with the place in characters. Numbers beyond 64 bits are floats; the last of
// equal keys counts.
Result<TemplateValue> readJson(const QByteArray &json);

} // namespace hubkeep
