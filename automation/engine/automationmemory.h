// What is kept of automations over a restart, in state.db: on or off, when they last ran, and the
// entity id of those that have an id of their own.
//
// Main thread. The database outlives it.

#pragma once

#include "automation/core/result.h"
#include "automation/engine/automation.h"

#include <QHash>
#include <QSet>
#include <QString>
#include <QTimer>

#include <memory>

namespace hubkeep {
class StateDatabase;
}

namespace hubkeep::automation {

class AutomationMemories
{
public:
    struct Entry
    {
        QString entityId;
        AutomationMemory memory;
    };

    static Result<std::unique_ptr<AutomationMemories>> open(StateDatabase &state);
    ~AutomationMemories(); // writes what has gathered
    AutomationMemories(const AutomationMemories &) = delete;
    AutomationMemories &operator=(const AutomationMemories &) = delete;

    // By the automation's key: its id, or its entity's.
    const Entry *find(const QString &key) const;
    // Written within half a minute, or by flush(): an automation may run thousands of times a
    // second.
    void set(const QString &key, const Entry &entry);
    void flush();

private:
    explicit AutomationMemories(StateDatabase &state);

    StateDatabase &m_state;
    QHash<QString, Entry> m_entries;
    QSet<QString> m_changed;
    QTimer m_timer;
};

} // namespace hubkeep::automation
