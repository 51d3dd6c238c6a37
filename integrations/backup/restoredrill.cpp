#include "integrations/backup/restoredrill.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/backupfolder.h"
#include "integrations/backup/database.h"
#include "integrations/backup/restoredmetadata.h"
#include "integrations/backup/restorejob.h"

#include <QFile>

#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype keptProblems = 1000;

// Where a restore to a folder puts an entry: below the folder, without "sources/".
QByteArray restoredPath(const QByteArray &scratch, const QByteArray &name)
{
    static const QByteArray sources = "sources/";
    return scratch + '/' + (name.startsWith(sources) ? name.mid(sources.size()) : name);
}

class Drill
{
public:
    Drill(const ArchiveReader &archive, const QByteArray &scratch, JobControl &control)
        : m_archive(archive)
        , m_scratch(scratch)
        , m_control(control)
        , m_metadata(scratch.left(scratch.lastIndexOf('/')))
    {
    }

    Result<DrillReport> run()
    {
        RestoreRequest request;
        request.target = m_scratch;
        const Result<RestoreOutcome> restored = runRestore(m_archive, request, m_control);
        if (!restored && restored.error().code == ErrorCode::Corrupt) {
            report({}, restored.error().message);
            return std::move(m_report);
        }
        if (!restored)
            return restored.error();
        // What was not restored is told as the restore tells it, not as missing.
        for (const Problem &problem : restored->damaged + restored->failed) {
            report(problem.path, problem.message);
            m_told.insert(problem.path);
        }
        for (const Warning &warning : restored->warnings)
            m_warned.insert(warning.path);
        m_allWarned = restored->warnings.size() >= keptProblems;
        const Result<void> compared = compareAll();
        if (!compared && compared.error().code != ErrorCode::Corrupt)
            return compared.error();
        if (!compared)
            report({}, compared.error().message);
        return std::move(m_report);
    }

private:
    Result<void> compareAll()
    {
        const Counts counts = m_archive.info().counts();
        m_control.enterStage("Comparing", counts.bytes, m_archive.info().entries.rows);
        EntryStream entries(m_archive);
        for (;;) {
            if (m_control.cancelled())
                return JobControl::cancelledError();
            const Result<std::optional<ArchiveEntry>> next = entries.next();
            if (!next)
                return next.error();
            if (!*next)
                return {};
            const ManifestEntry &entry = (*next)->manifest;
            if (!m_told.contains(entry.name)) {
                const Result<void> same = compare(entry);
                if (!same && same.error().code == ErrorCode::Cancelled)
                    return same;
                if (!same)
                    report(entry.name, same.error().message);
                else if (!m_difference.isEmpty())
                    tellDifference(entry);
            }
            m_control.finishItem();
        }
    }

    Result<void> compare(const ManifestEntry &entry)
    {
        const QByteArray path = restoredPath(m_scratch, entry.name);
        struct stat status;
        if (::lstat(path.constData(), &status) != 0)
            return systemError(errno).in(QStringLiteral("It did not come back"));
        // Before anything is opened; of several names of a file the first says it.
        m_difference
            = entry.hardLinkTo.isEmpty() ? m_metadata.difference(entry, status) : QString();
        switch (entry.type) {
        case EntryType::Directory:
            ++m_report.directories;
            return S_ISDIR(status.st_mode) ? Result<void>() : otherKind(entry);
        case EntryType::Symlink:
            ++m_report.symlinks;
            return S_ISLNK(status.st_mode) ? compareLink(entry, path) : otherKind(entry);
        case EntryType::File:
            break;
        }
        ++m_report.files;
        if (!S_ISREG(status.st_mode))
            return otherKind(entry);
        if (!entry.hardLinkTo.isEmpty())
            return compareHardLink(entry, status);
        const Result<void> same = compareContent(entry, path);
        return same && entry.database ? checkDatabase(entry, path) : same;
    }

    static Error otherKind(const ManifestEntry &entry)
    {
        return { ErrorCode::Corrupt,
            QStringLiteral("It did not come back as a %1")
                .arg(QString::fromLatin1(typeName(entry.type))) };
    }

