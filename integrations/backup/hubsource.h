// The hub itself as sources: its databases ("hub/data" in the zip) and its configuration
// ("hub/config").
//
//     sources.push_back(std::make_unique<HubDataSource>(data + "/data", QList<HubDatabase> {
//         { "state.db", { "DELETE FROM tokens", … } }, { "history.db", {} } }));
//     sources.push_back(std::make_unique<HubConfigSource>(
//         std::make_unique<files::FilesSource>(files::FilesConfig { {}, data + "/config" })));
//
// The databases are open in this process while they are backed up, so they are reached
// through SQLite alone: closing any other descriptor of them would drop its locks. Keys are
// in no backup.

#pragma once

#include "integrations/backup/backupsource.h"

#include <QStringList>

#include <chrono>

namespace hubkeep::backup {

// Their names as sources, which no other source can have: there is a slash in them.
inline const QString hubDataName = QStringLiteral("hub/data");
inline const QString hubConfigName = QStringLiteral("hub/config");

struct HubDatabase
{
    QByteArray leaf;
    // Run on the copy, so that what must not leave the machine is not in it, in any page.
    QList<QByteArray> blanking {};
};

class HubDataSource final : public BackupSource
{
public:
    // folder is absolute. Databases that are not there are named in the warnings.
    HubDataSource(QByteArray folder, QList<HubDatabase> databases,
        std::chrono::milliseconds busyTimeout = std::chrono::seconds(10));

    QString name() const override { return hubDataName; }
    QByteArray folder() const override { return hubDataName.toUtf8(); }
    QString type() const override { return QStringLiteral("hub"); }
    QByteArray path() const override { return m_folder; }
    Result<std::unique_ptr<SourceReader>> open(const SourceContext &context) const override;

private:
    const QByteArray m_folder;
    QList<HubDatabase> m_databases; // in the order of their names
    const std::chrono::milliseconds m_busyTimeout;
};

class HubConfigSource final : public BackupSource
{
public:
    // files yields the folder config/ with everything in it.
    explicit HubConfigSource(std::unique_ptr<BackupSource> files)
        : m_files(std::move(files))
    {
    }

    QString name() const override { return hubConfigName; }
    QByteArray folder() const override { return hubConfigName.toUtf8(); }
    QString type() const override { return QStringLiteral("hub"); }
    QByteArray path() const override { return m_files->path(); }
    Result<std::unique_ptr<SourceReader>> open(const SourceContext &context) const override
    {
        return m_files->open(context);
    }

private:
    const std::unique_ptr<BackupSource> m_files;
};

} // namespace hubkeep::backup
