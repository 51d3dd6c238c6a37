#include "integrations/backup/stagedjournal.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/manifest.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qint64 longestDocument = 1 << 20;
constexpr const char *stateNames[]
    = { "applying", "applied", "putting_back", "completed", "failed" };
constexpr const char *logEndings[] = { "-wal", "-journal" }; // -shm is made anew

QByteArray folderOfPath(const QByteArray &path)
{
    return path.left(std::max<qsizetype>(path.lastIndexOf('/'), 1));
}

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

bool isOurs(const QByteArray &path)
{
    return problemWithName(path).isEmpty();
}

} // namespace

QJsonObject toJson(const StagedJournal &journal)
{
    QJsonArray parts;
    for (const StagedPart &part : journal.parts)
        parts.append(QJsonObject { { key("place"), QString::fromUtf8(part.place) },
            { key("staged"), QString::fromUtf8(part.staged) },
            { key("kept"), QString::fromUtf8(part.kept) },
            { key("failed"), QString::fromUtf8(part.failed) }, { key("existed"), part.existed } });
    return { { key("state"), key(stateNames[int(journal.state)]) },
        { key("backup_id"), journal.id }, { key("reason"), journal.reason },
        { key("parts"), parts } };
}

std::optional<StagedJournal> stagedJournalFromJson(const QByteArray &document)
{
    const QJsonObject o = QJsonDocument::fromJson(document).object();
    const QString state = o.value(key("state")).toString();
    const auto name = std::find_if(std::begin(stateNames), std::end(stateNames),
        [&](const char *known) { return state == QLatin1String(known); });
    if (name == std::end(stateNames))
        return {};
    StagedJournal journal { StagedJournal::State(name - std::begin(stateNames)),
        o.value(key("backup_id")).toString(), o.value(key("reason")).toString(), {} };
    for (const QJsonValue &value : o.value(key("parts")).toArray()) {
        const QJsonObject p = value.toObject();
        const auto path = [&p](const char *what) { return p.value(key(what)).toString().toUtf8(); };
        const StagedPart part { path("place"), path("staged"), path("kept"), path("failed"),
            p.value(key("existed")).toBool() };
        for (const QByteArray &each : { part.place, part.staged, part.kept, part.failed }) {
            if (!isOurs(each))
                return {};
        }
        journal.parts.append(part);
    }
    return journal;
}

