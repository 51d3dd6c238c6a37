// Who did what: every refused and every destructive call, in data/state.db.
//
// Main thread. Writing never fails the call that is written down; a failure is logged.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/statedatabase.h"

#include <QJsonObject>
#include <QList>

namespace hubkeep {

struct AuditEntry
{
    qint64 id = 0; // rising
    QDateTime time {};
    QString user {}; // empty: nobody we know
    QString address {}; // "127.0.0.1"; empty: the hub itself
    QString action {}; // "backup.delete", "auth.login", "request"
    QString target {}; // what it was about
    QString result {}; // "ok", "refused", "failed"
    QString detail {}; // a sentence
};

QJsonObject toJson(const AuditEntry &entry);

class AuditLog
{
public:
    // Both must outlive it.
    static Result<std::unique_ptr<AuditLog>> open(StateDatabase &state, const Clock &clock);

    // Fills in id and time. The newest hundred thousand are kept.
    void record(AuditEntry entry);

    // Newest first, those below `before` (0: all), at most limit.
    Result<QList<AuditEntry>> page(int limit, qint64 before = 0);

private:
    AuditLog(StateDatabase &state, const Clock &clock)
        : m_state(state)
        , m_clock(clock)
    {
    }

    StateDatabase &m_state;
    const Clock &m_clock;
};

} // namespace hubkeep
