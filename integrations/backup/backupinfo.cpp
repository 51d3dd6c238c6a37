#include "integrations/backup/backupinfo.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/manifest.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QtNumeric>

#include <algorithm>
#include <cstring>
#include <limits>

namespace hubkeep::backup {
namespace {

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

QJsonObject toJson(const TableInfo &t)
{
    return { { key("rows"), t.rows }, { key("size"), t.size },
        { key("sha256"), QString::fromLatin1(toHex(t.digest)) } };
}

bool tableFromJson(const QJsonValue &value, TableInfo &table)
{
    const QJsonObject o = value.toObject();
    const QByteArray digest = QByteArray::fromHex(o.value(key("sha256")).toString().toLatin1());
    table.rows = o.value(key("rows")).toInteger(-1);
    table.size = o.value(key("size")).toInteger(-1);
    if (digest.size() != qsizetype(table.digest.size()) || table.rows < 0 || table.size < 0)
        return false;
    std::memcpy(table.digest.data(), digest.constData(), table.digest.size());
    return true;
}

// As text, and exactly where it is none.
void insertBytes(QJsonObject &o, const char *name, const QByteArray &value)
{
    o.insert(key(name), QString::fromUtf8(value));
    if (!value.isValidUtf8())
        o.insert(key(name) + key("_base64"), QString::fromLatin1(value.toBase64()));
}

QByteArray bytesFromJson(const QJsonObject &o, const char *name)
{
    const QJsonValue exact = o.value(key(name) + key("_base64"));
    return exact.isString() ? QByteArray::fromBase64(exact.toString().toLatin1())
                            : o.value(key(name)).toString().toUtf8();
}

QJsonObject toJson(const SourceInfo &s)
{
    QJsonObject o = toJson(s.counts);
    o.insert(key("name"), s.name);
    o.insert(key("type"), s.type);
    insertBytes(o, "path", s.path);
    insertBytes(o, "root", s.root);
    if (s.isHub())
        o.insert(key("folder"), QString::fromUtf8(s.hubFolder));
    return o;
}

// Where a restore in place would write.
bool isSafeRoot(const QByteArray &root)
{
    return root.isEmpty()
        || (root.startsWith('/') && !root.contains('\0') && !root.split('/').contains(".."));
}

SourceInfo sourceFromJson(const QJsonObject &o)
{
    return { o.value(key("name")).toString(), o.value(key("type")).toString(),
        bytesFromJson(o, "path"), bytesFromJson(o, "root"), countsFromJson(o),
        o.value(key("folder")).toString().toUtf8() };
}

bool isHubFolder(const QByteArray &folder)
{
    return folder.startsWith("hub/") && folder.count('/') == 1 && problemWithName(folder).isEmpty();
}

Error damagedInfo(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("Its manifest/backup.json is damaged: %1").arg(QLatin1String(what)) };
}

} // namespace

QJsonObject toJson(const Counts &c)
{
    return { { key("files"), c.files }, { key("directories"), c.directories },
        { key("symlinks"), c.symlinks }, { key("databases"), c.databases },
        { key("bytes"), c.bytes } };
}

Counts countsFromJson(const QJsonObject &o)
{
    const auto count
        = [&o](const char *name) { return std::max<qint64>(o.value(key(name)).toInteger(), 0); };
    return { count("files"), count("directories"), count("symlinks"), count("databases"),
        count("bytes") };
}

BackupId makeBackupId(const QDateTime &utc)
{
    const quint32 random = QRandomGenerator::system()->generate();
    return utc.toUTC().toString(QStringLiteral("'backup-'yyyyMMdd'-'HHmmss'-'"))
        + QStringLiteral("%1").arg(random, 8, 16, QLatin1Char('0'));
}

bool isBackupId(const QString &text)
{
    static const QRegularExpression pattern(
        QStringLiteral("\\Abackup-[0-9]{8}-[0-9]{6}-[0-9a-f]{8}\\z"));
    return pattern.match(text).hasMatch();
}

