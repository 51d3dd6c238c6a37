// Putting a backup back.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/filedigest.h"
#include "integrations/backup/hubsource.h"
#include "integrations/backup/restorepreview.h"
#include "integrations/backup/restoreselection.h"
#include "integrations/backup/stagedrestore.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr qsizetype mostTold = 1000; // problems, of a restore

GlobList toGlobs(const QStringList &patterns)
{
    QList<QByteArray> globs;
    for (const QString &pattern : patterns)
        globs.append(pattern.toUtf8());
    return GlobList(globs);
}

RestoreRequest requestFor(const RestoreOrder &order)
{
    RestoreRequest request;
    request.target = toPath(order.target);
    request.include = toGlobs(order.include);
    request.overwrite = true; // what was there is kept
    request.hub = false; // named where it is meant
    return request;
}

// What runRestore() is to write, by name: the parts that are wanted, of these the sources that
// were named. In place the hub's own are staged instead.
QStringList chosenSources(const RestoreOrder &order, const BackupInfo &info)
{
    QStringList chosen;
    for (const SourceInfo &source : info.sources) {
        const bool isNamed = order.sources.isEmpty() || order.sources.contains(source.name);
        const bool isHubPart = source.name == hubDataName ? order.metadata : order.config;
        if (source.isHub() ? isHubPart && !order.target.isEmpty() : order.data && isNamed)
            chosen.append(source.name);
    }
    return chosen;
}

Result<ArchiveReader> openCopy(const BackupId &id, const QString &path, const AgeKeys &keys)
{
    Result<ArchiveReader> archive = openStored(toPath(path), keys);
    if (archive && archive->info().id != id)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("The file is another backup, %1").arg(archive->info().id) };
    return archive;
}

QString toString(PreviewEntry::Action action)
{
    switch (action) {
    case PreviewEntry::Action::Write:
        return QStringLiteral("write");
    case PreviewEntry::Action::Overwrite:
        return QStringLiteral("overwrite");
    case PreviewEntry::Action::Unchanged:
        return QStringLiteral("unchanged");
    case PreviewEntry::Action::Run:
        break;
    }
    return QStringLiteral("run");
}

QJsonObject toJson(const RestorePreview &preview)
{
    const auto key = [](const char *name) { return QLatin1String(name); };
    QJsonArray entries;
    for (const PreviewEntry &entry : preview.entries)
        entries.append(QJsonObject { { key("name"), displayName(entry.name) },
            { key("path"), displayName(entry.path) }, { key("action"), toString(entry.action) },
            { key("bytes"), entry.bytes } });
    QJsonArray warnings;
    for (const Warning &warning : preview.warnings)
        warnings.append(QJsonObject {
            { key("path"), displayName(warning.path) }, { key("message"), warning.message } });
    return { { key("writes"), preview.writes }, { key("overwrites"), preview.overwrites },
        { key("unchanged"), preview.unchanged }, { key("bytes"), preview.bytes },
        { key("free_bytes"), preview.freeBytes }, { key("entries"), entries },
        { key("has_more"), preview.hasMore }, { key("warnings"), warnings } };
}

Result<QJsonObject> previewArchive(const RestoreOrder &order, RestoreRequest request,
    const QString &dataFolder, const QString &path, const AgeKeys &keys, JobControl &control)
{
    const Result<ArchiveReader> archive = openCopy(order.id, path, keys);
    if (!archive)
        return archive.error();
    request.sources = chosenSources(order, archive->info());
    PreviewOptions options;
    options.sources = !request.sources.isEmpty();
    if (order.target.isEmpty() && archive->info().includesHub()) {
        options.dataFolder = toPath(dataFolder);
        options.hubParts = { order.metadata, order.config };
    }
    const Result<RestorePreview> preview = previewRestore(*archive, request, options, control);
    if (!preview)
        return preview.error();
    return toJson(*preview);
}

