// Home Assistant's filters of timestamps: timestamp_custom, timestamp_local, timestamp_utc.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/timeparsing.h"
#include "automation/template/pythontime.h"
#include "automation/template/valuetext.h"

#include <QTimeZone>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

// A number of seconds; Home Assistant takes no text here.
std::optional<TemplateTime> givenTime(const TemplateCall &call, bool local)
{
    const TemplateValue &value = call.value();
    if (!value.isNumber() && value.kind() != Kind::Boolean)
        return std::nullopt;
    return timeOf(value.toDouble(), local ? call.rendering().scope().zone : QTimeZone::utc());
}

TemplateValue timestampCustom(const TemplateCall &call)
{
    QString format = QStringLiteral("%Y-%m-%d %H:%M:%S");
    bool local = true;
    if (!call.read(1, format) || !call.readFlag(2, local))
        return {};
    const std::optional<TemplateTime> time = givenTime(call, local);
    if (!time)
        return defaultOr(call, 3, call.value());
    if (!call.rendering().allowText(format.size() * 16))
        return {};
    return strftime(*time, format);
}

TemplateValue timestampLocal(const TemplateCall &call)
{
    if (const std::optional<TemplateTime> time = givenTime(call, true))
        return isoFormat(*time, u'T');
    return defaultOr(call, 1, call.value());
}

TemplateValue timestampUtc(const TemplateCall &call)
{
    if (const std::optional<TemplateTime> time = givenTime(call, false))
        return isoFormat(*time, u'T');
    return defaultOr(call, 1, call.value());
}

constexpr TemplateBuiltin filters[] = {
    { "timestamp_custom", timestampCustom, "value date_format? local? default?" },
    { "timestamp_local", timestampLocal, "value default?" },
    { "timestamp_utc", timestampUtc, "value default?" },
};

} // namespace

void declareTimestamps(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
