// Single databases: a plain SQLite file of one, and such a file put back.

#include "integrations/backup/backupoperation.h"

#include "integrations/backup/databasesnapshot.h"
#include "integrations/backup/filedigest.h"
#include "integrations/backup/stagedrestore.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace hubkeep::backup {
namespace {

constexpr std::chrono::milliseconds snapshotPatience { 10'000 };
constexpr std::chrono::milliseconds restorePatience { 30'000 };

// "shop_20260413_142530.db"; isTaken says which names are in use.
QString databaseFilename(
    const QString &name, const QDateTime &time, const std::function<bool(const QString &)> &isTaken)
{
    static const QRegularExpression unsafe(QStringLiteral("[/\\x00-\\x1f\\x7f]|^\\."));
    const QString stem = QString(name).replace(unsafe, QStringLiteral("_"))
        + time.toUTC().toString(QStringLiteral("'_'yyyyMMdd'_'HHmmss"));
    QString filename = stem + QLatin1String(".db");
    for (int n = 2; isTaken(filename); ++n)
        filename = QStringLiteral("%1_%2.db").arg(stem).arg(n);
    return filename;
}

} // namespace

// Where the database of that name lies: a source's, or one of the hub's own.
Result<QByteArray> BackupManager::databasePath(const QString &name, bool &isHub) const
{
    isHub = m_parts.hubDatabases.contains(name);
    if (isHub)
        return toPath(QStringLiteral("%1/data/%2.db").arg(m_parts.dataFolder, name));
    QStringList known;
    for (const QString &source : m_parts.sourceNames()) {
        const auto made = m_parts.makeSources({ source }, false);
        if (!made || made->empty() || made->front()->type() != QLatin1String("sqlite"))
            continue;
        if (source == name)
            return made->front()->path();
        known.append(source);
    }
    return Error { ErrorCode::NotFound,
        QStringLiteral("There is no database '%1'; there are %2")
            .arg(name, (known + m_parts.hubDatabases.keys()).join(QStringLiteral(", "))) };
}

QFuture<Result<AgentBackup>> BackupManager::createDatabase(const QString &name)
{
    const Answer<Result<AgentBackup>> answer;
    const auto refused = [&](const Error &error) {
        answer.give(error);
        return answer.future();
    };
    bool isHub = false;
    const Result<void> idle = checkIdle();
    const Result<QByteArray> path = databasePath(name, isHub);
    QStringList unavailable;
    const Workers agents = chooseAgents({ QStringLiteral("backup.local") }, unavailable);
    if (!idle || !path)
        return refused(!path ? path.error() : idle.error());
    if (agents.isEmpty())
        return refused({ ErrorCode::InvalidArgument,
            QStringLiteral("There is no local agent to keep the database; configure one") });
    AgentBackup backup;
    backup.created = m_parts.clock.now();
    backup.id = makeBackupId(backup.created);
    backup.kind = BackupKind::Database;
    backup.filename = databaseFilename(name, backup.created,
        [this](const QString &filename) { return m_parts.catalog.find(filename).has_value(); });
    backup.name = name;
    backup.database = name;
    backup.instanceId = m_parts.instanceId;
    if (!isHub)
        backup.sources.append(name);
    Operation &operation = begin(ManagerState::CreateBackup, QStringLiteral("backup"), backup.id);
    operation.agents = agents;
    operation.answer = [this, answer](const Outcome &outcome) {
        const std::optional<CatalogEntry> entry
            = outcome ? this->backup(outcome->id) : std::optional<CatalogEntry>();
        answer.give(entry ? Result<AgentBackup>(entry->backup)
                          : Result<AgentBackup>(outcome ? Error {} : outcome.error()));
    };
    enter({ ManagerState::CreateBackup, QStringLiteral("in_progress") });
    const QString target = m_data->staging + u'/' + backup.filename;
    make([backup, path = *path, target, blanking = m_parts.hubDatabases.value(name)](
             JobControl &control) -> Result<Made> {
        const Result<void> done
            = snapshotDatabase(path, toPath(target), blanking, snapshotPatience, control);
        if (!done)
            return done.error().in(QStringLiteral("Backing up the database %1").arg(backup.name));
        Made made { backup, target };
        made.backup.size = QFileInfo(target).size();
        made.backup.verified = backup.created;
        made.backup.counts = { 1, 0, 0, 1, made.backup.size };
        control.enterStage("Verifying", made.backup.size);
        const Result<QString> digest = fileSha256(toPath(target), control);
        if (!digest)
            return digest.error();
        made.backup.sha256 = *digest;
        return made;
    });
    return answer.future();
}

QFuture<Result<BackupManager::RestoredDatabase>> BackupManager::restoreDatabase(
    const QString &idOrFilename)
{
    const Answer<Result<RestoredDatabase>> answer;
    const auto refused = [&](const Error &error) {
        answer.give(error);
        return answer.future();
    };
    const std::optional<CatalogEntry> entry = backup(idOrFilename);
    if (!entry)
        return refused(
            { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(idOrFilename) });
    if (entry->backup.kind != BackupKind::Database)
        return refused({ ErrorCode::InvalidArgument,
            QStringLiteral("%1 is no single database; restore it by its id").arg(idOrFilename) });
    const Result<void> idle = checkIdle();
    if (!idle)
        return refused(idle.error());
    bool isHub = false;
    const Result<QByteArray> path = databasePath(entry->backup.database, isHub);
    if (!path)
        return refused(path.error().in(QStringLiteral("Restoring %1").arg(idOrFilename)));
    Operation &operation
        = begin(ManagerState::RestoreBackup, QStringLiteral("restore"), entry->backup.id);
    operation.answer = [answer, backup = entry->backup](const Outcome &outcome) {
        answer.give(outcome ? Result<RestoredDatabase>(RestoredDatabase {
                        backup.database, backup.filename, outcome->restartNeeded })
                            : Result<RestoredDatabase>(outcome.error()));
    };
    startRestore(*entry, {},
        [backup = entry->backup, path = *path, isHub, folder = m_parts.dataFolder](
            const QString &file, JobControl &control) -> Outcome {
            control.enterStage("Restoring", backup.size, 1);
            OperationOutcome outcome;
            outcome.id = backup.id;
            outcome.restartNeeded = isHub;
            if (isHub) {
                const Result<void> staged = stageHubDatabase(
                    toPath(file), backup.database.toUtf8() + ".db", toPath(folder), control);
                return staged ? Outcome(outcome) : Outcome(staged.error());
            }
            const Result<Written> done
                = restoreDatabaseFile(toPath(file), path, restorePatience, control);
            return done ? Outcome(outcome) : Outcome(done.error());
        });
    return answer.future();
}

} // namespace hubkeep::backup