// What of a restore did not succeed, as one sentence.
std::optional<Error> restoreProblem(const RestoreOutcome &outcome)
{
    const QList<Problem> &problems = outcome.damaged.isEmpty() ? outcome.failed : outcome.damaged;
    if (problems.isEmpty())
        return {};
    const qsizetype count = outcome.damaged.size() + outcome.failed.size();
    return Error { outcome.damaged.isEmpty() ? ErrorCode::Io : ErrorCode::Corrupt,
        QStringLiteral("%1%2: %3")
            .arg(count == 1
                    ? QStringLiteral("One file was not restored, ")
                    : QStringLiteral("%1 files were not restored, the first is ").arg(count),
                displayName(problems.first().path), problems.first().message) };
}

// The sources that a try restored whole; none where it cannot be told.
QStringList wholeSources(
    const QStringList &chosen, const BackupInfo &info, const RestoreOutcome &outcome)
{
    if (std::max(outcome.damaged.size(), outcome.failed.size()) >= mostTold)
        return {}; // there may be more than are told
    QStringList whole = chosen;
    for (const Problem &problem : outcome.damaged + outcome.failed) {
        const QByteArray folder = RestoreSelection::sourceFolder(problem.path);
        const auto source = std::find_if(info.sources.begin(), info.sources.end(),
            [&](const SourceInfo &s) { return s.folder() == folder; });
        if (source == info.sources.end())
            return {};
        whole.removeAll(source->name);
    }
    return whole;
}

// Where a copy was damaged the next try leaves out the sources in done: a command that took its
// file does not get it twice.
// The hub goes last: what is staged is put in place at the next start, whatever became of the rest.
Result<OperationOutcome> restoreArchive(const RestoreOrder &order, RestoreRequest request,
    const QString &dataFolder, QStringList &done, const QString &path, const AgeKeys &keys,
    JobControl &control)
{
    if (order.target.isEmpty()) {
        const Result<void> dropped = dropStagedRestore(toPath(dataFolder));
        if (!dropped)
            return dropped.error();
    }
    const Result<ArchiveReader> archive = openCopy(order.id, path, keys);
    if (!archive)
        return archive.error();
    OperationOutcome outcome;
    outcome.id = order.id;
    const bool hubInPlace = order.target.isEmpty() && (order.metadata || order.config)
        && archive->info().includesHub();
    request.sources = chosenSources(order, archive->info());
    if (request.sources.isEmpty() && !hubInPlace)
        return Error { ErrorCode::NotFound,
            QStringLiteral("The backup has nothing of what was asked for%1")
                .arg(order.data ? QString() : QStringLiteral("; nothing of the hub itself")) };
    request.sources.removeIf([&](const QString &name) { return done.contains(name); });
    if (!request.sources.isEmpty()) {
        Result<RestoreOutcome> restored = runRestore(*archive, request, control);
        if (!restored)
            return restored.error();
        outcome.restored = std::move(*restored);
        outcome.problem = restoreProblem(outcome.restored);
        done += wholeSources(request.sources, archive->info(), outcome.restored);
    }
    if (!hubInPlace)
        return outcome;
    if (outcome.problem) {
        outcome.problem->message += QStringLiteral("; the hub itself was left as it is");
        return outcome;
    }
    const Result<void> staged
        = stageHubRestore(*archive, toPath(dataFolder), { order.metadata, order.config }, control);
    if (!staged)
        return staged.error();
    outcome.restartNeeded = true;
    return outcome;
}

bool isDamaged(const Result<OperationOutcome> &outcome)
{
    return !outcome ? outcome.error().code == ErrorCode::Corrupt
                    : outcome->problem && outcome->problem->code == ErrorCode::Corrupt;
}

// A file that is not what was stored need not be opened by any key.
Result<OperationOutcome> blameFile(Result<OperationOutcome> outcome, const QString &path,
    const QString &sha256, JobControl &control)
{
    if (outcome || !isLocked(outcome.error()))
        return outcome;
    const Result<void> asStored = checkSha256(toPath(path), sha256, control);
    if (!asStored && asStored.error().code == ErrorCode::Corrupt)
        return asStored.error();
    return outcome;
}

