// The backup integration for a TestHub: a source "documents", an agent "local.local", both in
// the hub's temporary folder. The manager is idle.

#pragma once

#include "integrations/backup/backupintegration.h"
#include "tests/support/testhub.h"

#include <QTemporaryDir>

#include <atomic>
#include <memory>

namespace hubkeep::test {

class TestBackups
{
public:
    explicit TestBackups(TestHub &hub);
    ~TestBackups();

    backup::BackupIntegration &integration() { return *m_integration; }
    backup::BackupManager &manager() { return m_integration->manager(); }

    QString documents() const { return m_folder.filePath(QStringLiteral("documents")); }
    void write(const QString &name, const QByteArray &content) const;
    QByteArray read(const QString &name) const; // empty: there is none

    // While it is held, a backup that begins waits before it reads anything.
    void hold() { m_gate->isShut = true; }
    void release() { m_gate->isShut = false; }

    // Makes a backup and waits for it; its id.
    QString create();

private:
    struct Gate
    {
        std::atomic<bool> isShut = false;
    };
    class HeldSource;

    const std::shared_ptr<Gate> m_gate = std::make_shared<Gate>(); // sources may outlive us
    QTemporaryDir m_folder; // what the hub backs up is not its own
    TestHub &m_hub;
    backup::BackupIntegration *m_integration = nullptr;
};

} // namespace hubkeep::test
