// What the manager asks agents beside operations: listing, removing, reading.

#include "integrations/backup/backupoperation.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSet>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(backupLog, "hubkeep.backup")

struct Listed
{
    Result<QList<AgentBackup>> backups;
    Result<qint64> free;
};

using Fetched = Result<std::shared_ptr<FetchedBackup>>;

} // namespace

Fetched fetchBy(
    BackupAgent &agent, const BackupId &id, const QString &temporaryPath, JobControl &control)
{
    const QString local = agent.localPath(id);
    if (!local.isEmpty())
        return std::make_shared<FetchedBackup>(local, false);
    const Result<void> done = agent.download(id, temporaryPath, control);
    if (done)
        return std::make_shared<FetchedBackup>(temporaryPath, true);
    QFile::remove(temporaryPath);
    return done.error().in(QStringLiteral("Downloading from %1").arg(agent.id()));
}

Result<std::shared_ptr<FetchedBackup>> fetchFrom(const QList<std::shared_ptr<AgentWorker>> &workers,
    const BackupId &id, const std::function<QString()> &temporaryPath,
    const std::shared_ptr<JobControl> &control)
{
    Error last { ErrorCode::NotFound,
        QStringLiteral("No agent that is configured has the backup %1").arg(id) };
    for (const auto &worker : workers) {
        Fetched fetched = worker->ask<Fetched>(
            [&](BackupAgent &agent) { return fetchBy(agent, id, temporaryPath(), *control); });
        if (fetched || fetched.error().code == ErrorCode::Cancelled)
            return fetched;
        last = fetched.error();
    }
    return last;
}

void BackupManager::addAgent(std::shared_ptr<BackupAgent> agent)
{
    removeAgent(agent->id());
    m_data->agents.push_back(std::make_shared<AgentWorker>(std::move(agent)));
}

void BackupManager::removeAgent(const QString &id)
{
    auto &agents = m_data->agents;
    auto &retired = m_data->retired;
    std::erase_if(retired, [](const auto &worker) { return worker->isIdle(); });
    for (const auto &worker : agents) {
        if (worker->id() == id)
            retired.push_back(worker); // whatever it does still ends there
    }
    std::erase_if(agents, [&](const auto &worker) { return worker->id() == id; });
    m_data->agentErrors.remove(id);
    m_data->emptied.remove(id);
    m_data->freeSpace.remove(id);
}

QStringList BackupManager::agentIds() const
{
    QStringList ids;
    for (const auto &worker : m_data->agents)
        ids.append(worker->id());
    return ids;
}

QString BackupManager::resolveAgent(const QString &id) const
{
    for (const auto &worker : m_data->agents) {
        const bool isFirstLocal = id == QLatin1String("backup.local")
            && worker->id().startsWith(QLatin1String("local."));
        if (worker->id() == id || isFirstLocal)
            return worker->id();
    }
    return {};
}

bool BackupManager::isLocalAgent(const QString &id) const
{
    const std::shared_ptr<AgentWorker> worker = m_data->worker(id);
    return worker && !worker->folder().isEmpty();
}

QMap<QString, QString> BackupManager::agentErrors() const
{
    return m_data->agentErrors;
}

QStringList BackupManager::emptiedAgents() const
{
    return m_data->emptied.values();
}

QMap<QString, qint64> BackupManager::freeSpace() const
{
    return m_data->freeSpace;
}