// From the nearest copy, and from the next where that one is damaged.
Result<OperationOutcome> restoreFromAny(const QList<std::shared_ptr<AgentWorker>> &workers,
    const CatalogEntry &entry, const std::function<QString()> &temporaryPath,
    const std::function<Result<OperationOutcome>(const QString &, JobControl &)> &restore,
    const std::shared_ptr<JobControl> &control)
{
    RestoreOutcome earlier;
    QStringList messages;
    const BackupId &id = entry.backup.id;
    Result<OperationOutcome> outcome = Error { ErrorCode::NotFound,
        QStringLiteral("No agent that is configured has the backup %1").arg(id) };
    bool wasRead = false;
    for (const auto &worker : workers) {
        const Result<std::shared_ptr<FetchedBackup>> file
            = fetchFrom({ worker }, id, temporaryPath, control);
        if (!file && wasRead)
            continue; // the damage says more
        outcome = file ? blameFile(restore((*file)->path(), *control), (*file)->path(),
                      entry.sha256On(worker->id()), *control)
                       : Result<OperationOutcome>(file.error());
        wasRead = wasRead || file;
        if (outcome)
            addEarlier(outcome->restored, earlier);
        if (control->cancelled() || (file && !isDamaged(outcome)))
            break;
        const Error why = outcome ? *outcome->problem : outcome.error();
        messages.append(QStringLiteral("%1: %2").arg(worker->id(), why.message));
        if (outcome)
            earlier = outcome->restored;
    }
    if (outcome && !outcome->problem) {
        for (const QString &message : std::as_const(messages))
            outcome->restored.warnings.append({ {}, message });
    }
    return outcome;
}

// The error codes of Home Assistant.
QString reasonFor(const Error &error)
{
    switch (error.code) {
    case ErrorCode::NotFound:
        return QStringLiteral("backup_not_found");
    case ErrorCode::Unavailable:
        return QStringLiteral("backup_agent_unreachable");
    case ErrorCode::Io:
    case ErrorCode::Corrupt:
    case ErrorCode::NoSpace:
        return QStringLiteral("backup_reader_writer_error");
    default:
        return QStringLiteral("unknown_error");
    }
}

// Of the part of path that is there, links are followed.
bool isWithin(const QString &path, const QString &folder)
{
    QString there = QDir::cleanPath(path);
    QString missing;
    while (!QFileInfo::exists(there) && there.size() > 1) {
        const qsizetype slash = there.lastIndexOf(u'/');
        missing.prepend(there.mid(slash));
        there.truncate(std::max<qsizetype>(slash, 1));
    }
    const QString real = QDir::cleanPath(QFileInfo(there).canonicalFilePath() + missing);
    const QString root = QFileInfo(folder).canonicalFilePath();
    return real == root || real.startsWith(root + u'/');
}

} // namespace

// Refused at once: what can never work.
Result<CatalogEntry> BackupManager::checkOrder(const RestoreOrder &order) const
{
    const std::optional<CatalogEntry> entry = backup(order.id);
    if (!entry || entry->backup.id != order.id)
        return Error { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(order.id) };
    if (entry->backup.kind == BackupKind::Database)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is a single database; restore it by its file name %2")
                .arg(order.id, entry->backup.filename) };
    if (!order.data && !order.metadata && !order.config)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Nothing is to be restored: choose data, metadata or config") };
    for (const QString &source : order.sources) {
        if (!entry->backup.sources.contains(source))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("The backup %1 has no source '%2'; it has %3")
                    .arg(order.id, source, entry->backup.sources.join(QStringLiteral(", "))) };
    }
    if (!order.target.isEmpty() && !order.target.startsWith(u'/'))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The target %1 must be an absolute path").arg(order.target) };
    if (!order.target.isEmpty() && isWithin(order.target, m_parts.dataFolder))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The target %1 is in the hub's own data folder %2; choose a folder "
                           "outside of it")
                .arg(order.target, m_parts.dataFolder) };
    if (workersWith(*entry, order.agentId).isEmpty())
        return Error { ErrorCode::NotFound,
            QStringLiteral("The backup %1 is not on any agent that was asked for").arg(order.id) };
    return *entry;
}

