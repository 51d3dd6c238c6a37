// What rclone writes to its standard error, one JSON object a line, and what it means.
//
// Plain values; any thread.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace hubkeep::rclone {

// Keeps the last error of what comes in pieces.
class RcloneLog
{
public:
    // The bytes transferred until now, where bytes has a line that says it.
    std::optional<qint64> add(const QByteArray &bytes);

    QString lastError() const; // empty: it complained about nothing

private:
    std::optional<qint64> takeLine(const QByteArray &line);

    QByteArray m_unread;
    QString m_error;
    QString m_other; // not in JSON: a wrong flag, a crash
};

// By rclone's exit status and what it said, and what somebody can do about it.
Error rcloneError(int exitStatus, const QString &said);

} // namespace hubkeep::rclone
