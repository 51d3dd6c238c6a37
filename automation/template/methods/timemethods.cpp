// Of datetime, date, time and timedelta.

#include "automation/template/methods/methods.h"
#include "automation/template/pythontime.h"
#include "automation/template/valuetext.h"

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;

QDate dateOf(const TemplateValue &value)
{
    return value.kind() == Kind::Date ? value.date() : value.time().dateTime.date();
}

TemplateValue weekday(const TemplateCall &call)
{
    return dateOf(call[0]).dayOfWeek() - 1;
}

TemplateValue isoWeekday(const TemplateCall &call)
{
    return dateOf(call[0]).dayOfWeek();
}

TemplateValue ordinal(const TemplateCall &call)
{
    constexpr qint64 dayBeforeYearOne = 1'721'425;
    return dateOf(call[0]).toJulianDay() - dayBeforeYearOne;
}

TemplateValue isoCalendar(const TemplateCall &call)
{
    int year = 0;
    const int week = dateOf(call[0]).weekNumber(&year);
    return TemplateValue::tuple({ year, week, dateOf(call[0]).dayOfWeek() });
}

// The microseconds as one of isoformat's timespecs has them; false where there is no such.
bool cut(const TemplateCall &call, const QString &spec, int microseconds, QString &text)
{
    // text is "…HH:MM:SS" without fraction.
    const QString all = QString::number(microseconds).rightJustified(6, u'0');
    if (spec == u"hours")
        text.chop(6);
    else if (spec == u"minutes")
        text.chop(3);
    else if (spec == u"milliseconds")
        text += u'.' + all.left(3);
    else if (spec == u"microseconds" || (spec == u"auto" && microseconds != 0))
        text += u'.' + all;
    else if (spec != u"seconds" && spec != u"auto") {
        call.fail(QStringLiteral("unknown timespec '%1'").arg(spec));
        return false;
    }
    return true;
}

TemplateValue isoOfDateTime(const TemplateCall &call)
{
    QString separator = QStringLiteral("T");
    QString spec = QStringLiteral("auto");
    if (!call.read(1, separator) || !call.read(2, spec))
        return {};
    if (separator.size() != 1)
        return call.fail(QStringLiteral("the separator must be one character"));
    const TemplateTime &time = call[0].time();
    const QTime clock = time.dateTime.time();
    QString text = time.dateTime.date().toString(QStringLiteral("yyyy-MM-dd")) + separator
        + clock.toString(QStringLiteral("HH:mm:ss"));
    if (!cut(call, spec, clock.msec() * 1000 + time.microseconds, text))
        return {};
    return time.naive ? text : text + offsetText(time.dateTime.offsetFromUtc());
}

TemplateValue isoOfDate(const TemplateCall &call)
{
    return call[0].toText();
}

TemplateValue isoOfTime(const TemplateCall &call)
{
    QString spec = QStringLiteral("auto");
    if (!call.read(1, spec))
        return {};
    const QTime clock = call[0].timeOfDay();
    QString text = clock.toString(QStringLiteral("HH:mm:ss"));
    return cut(call, spec, clock.msec() * 1000, text) ? TemplateValue(text) : TemplateValue();
}

TemplateValue formatted(const TemplateCall &call)
{
    QString format;
    if (!call.read(1, format) || !call.rendering().allowText(format.size() * 32))
        return {};
    switch (call[0].kind()) {
    case Kind::Date:
        return strftime(call[0].date(), format);
    case Kind::Time:
        return strftime(call[0].timeOfDay(), format);
    default:
        return strftime(call[0].time(), format);
    }
}

TemplateValue timestamp(const TemplateCall &call)
{
    return secondsSinceEpoch(call[0].time(), call.rendering().scope().zone);
}

TemplateValue dateOfDateTime(const TemplateCall &call)
{
    return dateOf(call[0]);
}

TemplateValue timeOfDateTime(const TemplateCall &call)
{
    return call[0].time().dateTime.time();
}

// The fields that replace() names, as they are now and are to be.
bool readFields(const TemplateCall &call, std::initializer_list<qint64 *> fields)
{
    size_t index = 1;
    for (qint64 *field : fields) {
        if (!call.read(index++, *field))
            return false;
    }
    return true;
}

bool readDate(const TemplateCall &call, qint64 year, qint64 month, qint64 day, QDate &date)
{
    date = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31
        ? QDate(int(year), int(month), int(day))
        : QDate();
    if (!date.isValid())
        call.fail(QStringLiteral("there is no such day: %1-%2-%3").arg(year).arg(month).arg(day));
    return date.isValid();
}

bool readClock(const TemplateCall &call, qint64 hour, qint64 minute, qint64 second,
    qint64 microsecond, QTime &time)
{
    const bool fits = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0
        && second < 60 && microsecond >= 0 && microsecond < 1'000'000;
    if (!fits) {
        call.fail(QStringLiteral("there is no such time: %1:%2:%3, %4 microseconds")
                      .arg(hour)
                      .arg(minute)
                      .arg(second)
                      .arg(microsecond));
        return false;
    }
    time = QTime(int(hour), int(minute), int(second), int(microsecond / 1000));
    return true;
}

