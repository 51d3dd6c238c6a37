#include "automation/template/filters/timeparsing.h"

#include <QRegularExpression>
#include <QTimeZone>

#include <cmath>

namespace hubkeep::filters {
namespace {

QRegularExpression pattern(const char *text)
{
    return QRegularExpression(QRegularExpression::anchoredPattern(QString::fromLatin1(text)));
}

// Seconds east of Greenwich; 0 for nothing and Z.
int offsetSeconds(QStringView text)
{
    if (text.isEmpty() || text == u"Z" || text == u"z")
        return 0;
    const int sign = text[0] == u'-' ? -1 : 1;
    const int hours = text.sliced(1, 2).toInt();
    const int minutes = text.size() > 3 ? text.last(2).toInt() : 0;
    return sign * (hours * 3600 + minutes * 60);
}

// The digits behind a decimal point as microseconds; further ones are cut off.
int fractionMicroseconds(QStringView digits)
{
    return digits.left(6).toString().leftJustified(6, u'0').toInt();
}

std::optional<TemplateTime> assembled(QDate date, QTime time, int microseconds, QStringView zone)
{
    if (!date.isValid() || !time.isValid() || date.year() < 1 || date.year() > 9999)
        return std::nullopt;
    const int offset = offsetSeconds(zone);
    if (std::abs(offset) >= 24 * 3600)
        return std::nullopt;
    time = time.addMSecs(microseconds / 1000);
    TemplateTime result;
    result.dateTime = offset == 0 ? QDateTime(date, time, Qt::UTC)
                                  : QDateTime(date, time, Qt::OffsetFromUTC, offset);
    result.microseconds = microseconds % 1000;
    result.naive = zone.isEmpty();
    return result;
}

std::optional<TemplateTime> assembled(const QRegularExpressionMatch &match)
{
    const auto number = [&](const char *name, int otherwise) {
        const QString text = match.captured(QLatin1String(name));
        return text.isEmpty() ? otherwise : text.toInt();
    };
    return assembled(QDate(number("year", 0), number("month", 1), number("day", 1)),
        QTime(number("hour", 0), number("minute", 0), number("second", 0)),
        fractionMicroseconds(match.capturedView(QStringLiteral("fraction"))),
        match.capturedView(QStringLiteral("zone")));
}

} // namespace

std::optional<TemplateTime> parseDateTime(const QString &text)
{
    static const QRegularExpression usual
        = pattern("(?<year>\\d{4})-(?<month>\\d{1,2})(?:-(?<day>\\d{1,2})"
                  "(?:[T ](?<hour>\\d{1,2})(?::(?<minute>\\d{1,2})(?::(?<second>\\d{1,2})"
                  "(?:[.,](?<fraction>\\d{1,12}))?)?)?(?<zone>[Zz]|[+-]\\d\\d(?::?\\d\\d)?)?)?)?");
    static const QRegularExpression compact
        = pattern("(?<year>\\d{4})(?<month>\\d\\d)(?<day>\\d\\d)"
                  "(?:[T ](?<hour>\\d\\d)(?:(?<minute>\\d\\d)(?:(?<second>\\d\\d)"
                  "(?:[.,](?<fraction>\\d{1,12}))?)?)?(?<zone>[Zz]|[+-]\\d\\d(?::?\\d\\d)?)?)?");
    if (text.size() > 64)
        return std::nullopt;
    if (const QRegularExpressionMatch match = usual.match(text); match.hasMatch())
        return assembled(match);
    if (const QRegularExpressionMatch match = compact.match(text); match.hasMatch())
        return assembled(match);
    return std::nullopt;
}

std::optional<QTime> parseTimeOfDay(const QString &text)
{
    const QStringList parts = text.split(u':');
    if (parts.size() < 2)
        return std::nullopt;
    int numbers[3] = { 0, 0, 0 };
    for (qsizetype i = 0; i < std::min<qsizetype>(3, parts.size()); ++i) {
        bool ok = false;
        numbers[i] = parts[i].trimmed().toInt(&ok);
        if (!ok)
            return std::nullopt;
    }
    const QTime time(numbers[0], numbers[1], numbers[2]);
    return time.isValid() ? std::optional(time) : std::nullopt;
}

std::optional<std::chrono::microseconds> parseDuration(const QString &text)
{
    static const QRegularExpression clock
        = pattern("(?:(?<days>-?\\d+) (?:days? ?,? ?)?)?(?<sign>[-+]?)"
                  "(?:(?:(?<hours>\\d+):(?=\\d+:\\d+))?(?:(?<minutes>\\d+):)?"
                  "(?<seconds>\\d+(?:\\.\\d{1,12})?))");
    static const QRegularExpression iso = pattern(
        "(?<sign>[-+]?)P(?:(?<days>\\d+(?:\\.\\d+)?)D)?(?:T(?:(?<hours>\\d+(?:\\.\\d+)?)H)?"
        "(?:(?<minutes>\\d+(?:\\.\\d+)?)M)?(?:(?<seconds>\\d+(?:\\.\\d+)?)S)?)?");
    if (text.size() > 64)
        return std::nullopt;
    const bool isIso = text.contains(u'P');
    const QRegularExpressionMatch match = (isIso ? iso : clock).match(text);
    if (!match.hasMatch())
        return std::nullopt;
    const auto number
        = [&](const char *name) { return match.captured(QLatin1String(name)).toDouble(); };
    const double sign = match.captured(QStringLiteral("sign")) == u"-" ? -1 : 1;
    const double days = number("days") * 86400 * (isIso ? sign : 1);
    const double rest = number("hours") * 3600 + number("minutes") * 60 + number("seconds");
    const double total = (days + sign * rest) * 1e6;
    if (!(std::fabs(total) < 9e18))
        return std::nullopt;
    return std::chrono::microseconds(std::llround(total));
}

QDateTime zoned(const TemplateTime &time, const QTimeZone &zone)
{
    if (!time.naive)
        return time.dateTime;
    // Of an hour that comes twice the first; an hour that is missing goes by the clock before it.
    const qint64 wall = time.dateTime.toMSecsSinceEpoch();
    const auto offsetAt = [&](qint64 utc) {
        return zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(utc, Qt::UTC)) * qint64(1000);
    };
    constexpr qint64 day = 86'400'000;
    const qint64 before = wall - offsetAt(wall - day);
    const qint64 after = wall - offsetAt(wall + day);
    const bool isAfter = wall - offsetAt(before) != before && wall - offsetAt(after) == after;
    const qint64 utc = isAfter ? after : before;
    return QDateTime::fromMSecsSinceEpoch(utc, Qt::UTC).toTimeZone(zone);
}

qint64 microsecondsOf(const TemplateTime &time, const QTimeZone &zone)
{
    return zoned(time, zone).toMSecsSinceEpoch() * 1000 + time.microseconds;
}

std::optional<TemplateTime> timeOf(double timestamp, const QTimeZone &zone)
{
    if (!(timestamp >= -62135596800.0 && timestamp < 253402300800.0))
        return std::nullopt;
    double seconds = std::floor(timestamp);
    double microseconds = std::nearbyint((timestamp - seconds) * 1e6);
    if (microseconds >= 1e6) {
        seconds += 1;
        microseconds -= 1e6;
    }
    const int within = int(microseconds);
    TemplateTime time;
    time.dateTime = QDateTime::fromMSecsSinceEpoch(qint64(seconds) * 1000 + within / 1000, Qt::UTC);
    if (zone != QTimeZone::utc())
        time.dateTime = time.dateTime.toTimeZone(zone);
    time.microseconds = within % 1000;
    return time;
}

} // namespace hubkeep::filters
