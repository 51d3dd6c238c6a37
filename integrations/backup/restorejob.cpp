#include "integrations/backup/restorejob.h"

#include "integrations/backup/commandrestore.h"
#include "integrations/backup/contentreader.h"
#include "integrations/backup/liverestore.h"
#include "integrations/backup/restorerun.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace hubkeep::backup {
namespace {

constexpr size_t batchItems = 64;
constexpr qint64 batchBytes = 1 << 20;
constexpr qint64 keptBytes = 16 << 20; // of entries; 25,000 or so

Error interrupted()
{
    return { ErrorCode::Cancelled,
        QStringLiteral("Interrupted; the files that were finished are there, and nothing "
                       "half-made is") };
}

} // namespace

RestoreRun::RestoreRun(
    const ArchiveReader &archive, const RestoreRequest &request, JobControl &control)
    : m_archive(archive)
    , m_request(request)
    , m_control(control)
    , m_selection(archive.info(), request)
    , m_pool(request.threads)
    , m_batches(m_pool)
{
    m_policy.preserveSpecial = request.preserveSpecial;
    m_policy.warn = [this](const Warning &w) { warn(w); };
}

Result<RestoreOutcome> RestoreRun::run()
{
    for (const auto step : { &RestoreRun::prove, &RestoreRun::openTargets,
             &RestoreRun::restoreFiles, &RestoreRun::restoreLinks, &RestoreRun::restoreFolders }) {
        const Result<void> done = (this->*step)();
        if (!done) {
            drain();
            return done.error();
        }
    }
    return std::move(m_outcome);
}

// The whole archive's structure, and how much there is to write, before anything is.
Result<void> RestoreRun::prove()
{
    m_control.enterStage("Checking");
    std::future<Result<void>> tables
        = m_pool.run([this] { return m_archive.checkTables(m_control); });
    const Result<void> walked = listEntries();
    const Result<void> checked = tables.get();
    if (!checked)
        return checked;
    const Result<void> possible = m_selection.check();
    if (!possible)
        return possible;
    if (walked && m_items == 0 && !m_request.include.isEmpty())
        return Error { ErrorCode::NotFound,
            QStringLiteral("Nothing in the backup matches --include; `hubkeep show` lists what "
                           "there is, and the patterns are relative to their source") };
    return walked;
}

// Also keeps them all, where they are few.
Result<void> RestoreRun::listEntries()
{
    std::deque<ArchiveEntry> entries;
    qint64 bytes = 0;
    const Result<void> listed = streamEntries([&](const ArchiveEntry &entry) -> Result<void> {
        const ManifestEntry &m = entry.manifest;
        bytes
            += qint64(sizeof entry) + 2 * m.name.size() + m.hardLinkTo.size() + m.attributeBytes();
        if (bytes <= keptBytes)
            entries.push_back(entry);
        else
            entries.clear();
        if (!m_selection.isSelected(m))
            return {};
        if (m.isFile() && m.hardLinkTo.isEmpty()) {
            m_needed += m.sparse ? std::min(m.size, m.stored) : m.size;
            m_bytes += m_selection.commandFor(m) ? 2 * m.size : m.size; // proved, then given
        }
        ++m_items;
        m_hasLinks = m_hasLinks || m.type == EntryType::Symlink || !m.hardLinkTo.isEmpty();
        return {};
    });
    if (listed && bytes <= keptBytes)
        m_entries = std::move(entries);
    return listed;
}

Result<void> RestoreRun::eachEntry(const Handler &handle)
{
    return eachEntry(handle, [this](const ManifestEntry &m) { return m_selection.isSelected(m); });
}

Result<void> RestoreRun::eachEntry(const Handler &handle, const Selection &selected)
{
    const auto look = [&](const ArchiveEntry &entry) {
        return selected(entry.manifest) ? handle(entry) : Result<void>();
    };
    if (!m_entries)
        return streamEntries(look);
    for (const ArchiveEntry &entry : *m_entries) {
        const Result<void> done = m_control.cancelled() ? interrupted() : look(entry);
        if (!done)
            return done;
    }
    return {};
}

Result<void> RestoreRun::streamEntries(const Handler &handle)
{
    EntryStream entries(m_archive);
    for (;;) {
        if (m_control.cancelled())
            return interrupted();
        const Result<std::optional<ArchiveEntry>> entry = entries.next();
        if (!entry)
            return entry.error();
        if (!*entry)
            return {};
        const Result<void> done = handle(**entry);
        if (!done)
            return done;
    }
}

