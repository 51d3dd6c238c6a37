// Any remote of rclone's as a place for backups: S3, Azure Blob, SFTP, WebDAV, Google Drive, ...
//
//     RcloneAgent agent({ "offsite", "b2:bucket/hubkeep" });
//
// What is sent has ".partial" in its name until its digest was compared; then its document
// "<id>.json" is written, and last of all the remote gives it its name. A document alone is no
// backup, so there is no moment in which half of one is listed.
//
// Listing asks for names, and reads only documents that are new. An archive without one is
// described by the manifest at its end. rclone 1.60 cannot go on with half a file: an upload
// that was cut off begins again, unless all of it had arrived; a download goes on where it was.
//
// A partial file carries a word of the agent that sends it, for others may send to the same
// folder: theirs are left alone for a week, its own until nobody expects them any more.

#pragma once

#include "integrations/backup/backupagent.h"
#include "integrations/rclone/rcloneremote.h"

#include <QHash>

namespace hubkeep::rclone {

class RcloneAgent final : public backup::BackupAgent
{
public:
    explicit RcloneAgent(RcloneConfig config);

    QString id() const override { return QStringLiteral("rclone.") + m_config.name; }
    Result<void> upload(
        const backup::AgentBackup &backup, const QString &archive, JobControl &control) override;
    Result<void> download(
        const backup::BackupId &id, const QString &target, JobControl &control) override;
    Result<void> remove(const backup::BackupId &id) override;
    Result<void> setAside(const backup::BackupId &id) override;
    Result<QList<backup::AgentBackup>> list() override;
    void expect(const QSet<backup::BackupId> &ids) override { m_expected = ids; }
    void keepUnfinished() override { m_keepsUnfinished = true; }
    void hurry() override { m_remote.hurry(); }
    Result<qint64> freeSpace() override;

private:
    // What a file was when it was read, and what was in it.
    struct Described
    {
        RemoteFile file;
        std::optional<backup::AgentBackup> backup; // nothing: it describes none
    };
    Result<void> refresh(const backup::BackupId &only = {});
    Result<void> readDocuments(const backup::BackupId &only);
    void describeUndescribed();
    std::optional<backup::AgentBackup> describeByEnd(const QString &name, qint64 size);
    void removeUnfinished();
    QString filenameOf(const backup::BackupId &id) const; // empty: there is none
    std::optional<backup::AgentBackup> find(const backup::BackupId &id) const;

    Result<void> send(
        const backup::AgentBackup &backup, const QString &archive, JobControl &control);
    Result<void> store(
        const backup::AgentBackup &backup, const QString &partial, JobControl &control);
    void takeBack(const backup::AgentBackup &backup, const QString &partial,
        const std::optional<backup::AgentBackup> &before);
    QString word() const; // of this agent's partial files
    QString partialName(const QString &filename) const;

    QByteArray stateFile() const;
    bool wasUsed();
    void rememberUse();

    const RcloneConfig m_config;
    mutable QString m_word; // see word()
    RcloneRemote m_remote;
    QMap<QString, RemoteFile> m_files; // as they were listed last, by name
    QHash<QString, Described> m_described; // documents, and archives without one
    std::optional<QSet<backup::BackupId>> m_expected; // nothing: nobody said
    bool m_wasUsed = false;
    bool m_keepsUnfinished = false;
    bool m_saysFreeSpace = true;
};

} // namespace hubkeep::rclone
