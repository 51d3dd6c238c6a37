#include "app/api/backupcontentcontroller.h"

#include "app/api/requestaudit.h"
#include "app/api/whendone.h"
#include "app/entryjson.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/backupdiff.h"
#include "integrations/backup/contentreader.h"

#include <QJsonArray>
#include <QTemporaryFile>
#include <QtConcurrent>

namespace hubkeep::api {
namespace {

using namespace hubkeep::backup;

constexpr qint64 mostEntries = 1000; // a page

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject copiesJson(const CatalogEntry &entry)
{
    QJsonObject agents;
    for (auto it = entry.agents.cbegin(); it != entry.agents.cend(); ++it)
        agents.insert(it.key(),
            QJsonObject { { key("filename"), it->filename }, { key("size"), it->size },
                { key("protected"), it->isProtected }, { key("sha256"), it->sha256 } });
    return agents;
}

// Here Unauthorized would say that the caller is unknown.
Result<ArchiveReader> openArchive(const QByteArray &path, const AgeKeys &keys)
{
    Result<ArchiveReader> archive = openStored(path, keys);
    if (!archive)
        return asWrongKey(archive.error());
    return archive;
}

Result<QJsonObject> summaryOf(
    const QByteArray &path, const AgeKeys &keys, QJsonObject summary, JobControl &control)
{
    const Result<ArchiveReader> archive = openArchive(path, keys);
    if (!archive)
        return archive.error();
    const Result<void> proved = archive->checkTables(control);
    if (!proved)
        return proved.error();
    constexpr qint64 mostWarnings = 1000;
    const Result<QList<Warning>> warnings = archive->warnings(mostWarnings);
    if (!warnings)
        return warnings.error();
    QJsonArray list;
    for (const Warning &warning : *warnings)
        list.append(problemJson(warning.path, warning.message));
    const QJsonObject info = toJson(archive->info());
    for (auto it = info.begin(); it != info.end(); ++it) {
        if (!summary.contains(it.key()))
            summary.insert(it.key(), *it);
    }
    const Counts counts = archive->info().counts();
    summary.insert(key("files"), counts.files);
    summary.insert(key("directories"), counts.directories);
    summary.insert(key("databases"), counts.databases);
    summary.insert(key("bytes"), counts.bytes);
    summary.insert(key("warnings"), list);
    summary.insert(key("warning_count"), archive->info().warnings.rows);
    return summary;
}

// Names that are no text are asked for by their bytes, as they are listed: path_base64.
Result<QByteArray> bytesParameter(const Request &request, const char *name)
{
    const QByteArray encoded = request.parameter(QByteArray(name).append("_base64")).toLatin1();
    if (encoded.isEmpty())
        return request.parameter(name).toUtf8();
    const auto bytes = QByteArray::fromBase64Encoding(
        encoded, QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!bytes)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1_base64 is no Base64").arg(key(name)) };
    return *bytes;
}

// Where the next page begins; null: there is none.
void insertNext(QJsonObject &answer, const QByteArray &last)
{
    answer.insert(key("next_after"),
        last.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(QString::fromUtf8(last)));
    if (!last.isValidUtf8())
        answer.insert(key("next_after_base64"), QString::fromLatin1(last.toBase64()));
}

struct Page
{
    QByteArray prefix;
    QByteArray after;
    qint64 limit = 100;
    QByteArray folder {}; // only what lies right in it; empty: no matter where

