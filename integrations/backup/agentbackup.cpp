#include "integrations/backup/agentbackup.h"

#include "integrations/backup/archive/archivereader.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

namespace hubkeep::backup {
namespace {

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

QString toString(BackupKind kind)
{
    return kind == BackupKind::Archive ? QStringLiteral("archive") : QStringLiteral("database");
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toRfc3339(time)) : QJsonValue();
}

QStringList stringsFromJson(const QJsonValue &value)
{
    QStringList strings;
    for (const QJsonValue &element : value.toArray())
        strings.append(element.toString());
    return strings;
}

Error damagedDocument(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("The backup's document is damaged: %1").arg(QLatin1String(what)) };
}

QJsonObject toJson(const QMap<QString, Counts> &counts)
{
    QJsonObject o;
    for (auto source = counts.begin(); source != counts.end(); ++source)
        o.insert(source.key(), hubkeep::backup::toJson(*source));
    return o;
}

QMap<QString, Counts> sourceCountsFromJson(const QJsonObject &o)
{
    QMap<QString, Counts> counts;
    for (auto source = o.begin(); source != o.end(); ++source)
        counts.insert(source.key(), countsFromJson(source->toObject()));
    return counts;
}

bool isDigest(const QString &text)
{
    static const QRegularExpression pattern(QStringLiteral("\\A[0-9a-f]{64}\\z"));
    return pattern.match(text).hasMatch();
}

} // namespace

bool isBackupFilename(const QString &filename, const BackupId &id, BackupKind kind)
{
    if (!isBackupId(id))
        return false;
    if (kind == BackupKind::Archive)
        return filename == id + QLatin1String(".zip") || filename == id + QLatin1String(".zip.age");
    static const QRegularExpression pattern(
        QStringLiteral("\\A[^/\\x00-\\x1f\\x7f.][^/\\x00-\\x1f\\x7f]*"
                       "_[0-9]{8}_[0-9]{6}(_[0-9]{1,6})?\\.db\\z"));
    return filename.toUtf8().size() <= 230 && pattern.match(filename).hasMatch();
}

QJsonObject toJson(const AgentBackup &b)
{
    return { { key("backup_id"), b.id }, { key("kind"), toString(b.kind) },
        { key("filename"), b.filename }, { key("size"), b.size }, { key("sha256"), b.sha256 },
        { key("created_at"), timeOrNull(b.created) }, { key("name"), b.name },
        { key("instance_id"), b.instanceId }, { key("automatic"), b.automatic },
        { key("protected"), b.isProtected }, { key("includes_hub"), b.includesHub },
        { key("database"), b.database }, { key("sources"), QJsonArray::fromStringList(b.sources) },
        { key("failed_sources"), QJsonArray::fromStringList(b.failedSources) },
        { key("totals"), toJson(b.counts) }, { key("plan"), b.plan },
        { key("source_counts"), toJson(b.sourceCounts) }, { key("unreadable"), b.unreadable },
        { key("verified_at"), timeOrNull(b.verified) } };
}

Result<AgentBackup> agentBackupFromJson(const QByteArray &document)
{
    QJsonParseError parseError;
    const QJsonObject o = QJsonDocument::fromJson(document, &parseError).object();
    if (parseError.error != QJsonParseError::NoError)
        return damagedDocument(parseError.errorString().toLatin1().constData());
    const QString kind = o.value(key("kind")).toString();
    AgentBackup b;
    b.kind = kind == toString(BackupKind::Database) ? BackupKind::Database : BackupKind::Archive;
    b.id = o.value(key("backup_id")).toString();
    b.filename = o.value(key("filename")).toString();
    b.size = o.value(key("size")).toInteger(-1);
    b.sha256 = o.value(key("sha256")).toString();
    b.created = QDateTime::fromString(o.value(key("created_at")).toString(), Qt::ISODateWithMs);
    b.name = o.value(key("name")).toString();
    b.instanceId = o.value(key("instance_id")).toString();
    b.automatic = o.value(key("automatic")).toBool();
    b.isProtected = o.value(key("protected")).toBool();
    b.includesHub = o.value(key("includes_hub")).toBool();
    b.database = o.value(key("database")).toString();
    b.sources = stringsFromJson(o.value(key("sources")));
    b.failedSources = stringsFromJson(o.value(key("failed_sources")));
    b.counts = countsFromJson(o.value(key("totals")).toObject());
    b.plan = o.value(key("plan")).toString();
    b.sourceCounts = sourceCountsFromJson(o.value(key("source_counts")).toObject());
    b.unreadable = std::max<qint64>(o.value(key("unreadable")).toInteger(), 0);
    b.verified = QDateTime::fromString(o.value(key("verified_at")).toString(), Qt::ISODateWithMs);
    if (kind != toString(b.kind) || !isBackupId(b.id) || !b.created.isValid() || b.size < 0)
        return damagedDocument("its kind, id, time or size is missing");
    if (!isBackupFilename(b.filename, b.id, b.kind))
        return damagedDocument("it names a file that is no backup");
    if (!b.sha256.isEmpty() && !isDigest(b.sha256))
        return damagedDocument("its digest is none");
    return b;
}

void describe(AgentBackup &backup, const BackupInfo &info)
{
    backup.id = info.id;
    backup.created = info.created;
    backup.name = info.name;
    backup.includesHub = info.includesHub();
    backup.plan = info.plan;
    backup.counts = info.counts();
    backup.unreadable = info.unreadable;
    for (const SourceInfo &source : info.sources) {
        if (!source.isHub())
            backup.sources.append(source.name);
        backup.sourceCounts.insert(source.name, source.counts);
    }
    for (const FailedSource &source : info.failedSources) {
        backup.failedSources.append(source.name);
        backup.sourceCounts.insert(source.name, source.lastCounts);
    }
}

Result<AgentBackup> describeArchive(const QByteArray &path)
{
    return describeArchive(path, {});
}

Result<AgentBackup> describeArchive(const QByteArray &path, const AgeKeys &keys)
{
    const Result<ArchiveReader> archive = ArchiveReader::open(path, keys);
    if (!archive)
        return archive.error();
    AgentBackup b;
    describe(b, archive->info());
    b.isProtected = archive->isEncrypted();
    b.filename = b.id + QLatin1String(b.isProtected ? ".zip.age" : ".zip");
    b.size = archive->storedSize();
    return b;
}

AgentBackup describeEncrypted(const BackupId &id, qint64 size)
{
    AgentBackup backup;
    backup.id = id;
    backup.filename = id + QLatin1String(".zip.age");
    backup.name = id;
    backup.size = size;
    backup.isProtected = true;
    backup.created = QDateTime::fromString(id.mid(7, 15), QStringLiteral("yyyyMMdd-HHmmss"));
    backup.created.setTimeSpec(Qt::UTC);
    return backup;
}

} // namespace hubkeep::backup
