#include "automation/core/localtime.h"

#include <QRegularExpression>

#include <algorithm>

namespace hubkeep {
namespace {

qint64 offsetAt(const QTimeZone &zone, qint64 second)
{
    return zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(second, Qt::UTC));
}

// The first second of the jump over this time: between from, which is before it, and to.
qint64 jumpOver(const QTimeZone &zone, qint64 wall, qint64 from, qint64 to)
{
    while (to - from > 1) {
        const qint64 middle = from + (to - from) / 2;
        (middle + offsetAt(zone, middle) < wall ? from : to) = middle;
    }
    return to;
}

} // namespace

QDateTime momentOf(const QTimeZone &zone, const QDate &date, const QTime &time)
{
    constexpr qint64 day = 86'400;
    const QDateTime shown(date, time, Qt::UTC);
    const qint64 wall = shown.toSecsSinceEpoch();
    // More than a day apart from the moment, whatever the zone: no change of the clock is missed.
    const qint64 before = offsetAt(zone, wall - day);
    const qint64 after = offsetAt(zone, wall + day);
    qint64 second = wall - std::max(before, after); // the earlier one
    if (second + offsetAt(zone, second) != wall) {
        const qint64 later = wall - std::min(before, after);
        second = later + offsetAt(zone, later) == wall ? later
                                                       : jumpOver(zone, wall, second - 1, later);
    }
    return QDateTime::fromMSecsSinceEpoch(second * 1000 + time.msec(), Qt::UTC);
}

QDateTime nextTimeOfDay(const QTimeZone &zone, const QTime &time, const QDateTime &after)
{
    const QDate today = after.toTimeZone(zone).date();
    for (int days = -1; days < 3; ++days) {
        const QDateTime moment = momentOf(zone, today.addDays(days), time);
        if (moment > after)
            return moment;
    }
    return {};
}

bool isRepeated(const QTimeZone &zone, const QDateTime &moment)
{
    const QDateTime local = moment.toTimeZone(zone);
    return momentOf(zone, local.date(), local.time()) < moment;
}

std::optional<QTime> timeOfDay(const QString &text)
{
    static const QRegularExpression pattern(
        QStringLiteral("\\A\\s*(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.\\d+)?)?\\s*\\z"));
    const QRegularExpressionMatch match = pattern.match(text);
    if (!match.hasMatch())
        return {};
    const QTime time(
        match.captured(1).toInt(), match.captured(2).toInt(), match.captured(3).toInt());
    return time.isValid() ? std::optional(time) : std::nullopt;
}

std::optional<QDateTime> momentFromText(const QString &text, const QTimeZone &zone)
{
    QString iso = text.trimmed();
    if (iso.size() > 10 && iso[10] == u' ')
        iso[10] = u'T';
    // Qt reads milliseconds, others write microseconds.
    static const QRegularExpression fraction(QStringLiteral("(\\.\\d{3})\\d+"));
    iso.replace(fraction, QStringLiteral("\\1"));
    const QDateTime read = QDateTime::fromString(iso, Qt::ISODateWithMs);
    if (!read.isValid())
        return {};
    if (read.timeSpec() == Qt::LocalTime) // nothing was said
        return momentOf(zone, read.date(), read.time());
    return read.toUTC();
}

QStringList weekdayNames()
{
    return { QStringLiteral("mon"), QStringLiteral("tue"), QStringLiteral("wed"),
        QStringLiteral("thu"), QStringLiteral("fri"), QStringLiteral("sat"),
        QStringLiteral("sun") };
}

QString weekdayOf(const QTimeZone &zone, const QDateTime &moment)
{
    return weekdayNames().at(moment.toTimeZone(zone).date().dayOfWeek() - 1);
}

} // namespace hubkeep
