#include "integrations/backup/backupjob.h"

#include "integrations/backup/archive/entrywriter.h"
#include "integrations/backup/backupdocuments.h"
#include "integrations/backup/backupfolder.h"
#include "integrations/backup/encryptedfile.h"
#include "integrations/backup/folderlock.h"
#include "integrations/backup/previousbackup.h"
#include "integrations/backup/sourcepacker.h"
#include "integrations/backup/verifyjob.h"
#include "integrations/backup/wording.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <future>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype keptWarnings = 10'000;

// Removes the unfinished archive and the spool unless the job got to its end.
struct Unfinished
{
    QByteArray archive;
    QByteArray spool;

    ~Unfinished()
    {
        if (!archive.isEmpty())
            ::unlink(archive.constData());
        removeSpool(spool);
    }
};

// The same sources make the same plan, in whatever order they are named.
QString planOf(const std::vector<const BackupSource *> &sources)
{
    QByteArray text;
    for (const BackupSource *source : sources)
        text += source->name().toUtf8() + '\0' + source->path() + '\n';
    return QString::fromLatin1(toHex(sha256(spanOf(text))).left(16));
}

QByteArray realPath(const QByteArray &path)
{
    const std::unique_ptr<char, decltype(&std::free)> resolved(
        ::realpath(path.constData(), nullptr), &std::free);
    return QByteArray(resolved.get());
}

// The newest of the plan, wherever it lies.
std::shared_ptr<const ArchiveReader> newestIn(
    const QList<QByteArray> &folders, const QString &plan, const AgeKeys &keys)
{
    std::shared_ptr<const ArchiveReader> newest;
    for (const QByteArray &folder : folders) {
        auto found = newestOfPlan(folder, plan, keys);
        if (found && (!newest || found->info().created > newest->info().created))
            newest = std::move(found);
    }
    return newest;
}

// What the newest backup of the plan says that it had, by source; of one that nobody here can open,
// what lies beside it in the clear says.
struct LastCounts
{
    QDateTime created {};
    QMap<QString, Counts> sources {};

    void take(const AgentBackup &backup, const QString &plan)
    {
        if (backup.plan != plan || backup.sourceCounts.isEmpty()
            || (created.isValid() && backup.created <= created))
            return;
        created = backup.created;
        sources = backup.sourceCounts;
    }
    Counts all() const
    {
        Counts all;
        for (const Counts &counts : sources)
            all += counts;
        return all;
    }
};

class BackupRun
{
public:
    BackupRun(const BackupRequest &request, JobControl &control)
        : m_request(request)
        , m_control(control)
        , m_pool(request.threads)
    {
    }

    Result<BackupOutcome> run()
    {
        m_control.enterStage("Reading");
        for (const auto step : { &BackupRun::prepare, &BackupRun::packSources, &BackupRun::finish,
                 &BackupRun::readBack, &BackupRun::encrypt, &BackupRun::publish }) {
            const Result<void> done = (this->*step)();
            if (!done && done.error().code == ErrorCode::NoSpace)
                return done.error().in(
                    QStringLiteral("Backing up into %1").arg(displayName(m_request.output)));
            if (!done)
                return done.error();
        }
        return std::move(m_outcome);
    }

private:
    Result<void> prepare()
    {
        for (const auto &source : m_request.sources)
            m_sources.push_back(source.get());
        std::sort(m_sources.begin(), m_sources.end(), [](const auto *a, const auto *b) {
            return comparePaths(a->folder(), b->folder()) < 0;
        });
        const QByteArray &output = m_request.output;
        const Result<void> made = makeFolders(output);
        if (!made)
            return made;
        Result<FolderLock> lock = FolderLock::take(output);
        if (!lock)
            return lock.error();
        m_lock = std::move(*lock);
        removeLeftovers(output);
        const SystemClock systemClock;
        const Clock &clock = m_request.clock ? *m_request.clock : systemClock;
        BackupInfo &info = m_outcome.info;
        info.created = clock.now();
        info.id = m_request.id.isEmpty() ? makeBackupId(info.created) : m_request.id;
        info.plan = m_request.plan.isEmpty() ? planOf(m_sources) : m_request.plan;
        info.creator = QStringLiteral("hubkeep " HUBKEEP_VERSION);
        QStringList names;
        for (const BackupSource *source : m_sources)
            names.append(source->name());
        info.name = m_request.name.isEmpty() ? names.join(QStringLiteral(", ")) : m_request.name;
        m_last = newestIn(QList<QByteArray> { output } + m_request.previousFolders, info.plan,
            m_request.previousKeys);
        findLastCounts();
        if (m_last && !m_request.full) {
            const Result<void> proved = m_last->checkTables(m_control);
            if (!proved && proved.error().code == ErrorCode::Cancelled)
                return proved;
            if (!proved)
                m_previousProblem = proved.error().message;
        }
        if (m_last && !m_request.full && m_previousProblem.isEmpty())
            m_previous = std::make_unique<PreviousBackup>(m_last);
        m_unfinished.archive = output + '/' + archiveName(info.id) + ".partial";
        m_unfinished.spool = output + '/' + info.id.toLatin1() + ".spool.partial";
        if (::mkdir(m_unfinished.spool.constData(), 0700) != 0)
            return systemError(errno).in(
                QStringLiteral("Creating a spool in %1").arg(displayName(output)));
        Result<std::unique_ptr<EntryWriter>> writer = EntryWriter::create(m_unfinished.archive);
        if (!writer)
            return writer.error();
        m_writer = std::move(*writer);
        return {};
    }

