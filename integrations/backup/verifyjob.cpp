#include "integrations/backup/verifyjob.h"

#include "integrations/backup/contentreader.h"
#include "integrations/backup/database.h"

#include <QDir>
#include <QTemporaryDir>

#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr size_t batchItems = 128;
constexpr qint64 batchBytes = 1 << 20;
constexpr qsizetype keptProblems = 1000;

using Problems = QList<Problem>;

class Verification
{
public:
    Verification(const ArchiveReader &archive, const VerifyOptions &options, WorkerPool &pool,
        JobControl &control)
        : m_archive(archive)
        , m_options(options)
        , m_pool(pool)
        , m_control(control)
        , m_checks(pool, 2)
        , m_batches(pool)
    {
    }

    Result<VerifyReport> run()
    {
        const Counts counts = m_archive.info().counts();
        m_control.enterStage("Verifying", counts.bytes, m_archive.info().entries.rows);
        Result<void> walked = m_archive.checkTables(m_control);
        if (walked)
            walked = walk();
        drain();
        if (!walked && walked.error().code != ErrorCode::Corrupt)
            return walked.error();
        if (!walked)
            report({}, walked.error().message);
        else if (const Result<QList<Warning>> warnings = m_archive.warnings(0); !warnings)
            report(warningsTableName, warnings.error().message);
        if (!m_failure)
            return m_failure.error();
        return std::move(m_report);
    }

private:
    Result<void> walk()
    {
        EntryStream entries(m_archive);
        for (;;) {
            if (m_control.cancelled())
                return JobControl::cancelledError();
            Result<std::optional<ArchiveEntry>> next = entries.next();
            if (!next)
                return next.error();
            if (!*next)
                break;
            const Result<void> looked = look(std::move(**next));
            if (!looked)
                return looked;
        }
        submit();
        return {};
    }

    Result<void> look(ArchiveEntry entry)
    {
        const qint64 index = m_report.entries++;
        const ManifestEntry &m = entry.manifest;
        const bool fresh = !m_options.fresh || m_options.fresh->entries[size_t(index)];
        if (!fresh && m.isFile() && m.hardLinkTo.isEmpty())
            m_report.reusedBytes += m.size;
        const bool opened = m.database && !m_options.fresh;
        if (m.database) {
            ++m_report.databases;
            if (!m.database->damage.isEmpty())
                m_report.marks.append({ m.name,
                    QStringLiteral("This database was damaged already when it was backed up: %1")
                        .arg(QString::fromUtf8(m.database->damage)) });
        }
        if (opened && m.database->damage.isEmpty())
            return openDatabase(entry);
        if (m.hasChunkTable()) {
            const Result<void> read = readLarge(
                m_archive, entry,
                [this](qint64 row) {
                    if (!m_options.fresh)
                        return Proof::Full;
                    return m_options.fresh->chunks[size_t(row)] ? Proof::Content : Proof::Stored;
                },
                {}, m_pool, m_control);
            return settle(m.name, read);
        }
        m_batchBytes += spanEnd(entry) - spanStart(entry) + m.attributeBytes();
        m_batch.push_back({ std::move(entry),
            !m_options.fresh ? Proof::Full
                : fresh      ? Proof::Content
                             : Proof::Stored });
        if (m_batch.size() >= batchItems || m_batchBytes >= batchBytes)
            submit();
        return {};
    }

    Result<void> settle(const QByteArray &name, const Result<void> &read)
    {
        if (!read && read.error().code != ErrorCode::Corrupt && read.error().code != ErrorCode::Io)
            return read;
        if (!read)
            report(name, read.error().message);
        m_control.finishItem();
        return {};
    }

    // Neighbours are read in one go: they lie one behind the other.
    void submit()
    {
        if (m_batch.empty())
            return;
        if (m_batches.isFull())
            collect(m_batches.take());
        m_batches.add([this, batch = std::move(m_batch)] { return verifyBatch(batch); });
        m_batch.clear();
        m_batchBytes = 0;
    }

    struct Task
    {
        ArchiveEntry entry;
        Proof proof;
    };

