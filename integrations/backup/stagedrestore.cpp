#include "integrations/backup/stagedrestore.h"

#include "integrations/backup/databaseconnection.h"
#include "integrations/backup/hubsource.h"
#include "integrations/backup/restorejob.h"
#include "integrations/backup/stagedjournal.h"

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

using namespace std::chrono_literals;
using State = StagedJournal::State;

// A staged folder that is not whole yet; gone unless it gets its name.
class Unfinished
{
public:
    static Result<std::unique_ptr<Unfinished>> make(const QByteArray &dataFolder)
    {
        std::unique_ptr<Unfinished> made(new Unfinished(dataFolder));
        const Result<void> removed = removeFolder(made->path());
        const Result<void> created = removed ? makeFolders(made->path()) : removed;
        if (!created)
            return created.error();
        ::chmod(made->path().constData(), 0700);
        return made;
    }
    ~Unfinished() { static_cast<void>(removeFolder(m_path)); }
    Unfinished(const Unfinished &) = delete;
    Unfinished &operator=(const Unfinished &) = delete;

    const QByteArray &path() const { return m_path; }

    Result<void> publish(const BackupId &id) const
    {
        const QJsonObject document { { QStringLiteral("backup_id"), id } };
        Result<void> done
            = writeDocument(m_path + "/restore.json", QJsonDocument(document).toJson());
        const FileDescriptor fd(::open(m_path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (done && (!fd.isOpen() || ::syncfs(fd.get()) != 0))
            done = systemError(errno);
        const QByteArray staged = m_data + '/' + stagedFolderName;
        if (done)
            done = removeFolder(staged);
        if (done && ::rename(m_path.constData(), staged.constData()) != 0)
            done = systemError(errno);
        return done ? syncFolder(m_data) : done.error().in(QStringLiteral("Staging the restore"));
    }

private:
    explicit Unfinished(const QByteArray &dataFolder)
        : m_data(dataFolder)
        , m_path(dataFolder + '/' + stagedFolderName + ".partial")
    {
    }
    const QByteArray m_data;
    const QByteArray m_path;
};

Result<void> proveDatabase(const QByteArray &file, JobControl &control)
{
    const Result<QByteArray> damage = quickCheck(file, control);
    if (!damage && damage.error().code != ErrorCode::Unavailable)
        return damage.error();
    if (damage && !damage->isEmpty())
        return Error { ErrorCode::Corrupt,
            QStringLiteral("The hub's database %1 is damaged in the backup: %2")
                .arg(
                    displayName(file.mid(file.lastIndexOf('/') + 1)), QString::fromUtf8(*damage)) };
    return {};
}

Result<void> proveDatabases(const QByteArray &folder, JobControl &control)
{
    const Result<QList<QByteArray>> names = namesInFolder(folder);
    if (!names)
        return names.error().code == ErrorCode::NotFound ? Result<void>() : names.error();
    for (const QByteArray &name : *names) {
        const Result<void> proved
            = name.endsWith(".db") ? proveDatabase(folder + '/' + name, control) : Result<void>();
        if (!proved)
            return proved;
    }
    return {};
}

// Puts target/hub there, whole and proved.
Result<void> unpackHub(const ArchiveReader &archive, const QStringList &sources,
    const QByteArray &target, JobControl &control)
{
    RestoreRequest request;
    request.target = target;
    request.sources = sources;
    const Result<RestoreOutcome> outcome = runRestore(archive, request, control);
    if (!outcome)
        return outcome.error();
    for (const auto &[problems, code] : { std::pair(outcome->damaged, ErrorCode::Corrupt),
             std::pair(outcome->failed, ErrorCode::Io) }) {
        if (!problems.isEmpty())
            return Error { code,
                QStringLiteral("%1 of the hub could not be restored: %2; nothing was changed")
                    .arg(displayName(problems.first().path), problems.first().message) };
    }
    return proveDatabases(target + "/hub/data", control);
}

QStringList hubSources(const ArchiveReader &archive, const HubParts &parts)
{
    QStringList names;
    for (const SourceInfo &source : archive.info().sources) {
        if ((parts.metadata && source.hubFolder == hubDataName.toUtf8())
            || (parts.config && source.hubFolder == hubConfigName.toUtf8()))
            names.append(source.name);
    }
    return names;
}

Error nothingOfTheHub(const ArchiveReader &archive)
{
    return { ErrorCode::NotFound,
        QStringLiteral("The backup %1 does not have all of the hub; it was made without one, or "
                       "that part failed (`hubkeep show` says so)")
            .arg(archive.info().id) };
}

// What of the present database stays valid. Says what did not work.
QString carryOver(
    const QByteArray &restored, const QByteArray &present, const QList<QByteArray> &statements)
{
    struct stat status;
    if (statements.isEmpty() || ::stat(restored.constData(), &status) != 0
        || ::stat(present.constData(), &status) != 0)
        return {};
    JobControl control;
    const Result<DatabaseConnection> db
        = openDatabase(databaseUri(restored, "?mode=rw"), SQLITE_OPEN_READWRITE, 1s, control);
    QStringList problems;
    const auto run = [&](const QByteArray &statement) {
        const Result<QByteArray> done = queryText(db->get(), statement.constData());
        if (!done)
            problems.append(QString::fromUtf8(sqlite3_errmsg(db->get())));
        return done.ok();
    };
    if (!db) {
        problems.append(db.error().message);
    } else if (run("ATTACH DATABASE '" + databaseUri(present, "?mode=rw").replace('\'', "%27")
                   + "' AS present")) {
        for (const QByteArray &statement : statements)
            run(statement);
        run("DETACH DATABASE present");
    }
    if (problems.isEmpty())
        return {};
    return QStringLiteral("Not all of the present logins could be carried over: ")
        + problems.join(QStringLiteral("; "));
}

class Application
{
public:
    Application(const QByteArray &dataFolder, const StagedRestoreOptions &options)
        : m_data(dataFolder)
        , m_options(options)
        , m_moves(dataFolder, [stop = options.stop]() -> Result<void> {
            if (stop && stop())
                return Error { ErrorCode::Cancelled, QStringLiteral("Stopped") };
            return {};
        })
    {
    }

    Result<StagedRestore> run()
    {
        Result<std::optional<StagedJournal>> journal = m_moves.read();
        if (!journal)
            return journal.error();
        if (*journal)
            return goOn(**journal);
        const QByteArray document = m_data + '/' + stagedDocumentName;
        const Result<std::optional<QByteArray>> staged = readDocument(document);
        if (!staged)
            return staged.error();
        if (!*staged)
            return forget();
        const BackupId id = QJsonDocument::fromJson(**staged)
                                .object()
                                .value(QStringLiteral("backup_id"))
                                .toString();
        const Result<StagedJournal> planned = m_moves.plan(id);
        if (!planned)
            return planned.error();
        StagedJournal begun = *planned;
        begun.reason = carryOver(m_data + '/' + stagedFolderName + "/hub/data/state.db",
            m_data + "/data/state.db", m_options.carryOver);
        const Result<void> written = m_moves.write(begun);
        return written ? apply(begun) : Result<StagedRestore>(written.error());
    }

private:
    // What a stage that did not get to its end, or an end that was cut off, left behind.
    Result<StagedRestore> forget() const
    {
        const Result<void> removed = m_moves.removeStaged();
        return removed ? Result<StagedRestore>(StagedRestore::Nothing) : removed.error();
    }

    Result<StagedRestore> goOn(StagedJournal journal)
    {
        switch (journal.state) {
        case State::Applying:
            return apply(journal);
        case State::Applied:
            return putBack(journal,
                QStringLiteral("The hub did not come up with what was restored, and what was "
                               "there before was put back"));
        case State::PuttingBack:
            return putBack(journal, journal.reason);
        case State::Completed:
        case State::Failed:
            break;
        }
        const Result<void> finished = m_moves.finish();
        return finished ? forget() : finished.error();
    }

    Result<StagedRestore> apply(StagedJournal &journal)
    {
        Result<void> done = m_moves.apply(journal);
        if (!done && done.error().code == ErrorCode::Cancelled)
            return done.error();
        if (!done)
            return putBack(journal,
                QStringLiteral("The restore could not be put in place and nothing was changed: ")
                    + done.error().message);
        journal.state = State::Applied;
        // Its document goes before the journal says so, or it would be applied once more.
        done = m_moves.removeStaged();
        if (done)
            done = m_moves.write(journal);
        return done ? Result<StagedRestore>(StagedRestore::Applied) : done.error();
    }

    Result<StagedRestore> putBack(StagedJournal &journal, const QString &reason)
    {
        journal.state = State::PuttingBack;
        journal.reason = reason;
        Result<void> done = m_moves.write(journal);
        if (done)
            done = m_moves.putBack(journal);
        if (done)
            done = m_moves.removeStaged();
        journal.state = State::Failed;
        if (done)
            done = m_moves.write(journal);
        if (done)
            done = m_moves.finish();
        return done ? Result<StagedRestore>(StagedRestore::PutBack)
                    : done.error().in(QStringLiteral("Putting back what was there before"));
    }

    const QByteArray m_data;
    const StagedRestoreOptions &m_options;
    const StagedMoves m_moves;
};

} // namespace

Result<void> stageHubRestore(const ArchiveReader &archive, const QByteArray &dataFolder,
    const HubParts &parts, JobControl &control)
{
    const QStringList sources = hubSources(archive, parts);
    if (sources.size() < qsizetype(parts.metadata) + qsizetype(parts.config) || sources.isEmpty())
        return nothingOfTheHub(archive);
    const auto unfinished = Unfinished::make(dataFolder);
    if (!unfinished)
        return unfinished.error();
    const Result<void> unpacked = unpackHub(archive, sources, (*unfinished)->path(), control);
    return unpacked ? (*unfinished)->publish(archive.info().id) : unpacked;
}

Result<void> stageHubDatabase(const QByteArray &file, const QByteArray &leaf,
    const QByteArray &dataFolder, JobControl &control)
{
    if (!leaf.endsWith(".db") || leaf.contains('/') || leaf.startsWith('.'))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is no database of the hub's").arg(displayName(leaf)) };
    const auto unfinished = Unfinished::make(dataFolder);
    if (!unfinished)
        return unfinished.error();
    const QByteArray copy = (*unfinished)->path() + "/hub/data/" + leaf;
    const Result<void> made = makeFolders((*unfinished)->path() + "/hub/data");
    if (!made)
        return made;
    std::error_code error;
    std::filesystem::copy_file(file.toStdString(), copy.toStdString(), error);
    if (error)
        return systemError(error.value()).in(QStringLiteral("Reading %1").arg(displayName(file)));
    ::chmod(copy.constData(), 0600);
    const Result<void> proved = proveDatabase(copy, control);
    return proved ? (*unfinished)->publish({}) : proved;
}

bool isHubRestoreStaged(const QByteArray &dataFolder)
{
    return ::access((dataFolder + '/' + stagedDocumentName).constData(), F_OK) == 0;
}

Result<void> dropStagedRestore(const QByteArray &dataFolder)
{
    return StagedMoves(dataFolder, [] { return Result<void>(); }).removeStaged();
}

Result<StagedRestore> applyStagedRestore(
    const QByteArray &dataFolder, const StagedRestoreOptions &options)
{
    return Application(dataFolder, options).run();
}

Result<void> confirmStagedRestore(const QByteArray &dataFolder)
{
    const StagedMoves moves(dataFolder, [] { return Result<void>(); });
    Result<std::optional<StagedJournal>> journal = moves.read();
    if (!journal)
        return journal.error();
    if (!*journal || (*journal)->state != State::Applied)
        return {};
    (*journal)->state = State::Completed;
    const Result<void> written = moves.write(**journal);
    return written ? moves.finish() : written;
}

std::optional<StagedRestoreReport> takeStagedRestoreReport(const QByteArray &dataFolder)
{
    const QByteArray path = dataFolder + '/' + resultName;
    const Result<std::optional<QByteArray>> document = readDocument(path);
    if (!document || !*document)
        return {};
    const std::optional<StagedJournal> journal = stagedJournalFromJson(**document);
    ::unlink(path.constData());
    if (!journal)
        return {};
    return StagedRestoreReport { journal->id, journal->state == State::Completed, journal->reason };
}

Result<void> restoreHubInto(
    const ArchiveReader &archive, const QByteArray &newData, JobControl &control)
{
    const QStringList sources = hubSources(archive, { true, true });
    if (sources.size() < 2)
        return nothingOfTheHub(archive);
    const Result<QList<QByteArray>> names = namesInFolder(newData);
    if (names && !names->isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The folder %1 has something in it; name an empty or new one")
                .arg(displayName(newData)) };
    const Result<void> made = makeFolders(newData);
    if (!made)
        return made;
    ::chmod(newData.constData(), 0700);
    const auto unfinished = Unfinished::make(newData);
    if (!unfinished)
        return unfinished.error();
    const QByteArray from = (*unfinished)->path() + "/hub/";
    const Result<void> unpacked = unpackHub(archive, sources, (*unfinished)->path(), control);
    if (!unpacked)
        return unpacked;
    for (const char *part : { "data", "config" }) {
        if (::rename((from + part).constData(), (newData + '/' + part).constData()) != 0
            && errno != ENOENT)
            return systemError(errno).in(
                QStringLiteral("Putting the hub into %1").arg(displayName(newData)));
    }
    return syncFolder(newData);
}

} // namespace hubkeep::backup
