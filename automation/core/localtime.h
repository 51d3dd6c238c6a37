// The times that a clock on the wall shows, as moments, over changes to and from summer time.
//
// A time that a day does not have is the moment at which the clock jumps over it; of one that it
// has twice it is the first. All moments are UTC.
//
// Any thread.

#pragma once

#include <QDateTime>
#include <QString>
#include <QStringList>
#include <QTimeZone>

#include <optional>

namespace hubkeep {

QDateTime momentOf(const QTimeZone &zone, const QDate &date, const QTime &time);

// The first moment later than `after` at which the clock shows time.
QDateTime nextTimeOfDay(const QTimeZone &zone, const QTime &time, const QDateTime &after);

// Whether the clock shows at this moment what it has shown before: the second 02:30.
bool isRepeated(const QTimeZone &zone, const QDateTime &moment);

// "7:30", "07:30:00"; nothing where text is no time.
std::optional<QTime> timeOfDay(const QString &text);

// "2026-04-13T14:25:30+02:00", "2026-04-13 14:25:30", "2026-04-13"; what has no zone is in this.
std::optional<QDateTime> momentFromText(const QString &text, const QTimeZone &zone);

QStringList weekdayNames(); // "mon" to "sun"
QString weekdayOf(const QTimeZone &zone, const QDateTime &moment);

} // namespace hubkeep
