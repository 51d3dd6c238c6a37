#include "tests/support/rcloneplace.h"

namespace hubkeep::test {

using namespace hubkeep::rclone;

RclonePlace::RclonePlace(const StorageServer &server)
    : m_server(server)
    , m_folder([] {
        static int made = 0;
        return QStringLiteral("place %1/backups").arg(++made);
    }())
{
}

RcloneConfig RclonePlace::config() const
{
    RcloneConfig config { QStringLiteral("offsite"), m_server.remote(m_folder) };
    config.options = m_server.options();
    config.stateFolder = m_own / "state";
    return config;
}

std::shared_ptr<backup::BackupAgent> RclonePlace::agent()
{
    return std::make_shared<RcloneAgent>(config());
}

QByteArray RclonePlace::ask(const char *command, const QString &name) const
{
    return askRclone(config(), { QString::fromLatin1(command), remotePath(config().remote, name) });
}

QStringList RclonePlace::names() const
{
    QStringList names;
    if (!path().isEmpty()) {
        for (const QByteArray &name : exists(path()) ? namesIn(path()) : QList<QByteArray>())
            names.append(QString::fromUtf8(name));
        return names;
    }
    const QByteArray listed = askRclone(config(), { QStringLiteral("lsf"), config().remote });
    for (const QByteArray &name : listed.split('\n')) {
        if (!name.isEmpty())
            names.append(QString::fromUtf8(name));
    }
    names.sort();
    return names;
}

void RclonePlace::plant(const QString &name, const QByteArray &content)
{
    if (!path().isEmpty()) {
        writeFile(path() + '/' + name.toUtf8(), content);
        return;
    }
    const Folder folder; // of nothing, rcat makes nothing
    writeFile(folder / "file", content);
    askRclone(config(),
        { QStringLiteral("copyto"), QString::fromUtf8(folder / "file"),
            remotePath(config().remote, name), QStringLiteral("--ignore-times") });
}

QByteArray RclonePlace::content(const QString &name) const
{
    return path().isEmpty() ? ask("cat", name) : readFile(path() + '/' + name.toUtf8());
}

void RclonePlace::erase(const QString &name)
{
    if (path().isEmpty())
        ask("deletefile", name);
    else
        removeTree(path() + '/' + name.toUtf8());
}

} // namespace hubkeep::test