    Result<void> packSources()
    {
        startEstimate();
        SourcePacker packer({ *m_writer, m_pool, m_control, m_previous.get(), m_unfinished.spool,
            m_request.busyTimeout, [this](const Warning &w) { return warn(w); } });
        for (const BackupSource *source : m_sources) {
            SourceInfo info { source->name(), source->type(), source->path(), {}, {} };
            if (isHubs(*source))
                info.hubFolder = source->folder();
            Result<void> packed = checkNotOurs(*source);
            packed = packed ? checkNotEmptied(*source) : packed;
            bool sourceFailed = !packed;
            if (packed) {
                Result<std::unique_ptr<SourceReader>> reader = source->open(context());
                packed = reader ? packer.pack(**reader, info) : Result<void>(reader.error());
                sourceFailed = !reader || packer.sourceFailed();
            }
            if (m_control.cancelled())
                return JobControl::cancelledError();
            if (packed) {
                m_outcome.info.sources.append(info);
                continue;
            }
            if (!sourceFailed)
                return packed;
            m_outcome.info.failedSources.append(
                { source->name(), packed.error().message, lastCounts(source->name()) });
            m_lastError = packed.error();
            const Result<void> warned = warn({ source->path(), packed.error().message });
            if (!warned)
                return warned;
        }
        if (!m_remarkError)
            return m_remarkError;
        if (!m_outcome.info.sources.isEmpty())
            return {};
        if (m_outcome.info.failedSources.size() == 1)
            return m_lastError;
        QStringList messages;
        for (const FailedSource &failed : m_outcome.info.failedSources)
            messages.append(failed.message);
        return Error { m_lastError.code,
            QStringLiteral("No source could be backed up: ")
                + messages.join(QStringLiteral("; ")) };
    }

    static bool isHubs(const BackupSource &source) { return source.folder().startsWith("hub/"); }