// What a stranger's document counts may be anything.
Counts &Counts::operator+=(const Counts &other)
{
    for (qint64 Counts::*const count : { &Counts::files, &Counts::directories, &Counts::symlinks,
             &Counts::databases, &Counts::bytes }) {
        if (qAddOverflow(this->*count, other.*count, &(this->*count)))
            this->*count = std::numeric_limits<qint64>::max();
    }
    return *this;
}

Counts BackupInfo::counts() const
{
    Counts all;
    for (const SourceInfo &source : sources)
        all += source.counts;
    return all;
}

bool BackupInfo::includesHub() const
{
    return std::any_of(
        sources.begin(), sources.end(), [](const SourceInfo &source) { return source.isHub(); });
}

QString toRfc3339(const QDateTime &utc)
{
    return utc.toUTC().toString(QStringLiteral("yyyy-MM-dd'T'HH:mm:ss.zzz'Z'"));
}

QJsonObject toJson(const BackupInfo &info)
{
    QJsonArray sources;
    for (const SourceInfo &source : info.sources)
        sources.append(toJson(source));
    QJsonArray failed;
    for (const FailedSource &source : info.failedSources)
        failed.append(QJsonObject { { key("name"), source.name },
            { key("message"), source.message }, { key("last"), toJson(source.lastCounts) } });
    return { { key("format"), formatVersion }, { key("backup_id"), info.id },
        { key("name"), info.name }, { key("created_at"), toRfc3339(info.created) },
        { key("creator"), info.creator }, { key("plan"), info.plan }, { key("sources"), sources },
        { key("failed_sources"), failed }, { key("totals"), toJson(info.counts()) },
        { key("unreadable"), info.unreadable },
        { key("tables"),
            QJsonObject { { key("entries"), toJson(info.entries) },
                { key("chunks"), toJson(info.chunks) },
                { key("warnings"), toJson(info.warnings) } } } };
}

Result<BackupInfo> backupInfoFromJson(const QByteArray &document)
{
    QJsonParseError parseError;
    const QJsonObject o = QJsonDocument::fromJson(document, &parseError).object();
    if (parseError.error != QJsonParseError::NoError)
        return damagedInfo(parseError.errorString().toLatin1().constData());
    const int format = o.value(key("format")).toInt();
    if (format > formatVersion)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("It has format %1 and this hubkeep knows up to %2; use a newer one")
                .arg(format)
                .arg(formatVersion) };
    BackupInfo info;
    info.id = o.value(key("backup_id")).toString();
    info.name = o.value(key("name")).toString();
    info.created = QDateTime::fromString(o.value(key("created_at")).toString(), Qt::ISODateWithMs);
    info.creator = o.value(key("creator")).toString();
    info.plan = o.value(key("plan")).toString();
    info.unreadable = o.value(key("unreadable")).toInteger();
    for (const QJsonValue &source : o.value(key("sources")).toArray())
        info.sources.append(sourceFromJson(source.toObject()));
    for (const QJsonValue &failed : o.value(key("failed_sources")).toArray())
        info.failedSources.append({ failed.toObject().value(key("name")).toString(),
            failed.toObject().value(key("message")).toString(),
            countsFromJson(failed.toObject().value(key("last")).toObject()) });
    const QJsonObject tables = o.value(key("tables")).toObject();
    if (format < 1 || !isBackupId(info.id) || !info.created.isValid())
        return damagedInfo("its format, id or time is missing");
    for (const SourceInfo &source : info.sources) {
        if (!isSafeRoot(source.root))
            return damagedInfo("a source's folder is not an absolute path");
        if (source.isHub() && !isHubFolder(source.hubFolder))
            return damagedInfo("a source's place in the backup is none");
    }
    if (!tableFromJson(tables.value(key("entries")), info.entries)
        || !tableFromJson(tables.value(key("chunks")), info.chunks)
        || !tableFromJson(tables.value(key("warnings")), info.warnings))
        return damagedInfo("a table's description is missing");
    return info;
}

} // namespace hubkeep::backup
