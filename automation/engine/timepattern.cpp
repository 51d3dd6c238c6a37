#include "automation/engine/timepattern.h"

#include "automation/core/localtime.h"

#include <QRegularExpression>

#include <algorithm>

namespace hubkeep::automation {
namespace {

// Zones change their offset at full quarters of an hour.
constexpr qint64 quarter = 900;

} // namespace

std::optional<TimePattern::Matches> TimePattern::parse(const QString &text, int most)
{
    static const QRegularExpression pattern(QStringLiteral("\\A(?:\\*|(/?)(\\d{1,4}))\\z"));
    const QRegularExpressionMatch match = pattern.match(text.trimmed());
    if (!match.hasMatch())
        return {};
    Matches matches;
    if (match.captured(2).isEmpty())
        return matches.set();
    const int number = match.captured(2).toInt();
    if (match.captured(1).isEmpty())
        return number <= most ? std::optional(matches.set(size_t(number))) : std::nullopt;
    if (number == 0)
        return {};
    for (int i = 0; i <= most; i += number)
        matches.set(size_t(i));
    return matches;
}

TimePattern::TimePattern(
    std::optional<Matches> hours, const Matches &minutes, const Matches &seconds)
    : m_hasHours(hours.has_value())
    , m_hours(hours.value_or(Matches().set()))
    , m_minutes(minutes)
    , m_seconds(seconds)
{
}

std::optional<qint64> TimePattern::firstWithin(qint64 from, qint64 to) const
{
    if (from < 0) // a clock that was never set, west of Greenwich
        return {};
    for (qint64 minute = from / 60; minute * 60 < to; ++minute) {
        if (!m_hours[size_t(minute / 60 % 24)] || !m_minutes[size_t(minute % 60)])
            continue;
        for (qint64 second = std::max(from, minute * 60); second < std::min(to, minute * 60 + 60);
             ++second) {
            if (m_seconds[size_t(second % 60)])
                return second;
        }
    }
    return {};
}

QDateTime TimePattern::next(const QTimeZone &zone, const QDateTime &after) const
{
    const auto offset = [&](qint64 second) {
        return zone.offsetFromUtc(QDateTime::fromSecsSinceEpoch(second, Qt::UTC));
    };
    const qint64 start = after.toSecsSinceEpoch() + 1; // also of what has milliseconds
    qint64 here = start;
    while (here < start + 2 * 86'400 + quarter) {
        const qint64 end = (here / quarter + 1) * quarter;
        const qint64 now = offset(here);
        const qint64 before = here % quarter == 0 ? offset(here - 1) : now;
        if (m_hasHours && now > before && firstWithin(here + before, here + now))
            return QDateTime::fromSecsSinceEpoch(here, Qt::UTC);
        if (const auto found = firstWithin(here + now, end + now)) {
            const QDateTime moment = QDateTime::fromSecsSinceEpoch(*found - now, Qt::UTC);
            if (!m_hasHours || !isRepeated(zone, moment))
                return moment;
        }
        here = end;
    }
    return {};
}

} // namespace hubkeep::automation