    // What is below a folder is not walked into; what lies in it can be named all the same.
    Result<void> checkNotOurs(const BackupSource &source) const
    {
        const QByteArray path = realPath(source.path()) + '/';
        for (const QByteArray &folder : m_request.skippedFolders) {
            const QByteArray real = realPath(folder);
            if (!isHubs(source) && !real.isEmpty() && path.startsWith(real + '/'))
                return Error { ErrorCode::InvalidArgument,
                    QStringLiteral("%1 lies in the hub's own folder %2, which the hub backs up by "
                                   "itself; take that source out")
                        .arg(displayName(source.path()), displayName(folder)) };
        }
        struct stat status;
        if (!isHubs(source) && !source.path().isEmpty()
            && ::stat(source.path().constData(), &status) == 0 && S_ISREG(status.st_mode)
            && silentContext().skips(status))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("%1 is a database of the hub's, which the hub backs up by itself; "
                               "take that source out")
                    .arg(displayName(source.path())) };
        return {};
    }

    void findLastCounts()
    {
        const QString &plan = m_outcome.info.plan;
        if (m_last) {
            AgentBackup opened;
            describe(opened, m_last->info());
            m_lastCounts.take(opened, plan);
        }
        for (const AgentBackup &backup : m_request.known)
            m_lastCounts.take(backup, plan);
        for (const QByteArray &folder :
            QList<QByteArray> { m_request.output } + m_request.previousFolders) {
            for (const AgentBackup &backup : documentsIn(folder))
                m_lastCounts.take(backup, plan);
        }
    }

    Counts lastCounts(const QString &name) const { return m_lastCounts.sources.value(name); }

    // A mount that is gone leaves an empty folder, a crash perhaps an empty file: that is no
    // backup of what was there, unless somebody asks for it in full.
    Result<void> checkNotEmptied(const BackupSource &source)
    {
        const Counts before = lastCounts(source.name());
        if (m_request.full || before.files + before.symlinks == 0)
            return {};
        const SourceContext probe = silentContext();
        const Result<std::unique_ptr<SourceReader>> reader = source.open(probe);
        if (!reader)
            return reader.error();
        for (;;) {
            const Result<std::optional<SourceItem>> item = (*reader)->next();
            if (!item)
                return item.error();
            if (!*item)
                return emptied(source,
                    QStringLiteral("is empty and had %1")
                        .arg(countText(before.files + before.symlinks, "file")));
            const SourceItem &first = **item;
            if (first.kind == ItemKind::Directory)
                continue;
            const bool isOneFile = before.directories == 0 && first.kind == ItemKind::File;
            if (isOneFile && before.bytes > 0 && first.status.st_size == 0)
                return emptied(
                    source, QStringLiteral("is empty and had ") + countText(before.bytes, "byte"));
            if (isOneFile && before.databases > 0 && !beginsLikeDatabase(first))
                return emptied(source, QStringLiteral("is no SQLite database and was one"));
            return {};
        }
    }

    static Error emptied(const BackupSource &source, const QString &what)
    {
        return { ErrorCode::NotFound,
            QStringLiteral(
                "The source %1 (%2) %3 at the last backup; is its disk mounted, and is "
                "it whole? Run the backup with --full or \"full\": true once if that is meant")
                .arg(source.name(), displayName(source.path()), what) };
    }

    // Nothing of ours has the file open yet, so closing it drops no locks.
    static bool beginsLikeDatabase(const SourceItem &item)
    {
        const FileDescriptor fd(::openat(item.folder->descriptor.get(), item.leaf.constData(),
            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        char head[16] = {};
        return fd.isOpen() && readAt(fd.get(), head, 0).ok() && isSqliteHeader(head);
    }

    SourceContext context()
    {
        SourceContext context = silentContext();
        context.remark = [this](const SourceRemark &remark) {
            const Result<void> warned = warn({ remark.path, remark.message, remark.unreadable });
            if (!warned && m_remarkError)
                m_remarkError = warned;
        };
        return context;
    }

    SourceContext silentContext() const
    {
        SourceContext context { m_control, [](const SourceRemark &) {}, {} };
        for (const QByteArray &path : QList<QByteArray> { m_request.output }
                + m_request.previousFolders + m_request.skippedFolders + m_request.skippedFiles) {
            struct stat status;
            if (::stat(path.constData(), &status) == 0)
                context.skipped.append({ quint64(status.st_dev), quint64(status.st_ino) });
        }
        return context;
    }

    Result<void> warn(const Warning &warning)
    {
        if (m_outcome.warnings.size() < keptWarnings)
            m_outcome.warnings.append(warning);
        ++m_outcome.warningCount;
        m_outcome.info.unreadable += warning.unreadable;
        return m_writer->addWarning(warning);
    }

    // How much there is: as much as last time, or what a walk ahead of the job counts.
    void startEstimate()
    {
        const bool isKnown = m_lastCounts.created.isValid();
        if (isKnown) {
            const Counts last = m_lastCounts.all();
            m_control.enterStage("Reading", last.bytes, last.files);
        }
        if (!m_request.estimate || isKnown)
            return;
        m_estimate = std::jthread([this](const std::stop_token &stop) {
            const SourceContext probe = silentContext();
            qint64 bytes = 0;
            for (const BackupSource *source : m_sources) {
                const Result<std::unique_ptr<SourceReader>> reader = source->open(probe);
                while (reader && !stop.stop_requested()) {
                    const Result<std::optional<SourceItem>> item = (*reader)->next();
                    if (!item || !*item)
                        break;
                    bytes += (*item)->kind == ItemKind::File ? (*item)->status.st_size : 0;
                }
            }
            if (!stop.stop_requested())
                m_control.expect(bytes);
        });
    }

    Result<void> finish()
    {
        m_estimate = {};
        if (m_previous && m_previousProblem.isEmpty())
            m_previousProblem = m_previous->problem();
        if (!m_previousProblem.isEmpty()) {
            const Result<void> warned = warn({ m_last->path(),
                QStringLiteral("The previous backup is damaged (%1); what could not be taken over "
                               "from it was read again. Run hubkeep verify on it")
                    .arg(m_previousProblem) });
            if (!warned)
                return warned;
        }
        m_control.enterStage("Finishing");
        const Result<qint64> size = m_writer->finish(m_outcome.info);
        if (!size)
            return size.error();
        m_outcome.size = *size;
        return {};
    }

    // The archive is opened as a stranger would open it. What was packed anew is unpacked
    // and compared; what was taken over packed is compared packed (FORMAT.md).
    Result<void> readBack()
    {
        // The disk works while the processors do.
        std::future<Result<void>> synced
            = std::async(std::launch::async, [this] { return m_writer->sync(); });
        const Result<ArchiveReader> archive = ArchiveReader::open(m_unfinished.archive);
        if (!archive)
            return archive.error().in(QStringLiteral("Reading the backup back"));
        VerifyOptions options;
        options.fresh = &m_writer->fresh();
        const Result<VerifyReport> report = runVerify(*archive, options, m_pool, m_control);
        if (!report)
            return report.error();
        if (!report->problems.isEmpty())
            return Error { ErrorCode::Io,
                QStringLiteral("What was written did not read back right (%1: %2); the disk or the "
                               "memory may be failing, and nothing was kept")
                    .arg(displayName(report->problems.first().path),
                        report->problems.first().message) };
        m_outcome.reusedBytes = report->reusedBytes;
        return synced.get();
    }

    // After this the unfinished archive is the encrypted one.
    Result<void> encrypt()
    {
        if (m_request.encryptTo.isEmpty())
            return {};
        const QByteArray path = finalPath() + ".partial";
        const Result<qint64> size
            = encryptFile(m_unfinished.archive, path, m_request.encryptTo, m_pool, m_control);
        if (!size)
            return size.error();
        ::unlink(m_unfinished.archive.constData());
        m_unfinished.archive = path;
        m_outcome.size = *size;
        return {};
    }

    QByteArray finalPath() const
    {
        const QByteArray name = m_request.encryptTo.isEmpty() ? archiveName(m_outcome.info.id)
                                                              : encryptedName(m_outcome.info.id);
        return m_request.output + '/' + name;
    }

    Result<void> publish()
    {
        if (m_control.cancelled())
            return JobControl::cancelledError();
        const QByteArray path = finalPath();
        m_writer.reset();
        const Result<void> described = describeEncrypted();
        if (!described)
            return described;
        if (::chmod(m_unfinished.archive.constData(), 0400) != 0
            || ::rename(m_unfinished.archive.constData(), path.constData()) != 0)
            return systemError(errno).in(
                QStringLiteral("Naming the backup %1").arg(displayName(path)));
        m_unfinished.archive.clear();
        m_outcome.path = path;
        return syncFolder(m_request.output);
    }

    // What the next backup, which cannot open it, has to know. A document alone is no backup.
    Result<void> describeEncrypted() const
    {
        if (m_request.encryptTo.isEmpty())
            return {};
        AgentBackup backup;
        describe(backup, m_outcome.info);
        backup.filename = QString::fromLatin1(encryptedName(backup.id));
        backup.size = m_outcome.size;
        backup.isProtected = true;
        return writeDocument(m_request.output, backup);
    }

    const BackupRequest &m_request;
    JobControl &m_control;
    std::vector<const BackupSource *> m_sources;
    FolderLock m_lock;
    Unfinished m_unfinished;
    std::shared_ptr<const ArchiveReader> m_last;
    std::unique_ptr<PreviousBackup> m_previous;
    LastCounts m_lastCounts;
    QString m_previousProblem; // why nothing, or not all, is taken over from m_last
    std::unique_ptr<EntryWriter> m_writer;
    BackupOutcome m_outcome;
    Error m_lastError;
    Result<void> m_remarkError;
    WorkerPool m_pool;
    std::jthread m_estimate;
};

} // namespace

Result<BackupOutcome> runBackup(const BackupRequest &request, JobControl &control)
{
    return BackupRun(request, control).run();
}

} // namespace hubkeep::backup
