// Home Assistant's functions that make times: now, today_at, as_datetime, strptime, timedelta, …

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/timeparsing.h"

#include <QTimeZone>

#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

bool allowed(const TemplateCall &call)
{
    if (!call.rendering().scope().limited)
        return true;
    call.fail(
        QStringLiteral("cannot be used here, where a template sees neither states nor times"));
    return false;
}

QDateTime utcNow(const TemplateCall &call)
{
    call.rendering().readsTime();
    return call.rendering().now();
}

QDateTime localNow(const TemplateCall &call)
{
    return utcNow(call).toTimeZone(call.rendering().scope().zone);
}

TemplateValue now(const TemplateCall &call)
{
    return allowed(call) ? TemplateValue(localNow(call)) : TemplateValue();
}

TemplateValue utcnow(const TemplateCall &call)
{
    return allowed(call) ? TemplateValue(utcNow(call)) : TemplateValue();
}

TemplateValue todayAt(const TemplateCall &call)
{
    if (!allowed(call))
        return {};
    const QDate today = localNow(call).date();
    QTime time(0, 0);
    const QString text = call.has(0) ? textOf(call) : QString();
    if (!text.isEmpty()) {
        const std::optional<QTime> parsed = parseTimeOfDay(text);
        if (!parsed)
            return call.fail(
                QStringLiteral("%1 is no time of day, like '07:30'").arg(shortened(call.value())));
        time = *parsed;
    }
    TemplateTime naive { QDateTime(today, time, Qt::UTC) };
    naive.naive = true;
    return zoned(naive, call.rendering().scope().zone);
}

TemplateValue asDateTime(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    if (value.kind() == Kind::DateTime)
        return value;
    if (value.kind() == Kind::Date) {
        TemplateTime midnight;
        midnight.dateTime = QDateTime(value.date(), QTime(0, 0), Qt::UTC);
        midnight.naive = true;
        return midnight;
    }
    if (const std::optional<double> number = numberOf(call, value)) {
        if (const std::optional<TemplateTime> time = timeOf(*number, QTimeZone::utc()))
            return *time;
    }
    if (value.isString()) {
        if (const std::optional<TemplateTime> time = parseDateTime(value.string()))
            return *time;
        return call.has(1) ? call[1] : TemplateValue();
    }
    return defaultOr(call, 1, value);
}

TemplateValue asTimestamp(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    const QTimeZone &zone = call.rendering().scope().zone;
    if (value.kind() == Kind::DateTime)
        return double(microsecondsOf(value.time(), zone)) / 1e6;
    if (value.isString()) {
        if (const std::optional<TemplateTime> time = parseDateTime(value.string()))
            return double(microsecondsOf(*time, zone)) / 1e6;
    }
    if (value.kind() == Kind::Date)
        return double(QDateTime(value.date(), QTime(0, 0), zone).toMSecsSinceEpoch()) / 1e3;
    return defaultOr(call, 1, value);
}

TemplateValue asLocal(const TemplateCall &call)
{
    const TemplateValue &value = call.value();
    if (value.kind() != Kind::DateTime)
        return call.fail(QStringLiteral("expects a time, not %1").arg(shortened(value)));
    const QTimeZone &zone = call.rendering().scope().zone;
    TemplateTime local = value.time();
    local.dateTime = zoned(local, zone).toTimeZone(zone);
    local.naive = false;
    return local;
}

TemplateValue asTimedelta(const TemplateCall &call)
{
    if (!wantString(call))
        return {};
    const std::optional<std::chrono::microseconds> duration = parseDuration(call.value().string());
    return duration ? TemplateValue(*duration) : TemplateValue();
}

TemplateValue strptime(const TemplateCall &call)
{
    QString problem;
    if (call[0].isString() && call[1].isString()) {
        if (const std::optional<TemplateTime> time
            = parseByFormat(call[0].string(), call[1].string(), &problem))
            return *time;
    }
    if (!problem.isEmpty() && !call.has(2))
        return call.fail(problem);
    return defaultOr(call, 2, call.value());
}