Result<void> writeDocument(const QByteArray &path, const QByteArray &content)
{
    const QString step = QStringLiteral("Writing %1").arg(displayName(path));
    const QByteArray aside = path + ".partial";
    const FileDescriptor fd(
        ::open(aside.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.isOpen())
        return systemError(errno).in(step);
    const Result<void> written
        = writeAt(fd.get(), { content.constData(), size_t(content.size()) }, 0);
    if (!written)
        return written.error().in(step);
    if (::fsync(fd.get()) != 0 || ::rename(aside.constData(), path.constData()) != 0)
        return systemError(errno).in(step);
    return syncFolder(folderOfPath(path));
}

Result<std::optional<QByteArray>> readDocument(const QByteArray &path)
{
    const FileDescriptor fd(::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.isOpen() && errno == ENOENT)
        return std::optional<QByteArray>();
    QByteArray content(longestDocument, Qt::Uninitialized);
    const Result<qsizetype> read = fd.isOpen()
        ? readAt(fd.get(), { content.data(), size_t(content.size()) }, 0)
        : Result<qsizetype>(systemError(errno));
    if (!read)
        return read.error().in(QStringLiteral("Reading %1").arg(displayName(path)));
    content.truncate(*read);
    return std::optional(content);
}

Result<void> removeFolder(const QByteArray &path)
{
    std::error_code error;
    std::filesystem::remove_all(std::filesystem::path(path.toStdString()), error);
    return error
        ? systemError(error.value()).in(QStringLiteral("Removing %1").arg(displayName(path)))
        : Result<void>();
}

bool StagedMoves::isThere(const QByteArray &path) const
{
    struct stat status;
    return ::lstat(at(path).constData(), &status) == 0;
}

Result<void> StagedMoves::move(const QByteArray &from, const QByteArray &to) const
{
    const Result<void> mayGoOn = m_mayGoOn();
    if (!mayGoOn)
        return mayGoOn;
    // Nothing is ever written over: names were chosen free.
    if (isThere(to))
        return Error { ErrorCode::Io,
            QStringLiteral("Moving %1: %2 is in its way")
                .arg(displayName(at(from)), displayName(at(to))) };
    if (::rename(at(from).constData(), at(to).constData()) != 0)
        return systemError(errno).in(
            QStringLiteral("Moving %1 to %2").arg(displayName(at(from)), displayName(at(to))));
    const Result<void> synced = syncFolder(folderOfPath(at(from)));
    return synced ? syncFolder(folderOfPath(at(to))) : synced;
}

Result<void> StagedMoves::moveLogs(const QByteArray &from, const QByteArray &to) const
{
    for (const char *ending : logEndings) {
        if (!isThere(from + ending))
            continue;
        const Result<void> moved = move(from + ending, to + ending);
        if (!moved)
            return moved;
    }
    if (isThere(from + "-shm")) {
        const Result<void> mayGoOn = m_mayGoOn();
        if (!mayGoOn)
            return mayGoOn;
        ::unlink(at(from + "-shm").constData());
    }
    return {};
}

// As long as the staged one has not moved, what lies in its place is older, and so are the
// logs there.
Result<void> StagedMoves::applyPart(const StagedPart &part) const
{
    if (!isThere(part.staged))
        return {};
    // With both there somebody made a new one between a kill and this start.
    if (isThere(part.place) && isThere(part.kept)) {
        const Result<void> moved = move(part.place, freeName(part.place, ".before-restore"));
        if (!moved)
            return moved;
    }
    Result<void> done = isThere(part.place) ? move(part.place, part.kept) : Result<void>();
    if (done)
        done = moveLogs(part.place, part.kept);
    return done ? move(part.staged, part.place) : done;
}

Result<void> StagedMoves::apply(const StagedJournal &journal) const
{
    for (const StagedPart &part : journal.parts) {
        const Result<void> applied = applyPart(part);
        if (!applied)
            return applied;
    }
    return {};
}

// The older database returns before its logs do: until then, whatever lies beside the place
// belongs to the restored one.
Result<void> StagedMoves::putBackPart(const StagedPart &part) const
{
    const bool wasApplied = !isThere(part.staged);
    Result<void> done;
    if (isThere(part.kept) || (wasApplied && !part.existed)) {
        if (isThere(part.place))
            done = move(part.place, part.failed);
        if (done && wasApplied)
            done = moveLogs(part.place, part.failed);
    }
    if (done && isThere(part.kept))
        done = move(part.kept, part.place);
    return done ? moveLogs(part.kept, part.place) : done;
}

Result<void> StagedMoves::putBack(const StagedJournal &journal) const
{
    for (const StagedPart &part : journal.parts) {
        const Result<void> done = putBackPart(part);
        if (!done)
            return done;
    }
    return {};
}

QByteArray StagedMoves::freeName(const QByteArray &place, const char *ending) const
{
    for (int i = 0;; ++i) {
        const QByteArray name
            = place + ending + (i > 0 ? '.' + QByteArray::number(i) : QByteArray());
        if (!isThere(name)
            && std::none_of(std::begin(logEndings), std::end(logEndings),
                [&](const char *log) { return isThere(name + log); }))
            return name;
    }
}

Result<StagedJournal> StagedMoves::plan(const BackupId &id) const
{
    StagedJournal journal;
    journal.id = id;
    const QByteArray hub = QByteArray(stagedFolderName) + "/hub/";
    QList<QByteArray> places;
    if (isThere(hub + "data")) {
        Result<QList<QByteArray>> names = namesInFolder(at(hub + "data"));
        if (!names)
            return names.error();
        std::sort(names->begin(), names->end());
        for (const QByteArray &name : *names) {
            if (name.endsWith(".db"))
                places.append("data/" + name);
        }
    }
    if (isThere(hub + "config"))
        places.append("config");
    for (const QByteArray &place : places)
        journal.parts.append({ place, hub + place, freeName(place, ".before-restore"),
            freeName(place, ".failed-restore"), isThere(place) });
    if (journal.parts.isEmpty())
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 has nothing of the hub in it").arg(displayName(at(hub))) };
    return journal;
}

Result<std::optional<StagedJournal>> StagedMoves::read() const
{
    const Result<std::optional<QByteArray>> document = readDocument(at(journalName));
    if (!document)
        return document.error();
    if (!*document)
        return std::optional<StagedJournal>();
    const std::optional<StagedJournal> journal = stagedJournalFromJson(**document);
    if (!journal)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("%1 is damaged and a restore of the hub was under way; look what lies "
                           "beside data/state.db and config, and remove that file")
                .arg(displayName(at(journalName))) };
    return journal;
}

Result<void> StagedMoves::write(const StagedJournal &journal) const
{
    const Result<void> mayGoOn = m_mayGoOn();
    return mayGoOn ? writeDocument(at(journalName), QJsonDocument(toJson(journal)).toJson())
                   : mayGoOn;
}

Result<void> StagedMoves::finish() const
{
    const Result<void> mayGoOn = m_mayGoOn();
    if (!mayGoOn)
        return mayGoOn;
    if (::rename(at(journalName).constData(), at(resultName).constData()) != 0)
        return systemError(errno).in(QStringLiteral("Finishing %1").arg(displayName(m_data)));
    return syncFolder(m_data);
}

Result<void> StagedMoves::removeStaged() const
{
    Result<void> mayGoOn = m_mayGoOn();
    if (!mayGoOn)
        return mayGoOn;
    if (::unlink(at(stagedDocumentName).constData()) != 0 && errno != ENOENT)
        return systemError(errno).in(
            QStringLiteral("Removing %1").arg(displayName(at(stagedDocumentName))));
    mayGoOn = m_mayGoOn();
    if (mayGoOn)
        static_cast<void>(removeFolder(at(stagedFolderName))); // nobody looks at it any more
    return mayGoOn;
}

} // namespace hubkeep::backup
