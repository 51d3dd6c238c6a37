// What a backup says about itself: the document manifest/backup.json.
//
// Plain values; any thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/backup/archive/digest.h"

#include <QByteArray>
#include <QDateTime>
#include <QJsonObject>
#include <QList>

namespace hubkeep::backup {

using BackupId = QString; // "backup-20260211-143022-a1b2c3d4", in UTC

BackupId makeBackupId(const QDateTime &utc);
bool isBackupId(const QString &text);

inline constexpr int formatVersion = 1;

// How much of each there is in a source or a backup.
struct Counts
{
    qint64 files = 0; // databases included
    qint64 directories = 0;
    qint64 symlinks = 0;
    qint64 databases = 0;
    qint64 bytes = 0; // of content, before packing

    bool operator==(const Counts &) const = default;
    Counts &operator+=(const Counts &other);
};

QJsonObject toJson(const Counts &counts);
Counts countsFromJson(const QJsonObject &object); // what is missing or negative is none

struct SourceInfo
{
    QString name;
    QString type; // "files", "sqlite", "command"
    QByteArray path; // where it lies on the machine; empty for a command
    QByteArray root; // the folder that its entries' paths begin in; empty for a command
    Counts counts;
    QByteArray hubFolder {}; // "hub/data", "hub/config" for what is the hub's own

    // Where its entries lie in the zip.
    QByteArray folder() const
    {
        return hubFolder.isEmpty() ? "sources/" + name.toUtf8() : hubFolder;
    }
    bool isHub() const { return !hubFolder.isEmpty(); }
    bool operator==(const SourceInfo &) const = default;
};

struct FailedSource
{
    QString name;
    QString message;
    Counts lastCounts; // when it last worked: an empty folder is no answer to that

    bool operator==(const FailedSource &) const = default;
};

// One of the tables that lie beside backup.json.
struct TableInfo
{
    qint64 rows = 0;
    qint64 size = 0;
    Digest digest {};

    bool operator==(const TableInfo &) const = default;
};

struct BackupInfo
{
    BackupId id;
    QString name; // for people
    QDateTime created; // UTC, when reading began
    QString creator; // "hubkeep 0.1.0"
    QString plan; // backups of the same sources into the same folder share it
    QList<SourceInfo> sources;
    QList<FailedSource> failedSources;
    qint64 unreadable = 0; // files whose content is missing
    TableInfo entries;
    TableInfo chunks;
    TableInfo warnings;

    Counts counts() const; // of all sources
    bool includesHub() const;
    bool operator==(const BackupInfo &) const = default;
};

QJsonObject toJson(const BackupInfo &info);
Result<BackupInfo> backupInfoFromJson(const QByteArray &document);

// "2026-04-13T14:25:30.123Z"
QString toRfc3339(const QDateTime &utc);

} // namespace hubkeep::backup
