#include "integrations/backup/backupactions.h"

#include "integrations/backup/backupintegration.h"

namespace hubkeep::backup {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

const QStringList &actionNames()
{
    static const QStringList names { key("backup.create"), key("backup.create_automatic"),
        key("backup.verify"), key("backup.drill"), key("backup.cancel"), key("backup.delete") };
    return names;
}

QMap<QString, ActionField> backupIdField()
{
    return { { key("backup_id"),
        { key("The backup's id or file name"), FieldType::Text, true,
            key("backup-20260211-143022-a1b2c3d4") } } };
}

// The action ends when the operation does, and says what is missing as a failure.
ActionResult whenEnded(BackupManager &manager, const Result<StartedOperation> &operation)
{
    if (!operation)
        return finishedAction(operation.error());
    QFuture<Result<OperationOutcome>> done = operation->done;
    return done.then(&manager, [](const Result<OperationOutcome> &outcome) -> Result<QVariantMap> {
        if (!outcome)
            return outcome.error();
        if (outcome->problem)
            return *outcome->problem;
        if (!outcome->verified.problems.isEmpty())
            return Error { ErrorCode::Corrupt,
                QStringLiteral("The backup %1 is damaged: %2")
                    .arg(outcome->id, outcome->verified.problems.first().message) };
        return QVariantMap { { key("backup_id"), outcome->id } };
    });
}

ActionResult create(BackupManager &manager)
{
    CreateRequest request;
    request.plain = true;
    request.agents = { manager.resolveAgent(key("backup.local")) };
    if (request.agents.first().isEmpty())
        return finishedAction(Error { ErrorCode::InvalidArgument,
            key("There is no local agent; name one in hubkeep.yaml (backup.agents)") });
    return whenEnded(manager, manager.create(request));
}

ActionResult remove(BackupManager &manager, const ActionCall &call)
{
    return manager.remove(call.arguments.value(key("backup_id")).toString())
        .then(&manager, [](const Result<QMap<QString, Error>> &failed) -> Result<QVariantMap> {
            if (!failed)
                return failed.error();
            for (auto it = failed->cbegin(); it != failed->cend(); ++it)
                return it->in(QStringLiteral("Deleting it from %1").arg(it.key()));
            return QVariantMap {};
        });
}

} // namespace

void addBackupActions(ActionRegistry &actions, BackupIntegration &integration)
{
    BackupManager &manager = integration.manager();
    actions.add({ key("backup.create"), key("Create backup"), key("Creates a new backup."), {},
                    true, true },
        [&manager](const ActionCall &) { return create(manager); });
    actions.add({ key("backup.create_automatic"), key("Create automatic backup"),
                    key("Creates a new backup with automatic backup settings."), {}, true, true },
        [&integration, &manager](const ActionCall &) {
            return whenEnded(manager, manager.create(integration.automaticRequest()));
        });
    actions.add({ key("backup.verify"), key("Verify backup"),
                    key("Proves a backup: its structure, every digest, every database."),
                    backupIdField(), true, true },
        [&manager](const ActionCall &call) {
            return whenEnded(
                manager, manager.verify(call.arguments.value(key("backup_id")).toString()));
        });
    actions.add({ key("backup.drill"), key("Hold a restore drill"),
                    key("Restores a backup into a scratch folder and compares what came back."),
                    backupIdField(), true, true },
        [&manager](const ActionCall &call) {
            return whenEnded(
                manager, manager.drill(call.arguments.value(key("backup_id")).toString()));
        });
    actions.add({ key("backup.cancel"), key("Cancel"),
                    key("Cancels what the backup manager is doing; nothing half-made stays.") },
        [&manager](const ActionCall &) {
            manager.cancel();
            return finishedAction(QVariantMap {});
        });
    actions.add({ key("backup.delete"), key("Delete backup"),
                    key("Deletes a backup from every agent that has it."), backupIdField() },
        [&manager](const ActionCall &call) { return remove(manager, call); });
}

void removeBackupActions(ActionRegistry &actions)
{
    for (const QString &name : actionNames())
        actions.remove(name);
}

} // namespace hubkeep::backup