QFuture<void> BackupManager::refresh()
{
    auto promise = std::make_shared<QPromise<void>>();
    promise->start();
    auto left = std::make_shared<int>(1);
    const auto refreshedOne = [this, promise, left] {
        if (--*left > 0)
            return;
        emit backupsChanged();
        promise->finish();
    };
    QFuture<void> future = promise->future();
    if (!m_data->isShutDown) {
        // Whose agent is gone has no copy there that anybody could reach.
        QSet<QString> gone;
        for (const CatalogEntry &entry : backups()) {
            for (const QString &id : entry.agents.keys())
                gone.insert(id);
        }
        for (const QString &id : agentIds())
            gone.remove(id);
        for (const QString &id : std::as_const(gone))
            (void)takeListed(id, QList<AgentBackup>());
    }
    for (const auto &worker : m_data->agents) {
        if (m_data->isShutDown)
            break;
        ++*left;
        worker->start([this, refreshedOne, id = worker->id(), expected = expectedBy(worker->id())](
                          BackupAgent &agent) {
            if (expected)
                agent.expect(*expected);
            const Listed listed { agent.list(), agent.freeSpace() };
            onMainThread([this, refreshedOne, id, listed] {
                if (m_data->worker(id)) {
                    (void)takeListed(id, listed.backups);
                    m_data->freeSpace.remove(id);
                    if (listed.free)
                        m_data->freeSpace.insert(id, *listed.free);
                }
                refreshedOne();
            });
        });
    }
    onMainThread(refreshedOne);
    return future;
}

// What an agent is still to get, or is getting. Nothing: that cannot be told, for one that was
// replaced is still at work there.
std::optional<QSet<BackupId>> BackupManager::expectedBy(const QString &agentId) const
{
    for (const auto &worker : m_data->retired) {
        if (worker->id() == agentId && !worker->isIdle())
            return {};
    }
    QSet<BackupId> ids;
    if (m_data->operation)
        ids.insert(m_data->status.backupId);
    for (const CatalogEntry &entry : backups()) {
        if (entry.failedAgents.contains(agentId) && !entry.agents.contains(agentId))
            ids.insert(entry.backup.id);
    }
    return ids;
}

Result<void> BackupManager::takeListed(
    const QString &agentId, const Result<QList<AgentBackup>> &listed)
{
    const Result<void> emptied = listed ? checkEmptied(agentId, *listed) : Result<void>();
    const Result<void> usable = listed ? emptied : Result<void>(listed.error());
    if (emptied)
        m_data->emptied.remove(agentId);
    else
        m_data->emptied.insert(agentId);
    if (!usable) {
        // One that is away is asked once a minute.
        if (m_data->agentErrors.value(agentId) != usable.error().message)
            qCWarning(backupLog).noquote()
                << QStringLiteral("Listing %1: %2").arg(agentId, usable.error().message);
        m_data->agentErrors.insert(agentId, usable.error().message);
        return usable;
    }
    m_data->agentErrors.remove(agentId);
    // Of an agent that is not configured any more nothing is missed.
    const auto taken = m_parts.catalog.refresh(
        agentId, *listed, m_data->worker(agentId) ? m_parts.instanceId : QString());
    if (taken)
        tellVanished(agentId, *taken);
    else
        qCWarning(backupLog).noquote()
            << QStringLiteral("Writing the catalog: %1").arg(taken.error().message);
    return {};
}

// Folders of this machine have a mark that tells; elsewhere nothing does.
Result<void> BackupManager::checkEmptied(
    const QString &agentId, const QList<AgentBackup> &listed) const
{
    if (!listed.isEmpty() || !m_data->worker(agentId) || isLocalAgent(agentId))
        return {};
    int known = 0;
    for (const CatalogEntry &entry : backups())
        known += entry.agents.contains(agentId) && !entry.leavingAgents.contains(agentId)
            && entry.backup.instanceId == m_parts.instanceId;
    if (known < 2)
        return {};
    return Error { ErrorCode::Unavailable,
        QStringLiteral("%1 has none of the %2 backups that were there; is its disk mounted? If "
                       "they were deleted, the next backup that is made there settles it")
            .arg(agentId)
            .arg(known) };
}

void BackupManager::tellVanished(const QString &agentId, const QList<Catalog::Vanished> &vanished)
{
    QList<BackupId> ids;
    QList<BackupId> lost;
    for (const Catalog::Vanished &copy : vanished) {
        qCWarning(backupLog).noquote()
            << QStringLiteral("%1 is gone from %2, and this hub did not delete it there; %3")
                   .arg(copy.id, agentId,
                       copy.isMissed ? QStringLiteral("it is brought there again")
                           : copy.others.isEmpty()
                           ? QStringLiteral("no other agent has it")
                           : QStringLiteral("it is still on ") + copy.others.join(u", "));
        if (copy.isMissed)
            continue;
        ids.append(copy.id);
        if (copy.others.isEmpty())
            lost.append(copy.id);
    }
    if (!ids.isEmpty())
        emit copiesVanished(agentId, ids, lost);
}

