// Reads times as Home Assistant and Python do.
//
// Functions of plain values; any thread.

#pragma once

#include "automation/template/templatevalue.h"

#include <optional>

namespace hubkeep::filters {

// ISO 8601 in its usual forms, "2026-04-13T14:25:30.5+02:00", "2026-4-13 14:25", "2026-04-13",
// "20260413T142530Z". Naive where it says no zone.
std::optional<TemplateTime> parseDateTime(const QString &text);
// "7:30", "07:30:15".
std::optional<QTime> parseTimeOfDay(const QString &text);
// "PT10M", "1 12:30:00", "3 days 04:05:06", "-00:30:00", "45".
std::optional<std::chrono::microseconds> parseDuration(const QString &text);

// Python's datetime.strptime(). Naive but for %z. Nothing where text does not fit; problem says so
// where the format is wrong.
std::optional<TemplateTime> parseByFormat(
    const QString &text, const QString &format, QString *problem);

// In whole microseconds since 1970; a naive time is taken as one of the zone.
qint64 microsecondsOf(const TemplateTime &time, const QTimeZone &zone);
// The point of time of a naive one in the zone; others as they are.
QDateTime zoned(const TemplateTime &time, const QTimeZone &zone);
// Nothing outside of the years 1 to 9999.
std::optional<TemplateTime> timeOf(double timestamp, const QTimeZone &zone);

} // namespace hubkeep::filters