TemplateValue replaceInDateTime(const TemplateCall &call)
{
    TemplateTime time = call[0].time();
    const QDate was = time.dateTime.date();
    const QTime wasClock = time.dateTime.time();
    qint64 year = was.year(), month = was.month(), day = was.day();
    qint64 hour = wasClock.hour(), minute = wasClock.minute(), second = wasClock.second();
    qint64 microsecond = wasClock.msec() * 1000 + time.microseconds;
    QDate date;
    QTime clock;
    if (!readFields(call, { &year, &month, &day, &hour, &minute, &second, &microsecond })
        || !readDate(call, year, month, day, date)
        || !readClock(call, hour, minute, second, microsecond, clock))
        return {};
    if (call.has(8)) { // tzinfo
        if (!call[8].isNone())
            return call.fail(QStringLiteral("tzinfo can only be none here; use as_local"));
        time.naive = true;
        time.dateTime = QDateTime(date, clock, Qt::UTC);
    } else {
        time.dateTime.setDate(date);
        time.dateTime.setTime(clock);
    }
    time.microseconds = int(microsecond % 1000);
    return time;
}

TemplateValue replaceInDate(const TemplateCall &call)
{
    const QDate was = call[0].date();
    qint64 year = was.year(), month = was.month(), day = was.day();
    QDate date;
    if (!readFields(call, { &year, &month, &day }) || !readDate(call, year, month, day, date))
        return {};
    return date;
}

TemplateValue replaceInTime(const TemplateCall &call)
{
    const QTime was = call[0].timeOfDay();
    qint64 hour = was.hour(), minute = was.minute(), second = was.second();
    qint64 microsecond = was.msec() * 1000;
    QTime time;
    if (!readFields(call, { &hour, &minute, &second, &microsecond })
        || !readClock(call, hour, minute, second, microsecond, time))
        return {};
    return time;
}

TemplateValue asTimeZone(const TemplateCall &call)
{
    TemplateTime time = call[0].time();
    const QTimeZone &local = call.rendering().scope().zone;
    if (time.naive)
        time.dateTime = QDateTime(time.dateTime.date(), time.dateTime.time(), local);
    if (!call.has(1) || call[1].isNone()) {
        time.dateTime = time.dateTime.toTimeZone(local);
    } else if (call[1].isString() && QTimeZone(call[1].string().toUtf8()).isValid()) {
        time.dateTime = time.dateTime.toTimeZone(QTimeZone(call[1].string().toUtf8()));
    } else {
        return call.fail(QStringLiteral("there is no time zone %1").arg(call[1].toLiteral()));
    }
    time.naive = false;
    return time;
}

TemplateValue utcOffset(const TemplateCall &call)
{
    const TemplateTime &time = call[0].time();
    if (time.naive)
        return {};
    return std::chrono::microseconds(qint64(time.dateTime.offsetFromUtc()) * 1'000'000);
}

TemplateValue daylightSaving(const TemplateCall &call)
{
    const TemplateTime &time = call[0].time();
    if (time.naive || time.dateTime.timeSpec() != Qt::TimeZone)
        return {};
    const int seconds = time.dateTime.timeZone().daylightTimeOffset(time.dateTime);
    return std::chrono::microseconds(qint64(seconds) * 1'000'000);
}

TemplateValue zone(const TemplateCall &call)
{
    return call[0].time().naive ? TemplateValue() : TemplateValue(zoneName(call[0].time()));
}

TemplateValue written(const TemplateCall &call)
{
    const QString format = QStringLiteral("%a %b %e %H:%M:%S %Y");
    return call[0].kind() == Kind::Date ? strftime(call[0].date(), format)
                                        : strftime(call[0].time(), format);
}

TemplateValue totalSeconds(const TemplateCall &call)
{
    return double(call[0].toInteger()) / 1e6;
}

constexpr TemplateBuiltin ofDateTimes[] = {
    { "astimezone", asTimeZone, "time tz?" },
    { "ctime", written, "time" },
    { "date", dateOfDateTime, "time" },
    { "dst", daylightSaving, "time" },
    { "isocalendar", isoCalendar, "time" },
    { "isoformat", isoOfDateTime, "time sep? timespec?" },
    { "isoweekday", isoWeekday, "time" },
    { "replace", replaceInDateTime,
        "time year? month? day? hour? minute? second? microsecond? tzinfo?" },
    { "strftime", formatted, "time format" },
    { "time", timeOfDateTime, "time" },
    { "timestamp", timestamp, "time" },
    { "toordinal", ordinal, "time" },
    { "tzname", zone, "time" },
    { "utcoffset", utcOffset, "time" },
    { "weekday", weekday, "time" },
};

constexpr TemplateBuiltin ofDates[] = {
    { "ctime", written, "date" },
    { "isocalendar", isoCalendar, "date" },
    { "isoformat", isoOfDate, "date" },
    { "isoweekday", isoWeekday, "date" },
    { "replace", replaceInDate, "date year? month? day?" },
    { "strftime", formatted, "date format" },
    { "toordinal", ordinal, "date" },
    { "weekday", weekday, "date" },
};

constexpr TemplateBuiltin ofTimes[] = {
    { "isoformat", isoOfTime, "time timespec?" },
    { "replace", replaceInTime, "time hour? minute? second? microsecond?" },
    { "strftime", formatted, "time format" },
};

constexpr TemplateBuiltin ofDurations[] = {
    { "total_seconds", totalSeconds, "duration" },
};

} // namespace

std::span<const TemplateBuiltin> dateTimeMethods()
{
    return ofDateTimes;
}

std::span<const TemplateBuiltin> dateMethods()
{
    return ofDates;
}

std::span<const TemplateBuiltin> timeMethods()
{
    return ofTimes;
}

std::span<const TemplateBuiltin> durationMethods()
{
    return ofDurations;
}

} // namespace hubkeep::templates