Result<StartedOperation> BackupManager::restore(const RestoreOrder &order)
{
    const Result<void> idle = checkIdle();
    if (!idle)
        return idle.error();
    const Result<CatalogEntry> entry = checkOrder(order);
    if (!entry)
        return entry.error();
    RestoreRequest request = requestFor(order);
    if (m_parts.restoreCommands)
        request.commands = m_parts.restoreCommands();
    request.commandTimeout = m_parts.timeout;
    begin(ManagerState::RestoreBackup, QStringLiteral("restore"), order.id);
    Result<StartedOperation> answer = started();
    startRestore(*entry, order.agentId,
        [order, request, folder = m_parts.dataFolder, opening = keys(order.password),
            done = std::make_shared<QStringList>()](const QString &path, JobControl &control) {
            return restoreArchive(order, request, folder, *done, path, opening, control);
        });
    return answer;
}

QFuture<Result<QJsonObject>> BackupManager::preview(const RestoreOrder &order)
{
    const Answer<Result<QJsonObject>> answer;
    const Result<CatalogEntry> entry = checkOrder(order);
    if (!entry) {
        answer.give(entry.error());
        return answer.future();
    }
    RestoreRequest request = requestFor(order);
    if (m_parts.restoreCommands)
        request.commands = m_parts.restoreCommands();
    m_data->looking.start([this, answer, order, request, folder = m_parts.dataFolder,
                              workers = workersWith(*entry, order.agentId),
                              opening = keys(order.password), control = m_data->background] {
        Result<QJsonObject> found = Error {};
        for (const auto &worker : workers) {
            const Result<std::shared_ptr<FetchedBackup>> file = fetchFrom(
                { worker }, order.id, [this] { return m_data->temporaryPath("fetch"); }, control);
            found = file
                ? previewArchive(order, request, folder, (*file)->path(), opening, *control)
                : Result<QJsonObject>(file.error());
            if (control->cancelled()
                || (file && (found || found.error().code != ErrorCode::Corrupt)))
                break;
        }
        onMainThread([answer, found] { answer.give(found); });
    });
    return answer.future();
}

// Brings the file here where that is needed, and runs restore with it on the backup thread.
void BackupManager::startRestore(const CatalogEntry &entry, const QString &agentId,
    std::function<Outcome(const QString &path, JobControl &)> restore)
{
    enter({ ManagerState::RestoreBackup, QStringLiteral("in_progress") });
    const Workers workers = workersWith(entry, agentId);
    const bool isFar = !workers.isEmpty() && workers.first()->folder().isEmpty();
    onMainThread([this, isFar] {
        if (isFar)
            enterStage(QStringLiteral("download_from_agent"));
        else
            m_data->status.stage = QStringLiteral("restoring");
    });
    onBackupThread([this, workers, entry, restore = std::move(restore),
                       control = m_data->operation->control] {
        const Outcome outcome = restoreFromAny(
            workers, entry, [this] { return m_data->temporaryPath("fetch"); }, restore, control);
        onMainThread([this, outcome] { takeRestored(outcome); });
    });
}

void BackupManager::takeRestored(const Outcome &outcome)
{
    const BackupId id = m_data->status.backupId;
    const Operation &operation = *m_data->operation;
    if (outcome && outcome->restartNeeded && operation.stopped) {
        const Result<void> dropped = dropStagedRestore(toPath(m_parts.dataFolder));
        finish(dropped ? Outcome(*operation.stopped) : Outcome(dropped.error()), operation.reason);
        return;
    }
    if (!outcome) {
        finish(
            outcome.error().in(QStringLiteral("Restoring %1").arg(id)), reasonFor(outcome.error()));
        return;
    }
    if (outcome->restartNeeded)
        enter({ ManagerState::RestoreBackup, QStringLiteral("core_restart") });
    finish(outcome, outcome->problem ? reasonFor(*outcome->problem) : QString());
}

} // namespace hubkeep::backup