    bool shows(const QByteArray &name) const
    {
        return (folder.isEmpty()
                   || name.left(std::max<qsizetype>(name.lastIndexOf('/'), 0)) == folder)
            && name.startsWith(prefix) && (after.isEmpty() || comparePaths(name, after) > 0);
    }
};

Result<QJsonObject> filesOf(
    const QByteArray &path, const AgeKeys &keys, const Page &page, JobControl &control)
{
    const Result<ArchiveReader> archive = openArchive(path, keys);
    if (!archive)
        return archive.error();
    QJsonArray list;
    QByteArray last;
    bool more = false;
    EntryStream entries(*archive);
    for (;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry)
            return entry.error();
        if (!*entry)
            break;
        const ManifestEntry &m = (*entry)->manifest;
        if (!page.shows(m.name))
            continue;
        more = list.size() >= page.limit;
        if (more)
            break;
        list.append(entryJson(m));
        last = m.name;
    }
    QJsonObject answer { { key("entries"), list } };
    insertNext(answer, more ? last : QByteArray());
    return answer;
}

Result<QJsonObject> diffOf(const QByteArray &before, const QByteArray &after, const AgeKeys &keys,
    const Page &page, JobControl &control)
{
    const Result<ArchiveReader> old = openArchive(before, keys);
    if (!old)
        return old.error();
    const Result<ArchiveReader> current = openArchive(after, keys);
    if (!current)
        return current.error();
    QJsonArray lists[3];
    qint64 count = 0;
    QByteArray last;
    bool more = false;
    const Result<void> done = diffBackups(
        *old, *current,
        [&](Change change, const ManifestEntry &entry, const QStringList &reasons) {
            if (!page.after.isEmpty() && comparePaths(entry.name, page.after) <= 0)
                return true;
            more = count >= page.limit;
            if (more)
                return false;
            QJsonObject object;
            insertPath(object, entry.name);
            if (!reasons.isEmpty())
                object.insert(key("reasons"), QJsonArray::fromStringList(reasons));
            lists[int(change)].append(object);
            last = entry.name;
            ++count;
            return true;
        },
        control);
    if (!done)
        return done.error();
    QJsonObject answer { { key("added"), lists[0] }, { key("removed"), lists[1] },
        { key("changed"), lists[2] } };
    insertNext(answer, more ? last : QByteArray());
    return answer;
}

// Writes one entry's proved content to a file.
Result<void> extract(
    const ArchiveReader &archive, const ArchiveEntry &entry, QFile &to, JobControl &control)
{
    const int fd = to.handle();
    if (!entry.manifest.hasChunkTable()) {
        const Result<std::vector<char>> content = readSmall(archive, entry, Proof::Full);
        return content ? writeAt(fd, *content, 0) : Result<void>(content.error());
    }
    WorkerPool pool(1);
    return readLarge(
        archive, entry, nullptr,
        [fd](qint64 offset, std::span<const char> bytes) { return writeAt(fd, bytes, offset); },
        pool, control);
}

Result<std::shared_ptr<QTemporaryFile>> fileOf(const QByteArray &path, const AgeKeys &keys,
    const QByteArray &name, const QString &folder, JobControl &control)
{
    const Result<ArchiveReader> archive = openArchive(path, keys);
    if (!archive)
        return archive.error();
    const Result<void> proved = archive->checkTables(control);
    if (!proved)
        return proved.error();
    EntryStream entries(*archive);
    for (;;) {
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry)
            return entry.error();
        if (!*entry || comparePaths((*entry)->manifest.name, name) > 0)
            break;
        if ((*entry)->manifest.name != name || !(*entry)->manifest.isFile())
            continue;
        auto file = std::make_shared<QTemporaryFile>(folder + key("/file-XXXXXX.partial"));
        if (!file->open())
            return Error { ErrorCode::Io, file->errorString() }.in(key("Unpacking the file"));
        const Result<void> extracted = extract(*archive, **entry, *file, control);
        if (!extracted)
            return extracted.error();
        return file;
    }
    return Error { ErrorCode::NotFound,
        QStringLiteral("There is no file %1 in this backup; names are those that its files list, "
                       "as in sources/<source>/<path>")
            .arg(displayName(name)) };
}

// The backup of that id or file name, which has files in it.
Result<BackupId> archiveOf(const BackupManager &manager, const QString &name)
{
    const std::optional<CatalogEntry> entry = manager.backup(name);
    if (!entry)
        return Error { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(name) };
    if (entry->backup.kind != BackupKind::Archive)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is one database as it is, not an archive with files in it; "
                           "download it instead")
                .arg(entry->backup.filename) };
    return entry->backup.id;
}

} // namespace

BackupContentController::BackupContentController(
    Router &router, BackupManager &manager, AuditLog &audit, QString folder)
    : m_manager(manager)
    , m_audit(audit)
    , m_folder(std::move(folder))
{
    m_workers.setMaxThreadCount(2);
    const auto to = [this](void (BackupContentController::*function)(const Request &, Responder)) {
        return [this, function](const Request &request, Responder responder) {
            (this->*function)(request, std::move(responder));
        };
    };
    const QString base = key("/api/v1/backup/{id}");
    router.add({ Method::Get, base, Access::User }, to(&BackupContentController::summary));
    router.add(
        { Method::Get, base + key("/files"), Access::Admin }, to(&BackupContentController::files));
    router.add(
        { Method::Get, base + key("/file"), Access::Admin }, to(&BackupContentController::file));
    router.add({ Method::Get, base + key("/download"), Access::Admin },
        to(&BackupContentController::download));
    router.add(
        { Method::Get, base + key("/diff"), Access::Admin }, to(&BackupContentController::diff));
}

BackupContentController::~BackupContentController()
{
    m_control.cancel();
    m_workers.waitForDone();
}

void BackupContentController::note(
    const Request &request, const char *action, const QString &target)
{
    m_audit.record(auditEntry(request, key(action), target));
}

void BackupContentController::answerFrom(const QString &id, Reader read, Responder responder)
{
    const auto later = shared(std::move(responder));
    const Result<BackupId> archive = archiveOf(m_manager, id);
    if (!archive)
        return later->fail(archive.error());
    whenDone(this, m_manager.fetch(*archive),
        [this, later, read = std::move(read)](
            const Result<std::shared_ptr<FetchedBackup>> &fetched) {
            if (!fetched)
                return later->fail(fetched.error());
            const auto reading = QtConcurrent::run(&m_workers,
                [read, file = *fetched] { return read(QFile::encodeName(file->path())); });
            whenDone(this, reading, [later](const Result<QJsonObject> &answer) {
                if (!answer)
                    return later->fail(answer.error());
                later->json(200, *answer);
            });
        });
}