    static Result<void> compareLink(const ManifestEntry &entry, const QByteArray &path)
    {
        char target[PATH_MAX];
        const ssize_t length = ::readlink(path.constData(), target, sizeof target);
        if (length < 0)
            return systemError(errno).in(QStringLiteral("Reading the link"));
        if (length != entry.size || sha256({ target, size_t(length) }) != entry.digest)
            return Error { ErrorCode::Corrupt,
                QStringLiteral("The link leads to %1, which is not what was backed up")
                    .arg(displayName(QByteArray(target, length))) };
        return {};
    }

    Result<void> compareHardLink(const ManifestEntry &entry, const struct stat &status) const
    {
        struct stat first;
        const QByteArray other = restoredPath(m_scratch, entry.hardLinkTo);
        if (::lstat(other.constData(), &first) != 0)
            return systemError(errno).in(QStringLiteral("Looking at %1, which it is a hard link to")
                                             .arg(displayName(entry.hardLinkTo)));
        if (first.st_ino != status.st_ino || first.st_dev != status.st_dev)
            return Error { ErrorCode::Corrupt,
                QStringLiteral("It is no hard link to %1 any more")
                    .arg(displayName(entry.hardLinkTo)) };
        return {};
    }

    Result<void> compareContent(const ManifestEntry &entry, const QByteArray &path)
    {
        const FileDescriptor file(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!file.isOpen())
            return systemError(errno).in(QStringLiteral("Reading what was restored"));
        StreamDigest digest;
        qint64 size = 0;
        for (;;) {
            if (m_control.cancelled())
                return JobControl::cancelledError();
            const Result<qsizetype> read
                = readAt(file.get(), { m_buffer.data(), size_t(m_buffer.size()) }, size);
            if (!read)
                return read.error().in(QStringLiteral("Reading what was restored"));
            if (*read == 0)
                break;
            digest.add({ m_buffer.constData(), size_t(*read) });
            size += *read;
            m_control.advance(*read);
        }
        m_report.bytes += size;
        if (size != entry.size)
            return Error { ErrorCode::Corrupt,
                QStringLiteral("%1 bytes came back of %2").arg(size).arg(entry.size) };
        if (digest.finish() != entry.digest)
            return Error { ErrorCode::Corrupt,
                QStringLiteral("Its content is not what was backed up") };
        return {};
    }

    Result<void> checkDatabase(const ManifestEntry &entry, const QByteArray &path)
    {
        if (!entry.database->damage.isEmpty()) {
            mark(entry.name,
                QStringLiteral("This database was damaged already when it was backed up: %1")
                    .arg(QString::fromUtf8(entry.database->damage)));
            return {};
        }
        const Result<QByteArray> damage = integrityCheck(path, m_control);
        if (!damage && damage.error().code == ErrorCode::Unavailable) {
            mark(entry.name, damage.error().message);
            return {};
        }
        if (!damage)
            return damage.error();
        ++m_report.databases;
        if (!damage->isEmpty())
            return Error { ErrorCode::Corrupt,
                QStringLiteral("SQLite says of the restored database: %1")
                    .arg(QString::fromUtf8(*damage)) };
        return {};
    }

    // What the restore warned of is known not to be possible here.
    void tellDifference(const ManifestEntry &entry)
    {
        if (m_allWarned || m_warned.contains(restoredPath(m_scratch, entry.name)))
            mark(entry.name, m_difference);
        else
            report(entry.name, m_difference);
    }

    void report(const QByteArray &name, const QString &message)
    {
        if (m_report.problems.size() < keptProblems)
            m_report.problems.append({ name, message });
    }

    void mark(const QByteArray &name, const QString &message)
    {
        if (m_report.marks.size() < keptProblems)
            m_report.marks.append({ name, message });
    }

    const ArchiveReader &m_archive;
    const QByteArray m_scratch;
    JobControl &m_control;
    QByteArray m_buffer = QByteArray(chunkSize, Qt::Uninitialized);
    const RestoredMetadata m_metadata;
    QString m_difference; // of the entry that is being compared
    QSet<QByteArray> m_told; // names of what was not restored
    QSet<QByteArray> m_warned; // paths
    bool m_allWarned = false; // there may be more than are told
    DrillReport m_report;
};

} // namespace

Result<DrillReport> runDrill(
    const ArchiveReader &archive, const QByteArray &scratch, JobControl &control)
{
    Result<DrillReport> report = Drill(archive, scratch, control).run();
    removeRecursively(scratch);
    return report;
}

} // namespace hubkeep::backup