    // On a worker.
    Problems verifyBatch(const std::vector<Task> &batch) const
    {
        Problems problems;
        thread_local std::vector<char> bytes;
        thread_local std::vector<char> content;
        qint64 start = -1;
        qint64 end = -1;
        for (size_t i = 0; i < batch.size(); ++i) {
            const ArchiveEntry &entry = batch[i].entry;
            if (start < 0 || spanEnd(entry) > end) {
                size_t last = i;
                while (last + 1 < batch.size()
                    && spanStart(batch[last + 1].entry) == spanEnd(batch[last].entry))
                    ++last;
                start = spanStart(entry);
                end = spanEnd(batch[last].entry);
                bytes.resize(size_t(end - start));
                const Result<void> read = m_archive.bytes().read(bytes, start);
                if (!read) {
                    problems.append({ entry.manifest.name, read.error().message });
                    return problems;
                }
            }
            const std::span<const char> part = std::span<const char>(bytes).subspan(
                size_t(spanStart(entry) - start), size_t(spanEnd(entry) - spanStart(entry)));
            const Result<void> proved = proveSmall(entry, part, batch[i].proof, content);
            if (!proved)
                problems.append({ entry.manifest.name, proved.error().message });
            m_control.advance(entry.manifest.size);
            m_control.finishItem();
        }
        return problems;
    }

    Result<void> openDatabase(const ArchiveEntry &entry)
    {
        if (!m_spool) {
            const QString folder = m_options.spoolFolder.isEmpty()
                ? QDir::tempPath()
                : QFile::decodeName(m_options.spoolFolder);
            m_spool.emplace(folder + QStringLiteral("/hubkeep-verify-XXXXXX"));
        }
        const QByteArray file
            = QFile::encodeName(m_spool->filePath(QStringLiteral("%1.db").arg(m_report.databases)));
        const FileDescriptor fd(
            ::open(file.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd.isOpen())
            return systemError(errno).in(
                QStringLiteral("Unpacking a database into %1 to open it").arg(m_spool->path()));
        Result<void> read;
        if (entry.manifest.hasChunkTable()) {
            read = readLarge(
                m_archive, entry, {},
                [&fd](qint64 offset, std::span<const char> bytes) {
                    return writeAt(fd.get(), bytes, offset);
                },
                m_pool, m_control);
        } else {
            const Result<std::vector<char>> content = readSmall(m_archive, entry, Proof::Full);
            read = content ? writeAt(fd.get(), *content, 0) : Result<void>(content.error());
            m_control.advance(entry.manifest.size);
        }
        if (!read) {
            ::unlink(file.constData());
            if (read.error().code == ErrorCode::NoSpace)
                return read.error().in(
                    QStringLiteral("Unpacking a database into %1 to open it (set TMPDIR to a "
                                   "folder with more room)")
                        .arg(m_spool->path()));
            return settle(entry.manifest.name, read);
        }
        if (m_checks.isFull())
            settleCheck(m_checks.take());
        m_checks.add([file, name = entry.manifest.name, control = &m_control]() -> Check {
            Check check { name, quickCheck(file, *control) };
            ::unlink(file.constData());
            return check;
        });
        m_control.finishItem();
        return {};
    }

    struct Check
    {
        QByteArray name;
        Result<QByteArray> answer;
    };

    void settleCheck(const Check &check)
    {
        if (!check.answer && check.answer.error().code == ErrorCode::Cancelled)
            m_failure = check.answer.error();
        else if (!check.answer && check.answer.error().code == ErrorCode::Unavailable)
            m_report.marks.append({ check.name,
                QStringLiteral("Its bytes are right, but SQLite cannot check it: ")
                    + check.answer.error().message });
        else if (!check.answer)
            report(check.name, check.answer.error().message);
        else if (!check.answer->isEmpty())
            report(check.name,
                QStringLiteral("SQLite's check of the database says: ")
                    + QString::fromUtf8(*check.answer));
    }

    void drain()
    {
        while (!m_batches.isEmpty())
            collect(m_batches.take());
        while (!m_checks.isEmpty())
            settleCheck(m_checks.take());
    }

    void collect(const Problems &problems)
    {
        for (const Problem &problem : problems)
            report(problem.path, problem.message);
    }

    void report(const QByteArray &path, const QString &message)
    {
        if (m_report.problems.size() < keptProblems)
            m_report.problems.append({ path, message });
    }

    const ArchiveReader &m_archive;
    const VerifyOptions &m_options;
    WorkerPool &m_pool;
    JobControl &m_control;
    VerifyReport m_report;
    Result<void> m_failure;
    std::vector<Task> m_batch;
    qint64 m_batchBytes = 0;
    std::optional<QTemporaryDir> m_spool;
    OrderedResults<Check> m_checks;
    OrderedResults<Problems> m_batches;
};

} // namespace

Result<VerifyReport> runVerify(const ArchiveReader &archive, const VerifyOptions &options,
    WorkerPool &pool, JobControl &control)
{
    return Verification(archive, options, pool, control).run();
}

} // namespace hubkeep::backup