void BackupContentController::summary(const Request &request, Responder responder)
{
    const std::optional<CatalogEntry> entry = m_manager.backup(request.captured("id"));
    QJsonObject listed = entry ? toJson(*entry) : QJsonObject();
    if (entry)
        listed.insert(key("agents"), copiesJson(*entry));
    if (entry && entry->backup.kind == BackupKind::Database)
        return responder.json(200, listed);
    answerFrom(
        request.captured("id"),
        [this, listed, keys = m_manager.keys()](
            const QByteArray &path) { return summaryOf(path, keys, listed, m_control); },
        std::move(responder));
}

void BackupContentController::files(const Request &request, Responder responder)
{
    const Result<qint64> limit = request.number("limit", 100, 1, mostEntries);
    if (!limit)
        return responder.fail(limit.error());
    const Result<QByteArray> prefix = bytesParameter(request, "prefix");
    const Result<QByteArray> after = bytesParameter(request, "after");
    const Result<QByteArray> folder = bytesParameter(request, "folder");
    for (const Result<QByteArray> *parameter : { &prefix, &after, &folder }) {
        if (!*parameter)
            return responder.fail(parameter->error());
    }
    const Page page { *prefix, *after, *limit, *folder };
    answerFrom(
        request.captured("id"),
        [this, page, keys = m_manager.keys()](
            const QByteArray &path) { return filesOf(path, keys, page, m_control); },
        std::move(responder));
}

void BackupContentController::diff(const Request &request, Responder responder)
{
    const Result<qint64> limit = request.number("limit", 100, 1, mostEntries);
    if (!limit)
        return responder.fail(limit.error());
    const Result<QByteArray> after = bytesParameter(request, "after");
    if (!after)
        return responder.fail(after.error());
    const QString against = request.parameter("against");
    if (against.isEmpty())
        return responder.fail({ ErrorCode::InvalidArgument,
            key("Say which backup to compare with: ?against=<backup_id>") });
    const Result<BackupId> archive = archiveOf(m_manager, against);
    if (!archive)
        return responder.fail(archive.error());
    const Page page { {}, *after, *limit };
    const auto later = shared(std::move(responder));
    whenDone(this, m_manager.fetch(*archive),
        [this, later, page, id = request.captured("id")](
            const Result<std::shared_ptr<FetchedBackup>> &older) {
            if (!older)
                return later->fail(older.error());
            answerFrom(
                id,
                [this, page, keys = m_manager.keys(), older = *older](const QByteArray &path) {
                    return diffOf(QFile::encodeName(older->path()), path, keys, page, m_control);
                },
                std::move(*later));
        });
}

void BackupContentController::file(const Request &request, Responder responder)
{
    const Result<QByteArray> path = bytesParameter(request, "path");
    if (!path)
        return responder.fail(path.error());
    if (path->isEmpty())
        return responder.fail(
            { ErrorCode::InvalidArgument, key("Say which file: ?path=sources/<source>/<path>") });
    const Result<BackupId> archive = archiveOf(m_manager, request.captured("id"));
    if (!archive)
        return responder.fail(archive.error());
    note(request, "backup.file", *archive + u'/' + displayName(*path));
    const auto later = shared(std::move(responder));
    whenDone(this, m_manager.fetch(*archive),
        [this, later, request, name = *path](
            const Result<std::shared_ptr<FetchedBackup>> &fetched) {
            if (!fetched)
                return later->fail(fetched.error());
            const auto unpacking = QtConcurrent::run(
                &m_workers, [this, name, keys = m_manager.keys(), archive = *fetched] {
                    return fileOf(
                        QFile::encodeName(archive->path()), keys, name, m_folder, m_control);
                });
            whenDone(this, unpacking,
                [later, request, name](const Result<std::shared_ptr<QTemporaryFile>> &file) {
                    if (!file)
                        return later->fail(file.error());
                    later->file(request,
                        { (*file)->fileName(),
                            QString::fromUtf8(name.mid(name.lastIndexOf('/') + 1)),
                            "application/octet-stream", {}, *file });
                });
        });
}

void BackupContentController::download(const Request &request, Responder responder)
{
    const std::optional<CatalogEntry> entry = m_manager.backup(request.captured("id"));
    if (!entry)
        return responder.fail({ ErrorCode::NotFound,
            QStringLiteral("There is no backup %1").arg(request.captured("id")) });
    const AgentBackup &backup = entry->backup;
    const QByteArray type = backup.kind == BackupKind::Database ? "application/x-sqlite3"
        : backup.isProtected                                    ? "application/octet-stream"
                                                                : "application/zip";
    note(request, "backup.download", backup.id);
    const auto later = shared(std::move(responder));
    whenDone(this, m_manager.fetch(backup.id),
        [later, request, backup, type](const Result<std::shared_ptr<FetchedBackup>> &fetched) {
            if (!fetched)
                return later->fail(fetched.error());
            later->file(request,
                { (*fetched)->path(), backup.filename, type, backup.sha256.toLatin1(), *fetched });
        });
}

} // namespace hubkeep::api
