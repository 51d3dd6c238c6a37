// What restore drills found, in data/state.db: the last few hundred.
//
// Main thread.

#pragma once

#include "automation/core/statedatabase.h"
#include "integrations/backup/backupinfo.h"

#include <QDateTime>
#include <QJsonObject>

#include <memory>

namespace hubkeep::backup {

// Whether it could not be held for want of a key, and whether that is as it should be: a hub that
// only encrypts to others is not meant to open its backups.
enum class DrillLock { None, Meant, Lost };

struct DrillRecord
{
    qint64 id = 0; // rises; given by the log
    BackupId backupId {};
    QString agentId {};
    QDateTime ended {}; // UTC
    double seconds = 0;
    // False: it could not be held (the agent was away, no room), which proves nothing.
    bool isHeld = false;
    bool ok = false; // all of it came back
    DrillLock lock = DrillLock::None;
    bool isProtected = false; // the copy is encrypted
    qint64 files = 0;
    qint64 databases = 0;
    qint64 bytes = 0; // of content
    qint64 downloaded = 0; // bytes that came from an agent which is not of this machine
    QString message {}; // what went wrong, as one sentence

    bool operator==(const DrillRecord &) const = default;
};

QJsonObject toJson(const DrillRecord &record); // an element of GET /api/v1/drills

class DrillLog
{
public:
    // state must outlive the log.
    static Result<std::unique_ptr<DrillLog>> open(StateDatabase &state);

    Result<void> add(const DrillRecord &record);
    // Newest first, those below `before` (0: all), at most limit.
    Result<QList<DrillRecord>> page(int limit, qint64 before = 0) const;

private:
    explicit DrillLog(StateDatabase &state)
        : m_state(state)
    {
    }

    StateDatabase &m_state;
};

} // namespace hubkeep::backup