TemplateValue timedelta(const TemplateCall &call)
{
    static constexpr double units[] = { 86400e6, 1e6, 1, 1e3, 60e6, 3600e6, 7 * 86400e6 };
    double total = 0;
    qint64 whole = 0;
    for (size_t i = 0; i < std::size(units); ++i) {
        if (!call.has(i))
            continue;
        double number = 0;
        if (!call.read(i, number))
            return {};
        const double microseconds = number * units[i];
        if (!(std::fabs(microseconds) < 4e18))
            return call.fail(QStringLiteral("%1 is too long").arg(shortened(call[i])));
        if (call[i].kind() == Kind::Float) {
            const double floor = std::floor(microseconds);
            whole += qint64(floor);
            total += microseconds - floor;
        } else if (__builtin_add_overflow(whole, qint64(microseconds), &whole)) {
            return call.fail(QStringLiteral("the durations together are too long"));
        }
    }
    return std::chrono::microseconds(whole + qint64(std::nearbyint(total)));
}

// ---- How long ago -------------------------------------------------------------------------------

QString counted(qint64 number, const char *unit)
{
    return QStringLiteral("%1 %2%3").arg(number).arg(
        QLatin1String(unit), number == 1 ? QLatin1String("") : QLatin1String("s"));
}

// "2 days 3 hours": the largest units, so many, the last one rounded.
QString inWords(double seconds, qint64 precision)
{
    static constexpr std::pair<const char *, double> units[]
        = { { "year", 365 * 86400 }, { "month", 30 * 86400 }, { "day", 86400 }, { "hour", 3600 },
              { "minute", 60 }, { "second", 1 } };
    if (seconds == 0)
        return QStringLiteral("0 seconds");
    QString words;
    qint64 used = 0;
    for (const auto &[unit, size] : units) {
        if (seconds < size)
            continue;
        if (++used == precision)
            return words + counted(qint64(std::nearbyint(seconds / size)), unit);
        const double whole = std::floor(seconds / size);
        words += counted(qint64(whole), unit) + u' ';
        seconds -= whole * size;
    }
    while (words.endsWith(u' '))
        words.chop(1);
    return words;
}

// sign: 1 for what is past, -1 for what is to come; what is not is given back as it is.
TemplateValue distance(const TemplateCall &call, int sign, qint64 precision)
{
    if (!allowed(call))
        return {};
    const QDateTime now = utcNow(call);
    if (call.value().kind() != Kind::DateTime)
        return call.value();
    const QTimeZone &zone = call.rendering().scope().zone;
    const qint64 elapsed
        = sign * (now.toMSecsSinceEpoch() * 1000 - microsecondsOf(call.value().time(), zone));
    if (elapsed < 0) {
        TemplateTime same = call.value().time();
        same.dateTime = zoned(same, zone);
        same.naive = false;
        return same;
    }
    return inWords(double(elapsed) / 1e6, precision);
}

TemplateValue relativeTime(const TemplateCall &call)
{
    return distance(call, 1, 1);
}

TemplateValue timeSince(const TemplateCall &call)
{
    qint64 precision = 1;
    return call.read(1, precision) ? distance(call, 1, precision) : TemplateValue();
}

TemplateValue timeUntil(const TemplateCall &call)
{
    qint64 precision = 1;
    return call.read(1, precision) ? distance(call, -1, precision) : TemplateValue();
}

constexpr TemplateBuiltin both[] = {
    { "as_datetime", asDateTime, "value default?" },
    { "as_local", asLocal, "value" },
    { "as_timedelta", asTimedelta, "value" },
    { "as_timestamp", asTimestamp, "value default?" },
    { "relative_time", relativeTime, "value" },
    { "time_since", timeSince, "value precision?" },
    { "time_until", timeUntil, "value precision?" },
    { "today_at", todayAt, "time_str?" },
};

constexpr TemplateBuiltin functions[] = {
    { "now", now, "" },
    { "strptime", strptime, "string fmt default?" },
    { "timedelta", timedelta, "days? seconds? microseconds? milliseconds? minutes? hours? weeks?" },
    { "utcnow", utcnow, "" },
};

} // namespace

void declareTimes(TemplateBuiltins &builtins)
{
    builtins.addFilters(both);
    builtins.addFunctions(both);
    builtins.addFunctions(functions);
}

} // namespace hubkeep::filters