Result<void> RestoreRun::openTargets()
{
    if (!m_request.target.isEmpty())
        return openOnlyTarget();
    for (const SourceInfo &source : m_archive.info().sources) {
        if (!m_selection.isSelected(source))
            continue;
        if (source.root.isEmpty() && m_selection.hasCommand(source))
            continue;
        if (source.root.isEmpty()) {
            warn({ {},
                QStringLiteral("The source %1 is a command's output and was left out: it has "
                               "no place to go back to. Restore it with --to")
                    .arg(source.name) });
            continue;
        }
        const Result<void> opened = openTarget(source.folder(), source.root);
        if (!opened)
            return opened;
    }
    if (m_request.hub && m_request.sources.isEmpty() && m_archive.info().includesHub())
        warn({ {},
            QStringLiteral("The hub's own data was left out; restore it into a new folder with "
                           "--hub") });
    return {};
}

Result<void> RestoreRun::openOnlyTarget()
{
    const QByteArray &path = m_request.target;
    const Result<QList<QByteArray>> names = namesInFolder(path);
    if (names && !names->isEmpty() && !m_request.overwrite)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The folder %1 has something in it; name an empty or new one, or "
                           "add --overwrite")
                .arg(displayName(path)) };
    return openTarget({}, path);
}

Result<void> RestoreRun::openTarget(const QByteArray &source, const QByteArray &path)
{
    const Result<void> made = makeFolders(path);
    if (!made)
        return made;
    Result<TargetFolder> target = TargetFolder::open(path);
    if (!target)
        return target.error();
    // Over what is there, much may be the same already: only a new place must hold all.
    const bool isNew = !m_request.target.isEmpty() && !m_request.overwrite;
    struct statvfs room;
    if (isNew && ::fstatvfs(target->descriptor(), &room) == 0) {
        const qint64 available = qint64(room.f_bavail) * qint64(room.f_frsize);
        if (m_needed > available)
            return Error { ErrorCode::NoSpace,
                QStringLiteral("%1 bytes are to be restored and %2 has room for %3; free some "
                               "space there or choose another folder")
                    .arg(m_needed)
                    .arg(displayName(path))
                    .arg(available) };
    }
    // Two sources may begin in the same folder; one lock serves both.
    struct stat status;
    ::fstat(target->descriptor(), &status);
    const std::pair<quint64, quint64> id(status.st_dev, status.st_ino);
    if (!m_locks.contains(id)) {
        Result<FolderLock> lock = FolderLock::take(path);
        if (!lock)
            return lock.error();
        m_locks.emplace(id, std::move(*lock));
    }
    m_targets.emplace(source, std::move(*target));
    return {};
}

std::optional<RestoreRun::Place> RestoreRun::placeOf(const ManifestEntry &entry)
{
    if (!m_request.target.isEmpty())
        return Place { &m_targets.at({}), RestoreSelection::belowTarget(entry.name) };
    const auto target = m_targets.find(RestoreSelection::sourceFolder(entry.name));
    if (target == m_targets.end())
        return {};
    return Place { &target->second, RestoreSelection::belowSource(entry.name) };
}

Result<std::shared_ptr<const OpenFolder>> RestoreRun::folderFor(const Place &place)
{
    return place.target->folder(folderOf(place.relative));
}

Result<void> RestoreRun::restoreFiles()
{
    m_control.enterStage("Restoring", m_bytes, m_items);
    const Result<void> done = eachEntry([this](const ArchiveEntry &entry) -> Result<void> {
        const ManifestEntry &m = entry.manifest;
        if (const QStringList *command = m_selection.commandFor(m))
            return settle(m, giveTo(*command, entry));
        const std::optional<Place> place = placeOf(m);
        if (!place || m.type == EntryType::Symlink || !m.hardLinkTo.isEmpty())
            return {};
        if (m.type == EntryType::Directory) {
            const auto made = place->target->folder(place->relative);
            if (!made)
                return settle(m, made.error());
            ++m_outcome.directories;
            return {};
        }
        return restoreFile(entry, *place);
    });
    submit();
    drain();
    return done && !m_failure ? m_failure : done;
}

Result<void> RestoreRun::restoreFile(const ArchiveEntry &entry, const Place &place)
{
    if (!m_failure)
        return m_failure;
    const Result<std::shared_ptr<const OpenFolder>> folder = folderFor(place);
    if (!folder)
        return settle(entry.manifest, folder.error());
    const QByteArray leaf = leafOf(place.relative);
    if (entry.manifest.database || entry.manifest.hasChunkTable())
        return settle(entry.manifest, restoreLarge(entry, *folder, leaf));
    m_batch.push_back({ entry, *folder, leaf });
    m_batchBytes += entry.manifest.size + entry.manifest.attributeBytes();
    if (m_batch.size() >= batchItems || m_batchBytes >= batchBytes)
        submit();
    return {};
}