// What is on the agents is kept whatever becomes of the catalog: refreshing finds it again.
void BackupManager::saveEntry(const CatalogEntry &entry)
{
    const Result<void> saved = m_parts.catalog.save(entry);
    if (!saved)
        qCWarning(backupLog).noquote()
            << QStringLiteral("Writing the catalog: %1").arg(saved.error().message);
    emit backupsChanged();
}

BackupManager::Workers BackupManager::workersWith(
    const CatalogEntry &entry, const QString &agentId) const
{
    Workers near;
    Workers far;
    const QString only = agentId.isEmpty() ? QString() : resolveAgent(agentId);
    for (const auto &worker : m_data->agents) {
        if (!entry.agents.contains(worker->id()) || (!agentId.isEmpty() && worker->id() != only))
            continue;
        (worker->folder().isEmpty() ? far : near).append(worker);
    }
    return near + far;
}

QFuture<Result<std::shared_ptr<FetchedBackup>>> BackupManager::fetch(
    const BackupId &id, const QString &agentId)
{
    const Answer<Fetched> answer;
    const std::optional<CatalogEntry> entry = backup(id);
    const Workers workers = entry ? workersWith(*entry, agentId) : Workers();
    if (workers.isEmpty()) {
        answer.give(Error { ErrorCode::NotFound,
            entry ? QStringLiteral("The backup %1 is not on %2")
                        .arg(id, agentId.isEmpty() ? QStringLiteral("any agent") : agentId)
                  : QStringLiteral("There is no backup %1").arg(id) });
        return answer.future();
    }
    const auto tryNext = [this, answer, id = entry->backup.id, control = m_data->background](
                             auto &&self, const Workers &left) -> void {
        const std::shared_ptr<AgentWorker> worker = left.first();
        worker->start([=, this](BackupAgent &agent) {
            const Fetched fetched = fetchBy(agent, id, m_data->temporaryPath("fetch"), *control);
            onMainThread([=, this] {
                if (fetched || left.size() == 1)
                    answer.give(fetched);
                else
                    self(self, left.mid(1));
            });
        });
    };
    tryNext(tryNext, workers);
    return answer.future();
}

QFuture<Result<QMap<QString, Error>>> BackupManager::remove(const QString &idOrFilename)
{
    using Errors = QMap<QString, Error>;
    const Answer<Result<Errors>> answer;
    const std::optional<CatalogEntry> entry = backup(idOrFilename);
    if (!entry) {
        answer.give(Error {
            ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(idOrFilename) });
        return answer.future();
    }
    const BackupId id = entry->backup.id;
    auto errors = std::make_shared<Errors>();
    auto left = std::make_shared<int>(1);
    const auto removedOne = [this, answer, errors, left, id] {
        if (--*left > 0)
            return;
        const std::optional<CatalogEntry> now = backup(id);
        QStringList done = now ? now->agents.keys() : QStringList();
        done.removeIf([&](const QString &agentId) { return errors->contains(agentId); });
        dropCopies(id, done);
        emit backupsChanged();
        answer.give(*errors);
    };
    for (const QString &agentId : entry->agents.keys()) {
        const std::shared_ptr<AgentWorker> worker = m_data->worker(agentId);
        if (!worker) {
            errors->insert(agentId,
                { ErrorCode::Unavailable,
                    QStringLiteral("The agent %1 is not configured").arg(agentId) });
            continue;
        }
        ++*left;
        noteLeaving(agentId, { id });
        worker->start([this, id, agentId, errors, removedOne](BackupAgent &agent) {
            const Result<void> done = agent.remove(id);
            onMainThread([=, this] {
                if (!done) {
                    errors->insert(agentId, done.error());
                    keepCopy(id, agentId);
                }
                removedOne();
            });
        });
    }
    removedOne();
    return answer.future();
}

} // namespace hubkeep::backup
