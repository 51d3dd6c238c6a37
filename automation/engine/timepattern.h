// The moments that time_pattern means: hours, minutes and seconds of the clock on the wall.
//
// In an hour that comes twice, a pattern with hours of its own counts once; one without goes on.
// What a pattern with hours finds in an hour that is left out comes when the clock jumps over it.
//
// Plain value; any thread.

#pragma once

#include <QDateTime>
#include <QString>
#include <QTimeZone>

#include <bitset>
#include <optional>

namespace hubkeep::automation {

class TimePattern
{
public:
    using Matches = std::bitset<60>;

    // "5", "/10" or "*"; nothing where text is none of them, or too large. Steps may be as large
    // as they like: "/60" is 0.
    static std::optional<Matches> parse(const QString &text, int most);

    // Without hours, every hour; every minute and second that is given as nothing.
    TimePattern(std::optional<Matches> hours, const Matches &minutes, const Matches &seconds);

    // The first moment later than after, UTC. Invalid where there is none within two days.
    QDateTime next(const QTimeZone &zone, const QDateTime &after) const;

private:
    // The first second of the day from `from` on that is before `to`, wall time.
    std::optional<qint64> firstWithin(qint64 from, qint64 to) const;

    bool m_hasHours;
    Matches m_hours;
    Matches m_minutes;
    Matches m_seconds;
};

} // namespace hubkeep::automation
