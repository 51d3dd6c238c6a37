// How texts for people are put together.
//
// Pure functions; any thread.

#pragma once

#include <QDateTime>
#include <QString>
#include <QTimeZone>

#include <chrono>

namespace hubkeep::backup {

// With an end: errors have none where they are, and some bring one of their own.
QString asSentence(const QString &text);

// "1 file", "2 files"; what has another plural gives it.
QString countText(qint64 count, const char *one, const char *many = nullptr);
QString sizeText(qint64 bytes); // "1.2 MiB"
QString timeText(std::chrono::seconds time); // "30 minutes", "1 hour", "26 hours", "3 days"
QString momentText(const QDateTime &moment, const QTimeZone &zone); // "2026-04-14 04:45 CEST"

} // namespace hubkeep::backup
