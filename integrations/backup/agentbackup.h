// What is known of one backup that lies on an agent: the document `<id>.json` beside it.
//
// Plain values; any thread.

#pragma once

#include "integrations/backup/backupinfo.h"

#include <QJsonObject>
#include <QMap>
#include <QStringList>

namespace hubkeep::backup {

struct AgeKeys;

enum class BackupKind {
    Archive, // "<id>.zip", "<id>.zip.age"
    Database, // one SQLite database as it is: "shop_20260413_142530.db"
};

struct AgentBackup
{
    BackupId id;
    BackupKind kind = BackupKind::Archive;
    QString filename; // on the agent
    qint64 size = 0; // of the stored file
    QString sha256; // of the stored file, 64 hex digits
    QDateTime created; // UTC
    QString name; // for people
    QString instanceId; // of the hub that made it; empty: `hubkeep backup --source`
    bool automatic = false; // made with the automatic settings
    bool isProtected = false; // encrypted
    bool includesHub = false; // hub/ is in it
    QString database; // of a Database: the source's name, or "state", "history"
    QStringList sources;
    QStringList failedSources;
    Counts counts;
    // What the next backup of the same sources has to know of one that it cannot open.
    QString plan; // see FORMAT.md; empty: not known
    QMap<QString, Counts> sourceCounts; // by source; of one that failed, when it last worked
    qint64 unreadable = 0;
    QDateTime verified; // UTC, when it was last proved; invalid: never

    bool operator==(const AgentBackup &) const = default;
};

QJsonObject toJson(const AgentBackup &backup);

// Takes over what a backup says about itself, but for what an agent gives it: file and digest.
void describe(AgentBackup &backup, const BackupInfo &info);

// Corrupt for what is no such document, or names a file that is none of ours.
Result<AgentBackup> agentBackupFromJson(const QByteArray &document);

// Whether an agent may store a backup of that id and kind under that name.
bool isBackupFilename(const QString &filename, const BackupId &id, BackupKind kind);

// What the archive at path says about itself, for those without a document; without its digest
// and without the time when it was verified. Blocking.
Result<AgentBackup> describeArchive(const QByteArray &path);
Result<AgentBackup> describeArchive(const QByteArray &path, const AgeKeys &keys);

// What the name of an encrypted archive says, for those without a document: no more can be known.
AgentBackup describeEncrypted(const BackupId &id, qint64 size);

inline QString documentName(const BackupId &id)
{
    return id + QLatin1String(".json");
}

} // namespace hubkeep::backup
