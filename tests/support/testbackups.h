// The backup integration for a TestHub: a source "documents", an agent "local.local", both in
// the hub's temporary folder. The manager is idle.

#pragma once

#include "integrations/backup/backupintegration.h"
#include "tests/support/testhub.h"

namespace hubkeep::test {

class TestBackups
{
public:
    explicit TestBackups(TestHub &hub);
    ~TestBackups();

    backup::BackupIntegration &integration() { return *m_integration; }
    backup::BackupManager &manager() { return m_integration->manager(); }

    QString documents() const { return m_hub.folder.filePath(QStringLiteral("documents")); }
    void write(const QString &name, const QByteArray &content) const;
    QByteArray read(const QString &name) const; // empty: there is none

    // Makes a backup and waits for it; its id.
    QString create();

private:
    TestHub &m_hub;
    backup::BackupIntegration *m_integration = nullptr;
};

} // namespace hubkeep::test
