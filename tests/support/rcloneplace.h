// A folder on a storage server as a place for the agents' suite; each one a new folder.
//
//     RclonePlace place(*server);
//     const auto agent = place.agent();
//
// What lies there is asked of the server with rclone; where the server's files lie in a plain
// folder they are looked at and planted as files.

#pragma once

#include "integrations/rclone/rcloneagent.h"
#include "tests/support/agentsuite.h"
#include "tests/support/storageserver.h"

namespace hubkeep::test {

class RclonePlace final : public AgentPlace
{
public:
    explicit RclonePlace(const StorageServer &server);

    rclone::RcloneConfig config() const;
    QByteArray path() const { return m_server.path(m_folder); } // empty: no plain folder

    std::shared_ptr<backup::BackupAgent> agent() override;
    QStringList names() const override;
    void plant(const QString &name, const QByteArray &content) override;
    QByteArray content(const QString &name) const override;
    void erase(const QString &name) override;
    bool isWithoutLocks() const override { return true; }

private:
    QByteArray ask(const char *command, const QString &name) const;

    const StorageServer &m_server;
    const QString m_folder;
    const Folder m_own;
};

} // namespace hubkeep::test
