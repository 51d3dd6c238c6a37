// A real server that keeps files: rclone's own WebDAV and SFTP servers, s3rver and Azurite, each
// on a free port and in a folder of its own, gone with its object and with the test.
//
//     const auto server = StorageServer::webdav();
//     RcloneConfig config { "offsite", server->remote("backups") };
//     config.options = server->options();
//
// s3() and azure() are null where their packages were not fetched (tests/servers/package.json).

#pragma once

#include "integrations/rclone/rcloneconfig.h"
#include "tests/support/enginetree.h"

#include <QProcess>

#include <functional>
#include <memory>

namespace hubkeep::test {

class StorageServer
{
public:
    static std::unique_ptr<StorageServer> webdav(const QByteArray &folder = {});
    static std::unique_ptr<StorageServer> sftp(const QByteArray &folder = {});
    static std::unique_ptr<StorageServer> s3();
    static std::unique_ptr<StorageServer> azure();
    ~StorageServer();

    QString remote(const QString &folder) const { return m_root + folder; }
    const rclone::RcloneOptions &options() const { return m_options; }
    // Where a folder of it lies here; empty where it is not simply a folder.
    QByteArray path(const QString &folder) const;

    void stop(); // at once, as by a power cut
    void start(); // again, on the same port

private:
    using Command = std::function<QStringList(const QByteArray &folder, const QString &port)>;
    StorageServer(const QByteArray &folder, Command command);

    const Folder m_own;
    const QByteArray m_folder;
    const Command m_command;
    QString m_port = QStringLiteral("0");
    QString m_root;
    rclone::RcloneOptions m_options;
    bool m_isPlain = true;
    QProcess m_process;
};

// What rclone itself answers, without the agent; fails the test where it fails.
QByteArray askRclone(const rclone::RcloneConfig &config, const QStringList &arguments);

} // namespace hubkeep::test
