// The automations in force, and how a new reading of the files changes them.
//
// Main thread. For AutomationEngine alone.

#pragma once

#include "automation/engine/automation.h"
#include "automation/engine/automationfiles.h"
#include "automation/engine/automationmemory.h"

#include <QByteArray>
#include <QHash>
#include <QSet>
#include <QString>

#include <memory>
#include <vector>

namespace hubkeep::automation {

struct AutomationEntry
{
    QString entityId;
    QString id;
    QString alias;
    AutomationItem item;
    std::unique_ptr<Automation> automation; // null: it is broken
    Problems problems {}; // why

    QString key() const; // of what is kept over a restart
};

class AutomationSet
{
public:
    // Both outlive the set.
    AutomationSet(AutomationHost &host, AutomationMemories &memories);
    ~AutomationSet();

    // What has the same content as before stays as it is, runs and timers included; what has the
    // same id, else the same alias, takes the other's place; what is gone goes. Automations of a
    // file that cannot be read stay as they are. New ones are started.
    void take(AutomationFiles files);

    const std::vector<std::unique_ptr<AutomationEntry>> &entries() const { return m_entries; }
    AutomationEntry *find(const QString &entityId) const;

private:
    using Entry = std::unique_ptr<AutomationEntry>;
    using Entries = std::vector<Entry>;

    Entry claimSame(Entries &old, const AutomationItem &item) const;
    // To where item is, which has the same content.
    void move(AutomationEntry &entry, const AutomationItem &item) const;
    Entry claimNamesake(Entries &old, const AutomationItem &item) const;
    Entry make(AutomationItem item, Entry replaced, QSet<QString> &ids, int index);
    QString entityIdFor(const AutomationEntry &entry, int index) const;
    void showBroken(const AutomationEntry &entry) const;
    void drop(Entries &gone);

    AutomationHost &m_host;
    AutomationMemories &m_memories;
    Entries m_entries; // in the order of the files
    QHash<QString, AutomationEntry *> m_byEntity;
};

// Everything that is wrong with one, ids that others have included.
Problems checkItem(
    const AutomationItem &item, QSet<QString> &ids, std::optional<AutomationConfig> *config);

} // namespace hubkeep::automation
