// What the hub did: each operation of the backup manager and how it ended, in data/state.db.
//
// Main thread. Writing never fails what is written down; a failure is logged.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/statedatabase.h"
#include "integrations/backup/backupevents.h"

#include <QJsonObject>
#include <QList>

#include <chrono>
#include <memory>
#include <optional>

namespace hubkeep {

struct ActivityEntry
{
    qint64 id = 0; // rising
    QDateTime time {};
    QString operation {}; // "backup", "restore", "verify", "upload"
    QString backupId {};
    QString status {}; // "completed", "failed"
    QString detail {}; // a sentence, of a failure
    qint64 bytes = 0;
    std::optional<std::chrono::milliseconds> took {}; // nothing: nobody measured it
};

QJsonObject toJson(const ActivityEntry &entry);

class ActivityLog
{
public:
    // Both must outlive it.
    static Result<std::unique_ptr<ActivityLog>> open(StateDatabase &state, const Clock &clock);

    // The newest ten thousand are kept.
    void record(
        const backup::OperationStatus &status, std::optional<std::chrono::milliseconds> took = {});

    // Newest first, those below `before` (0: all), at most limit.
    Result<QList<ActivityEntry>> page(int limit, qint64 before = 0);

private:
    ActivityLog(StateDatabase &state, const Clock &clock)
        : m_state(state)
        , m_clock(clock)
    {
    }

    StateDatabase &m_state;
    const Clock &m_clock;
};

} // namespace hubkeep