Result<Written> RestoreRun::restoreLarge(const ArchiveEntry &entry,
    const std::shared_ptr<const OpenFolder> &folder, const QByteArray &leaf)
{
    Result<std::unique_ptr<FileWriter>> file = FileWriter::create(folder, entry.manifest, leaf);
    if (!file)
        return file.error();
    FileWriter &writer = **file;
    Result<void> read;
    if (entry.manifest.hasChunkTable()) {
        read = readLarge(
            m_archive, entry, {},
            [&writer](
                qint64 offset, std::span<const char> bytes) { return writer.write(offset, bytes); },
            m_pool, m_control);
    } else {
        const Result<std::vector<char>> content = readSmall(m_archive, entry, Proof::Full);
        read = content ? writer.write(0, *content) : Result<void>(content.error());
    }
    if (!read)
        return read.error();
    const bool sound = entry.manifest.database && entry.manifest.database->damage.isEmpty();
    return sound ? publishDatabase(writer, folder, leaf, m_policy, m_request.busyTimeout, m_control)
                 : writer.publish(m_policy);
}

// Proved as a whole first: a command that got half a file cannot take it back.
Result<Written> RestoreRun::giveTo(const QStringList &command, const ArchiveEntry &entry)
{
    const bool isLarge = entry.manifest.hasChunkTable();
    Result<std::vector<char>> content(std::vector<char> {});
    Result<void> done;
    if (isLarge) {
        done = readLarge(m_archive, entry, {}, {}, m_pool, m_control);
    } else {
        content = readSmall(m_archive, entry, Proof::Full);
        done = content ? Result<void>() : content.error();
    }
    if (!done)
        return done.error();
    CommandInput input(command, m_request.commandTimeout, m_control);
    done = input.start();
    if (done && isLarge)
        done = readLarge(
            m_archive, entry, {},
            [&input](qint64, std::span<const char> bytes) { return input.write(bytes); }, m_pool,
            m_control, ChunkOrder::InFile);
    else if (done)
        done = input.write(*content);
    if (done)
        done = input.finish();
    if (!done)
        return done.error();
    return Written::New;
}

void RestoreRun::submit()
{
    if (m_batch.empty())
        return;
    if (m_batches.isFull())
        collect(m_batches.take());
    m_batches.add([this, batch = std::move(m_batch)] {
        std::vector<Done> done;
        for (const Task &task : batch) {
            if (!m_control.cancelled())
                done.push_back({ task.entry.manifest, restoreSmall(task) });
        }
        return done;
    });
    m_batch.clear();
    m_batchBytes = 0;
}

// On a worker.
Result<Written> RestoreRun::restoreSmall(const Task &task) const
{
    const Result<std::vector<char>> content = readSmall(m_archive, task.entry, Proof::Full);
    if (!content)
        return content.error();
    Result<std::unique_ptr<FileWriter>> file
        = FileWriter::create(task.folder, task.entry.manifest, task.leaf);
    if (!file)
        return file.error();
    const Result<void> written = (*file)->write(0, *content);
    if (!written)
        return written.error();
    m_control.advance(task.entry.manifest.size);
    return (*file)->publish(m_policy);
}

void RestoreRun::drain()
{
    while (!m_batches.isEmpty())
        collect(m_batches.take());
}

void RestoreRun::collect(const std::vector<Done> &batch)
{
    for (const Done &done : batch) {
        const Result<void> settled = settle(done.entry, done.written);
        if (!settled && m_failure)
            m_failure = settled;
    }
}

// What concerns one file ends with it; what concerns all of them ends the restore.
Result<void> RestoreRun::settle(const ManifestEntry &entry, const Result<Written> &written)
{
    m_control.finishItem();
    if (written) {
        m_outcome.written += *written != Written::Unchanged;
        m_outcome.replaced += *written == Written::Replaced;
        m_outcome.unchanged += *written == Written::Unchanged;
        m_outcome.bytes += *written == Written::Unchanged ? 0 : entry.size;
        return {};
    }
    const ErrorCode code = written.error().code;
    QList<Problem> &list = code == ErrorCode::Corrupt ? m_outcome.damaged : m_outcome.failed;
    if (code == ErrorCode::NoSpace || code == ErrorCode::Cancelled)
        return written.error().in(QStringLiteral("Restoring %1").arg(displayName(entry.name)));
    if (list.size() < keptProblems)
        list.append({ entry.name, written.error().message });
    return {};
}

void RestoreRun::warn(const Warning &warning)
{
    const std::lock_guard lock(m_warnMutex);
    if (m_outcome.warnings.size() < keptProblems)
        m_outcome.warnings.append(warning);
}

void addEarlier(RestoreOutcome &outcome, const RestoreOutcome &earlier)
{
    outcome.unchanged = std::max(earlier.unchanged, outcome.unchanged - earlier.written);
    outcome.written += earlier.written;
    outcome.replaced += earlier.replaced;
    outcome.bytes += earlier.bytes;
    outcome.directories = std::max(outcome.directories, earlier.directories);
}

Result<RestoreOutcome> runRestore(
    const ArchiveReader &archive, const RestoreRequest &request, JobControl &control)
{
    return RestoreRun(archive, request, control).run();
}

} // namespace hubkeep::backup
