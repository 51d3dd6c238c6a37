// backup/*: what Home Assistant's clients and its window do with backups.

#include "app/api/homeassistantjson.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"
#include "app/api/whendone.h"
#include "integrations/backup/backupintegration.h"

#include <QJsonDocument>
#include <QPointer>

namespace hubkeep::api {
namespace {

using backup::BackupIntegration;
using backup::BackupManager;

QJsonObject texts(const QMap<QString, QString> &byAgent)
{
    QJsonObject object;
    for (auto it = byAgent.cbegin(); it != byAgent.cend(); ++it)
        object.insert(it.key(), *it);
    return object;
}

QString asText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

void failWith(WebSocketSession &session, qint64 id, const Error &error)
{
    switch (error.code) {
    case ErrorCode::NotFound:
        return session.fail(id, "backup_not_found", error.message);
    case ErrorCode::Unauthorized:
        return session.fail(id, "password_incorrect", error.message);
    default:
        return session.fail(id, "home_assistant_error", error.message);
    }
}

// The backup, if it is there and that agent has it; else session was told.
std::optional<backup::CatalogEntry> findOnAgent(WebSocketSession &session, qint64 id,
    const BackupManager &manager, const QString &backupId, QString &agentId)
{
    const QString resolved = manager.resolveAgent(agentId);
    if (resolved.isEmpty()) {
        session.fail(
            id, "home_assistant_error", QStringLiteral("Invalid agent selected: %1").arg(agentId));
        return {};
    }
    agentId = resolved;
    const std::optional<backup::CatalogEntry> entry = manager.backup(backupId);
    if (entry && entry->agents.contains(agentId))
        return entry;
    session.fail(id, "backup_not_found",
        QStringLiteral("Backup %1 not found in agent %2").arg(backupId, agentId));
    return {};
}

void info(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    if (!Fields(message).good(session))
        return;
    const BackupManager &manager = integration.manager();
    const QString instance = session.hub().identity().instanceId;
    QJsonArray backups;
    for (const backup::CatalogEntry &entry : manager.backups()) {
        if (entry.backup.kind == backup::BackupKind::Archive)
            backups.append(backupToJson(entry, instance));
    }
    const auto &last = manager.lastActionEvent();
    session.result(message.id,
        QJsonObject { { QStringLiteral("agent_errors"), texts(manager.agentErrors()) },
            { QStringLiteral("backups"), backups },
            { QStringLiteral("last_attempted_automatic_backup"),
                timeOrNull(integration.lastAttempted()) },
            { QStringLiteral("last_completed_automatic_backup"),
                timeOrNull(integration.lastCompleted()) },
            { QStringLiteral("last_action_event"),
                last ? QJsonValue(toJson(*last)) : QJsonValue(QJsonValue::Null) },
            { QStringLiteral("next_automatic_backup"),
                timeOrNull(integration.nextAutomatic().due) },
            { QStringLiteral("next_automatic_backup_additional"),
                integration.nextAutomatic().additional },
            { QStringLiteral("state"), toString(manager.state()) } });
}

void details(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    Fields fields(message);
    const QString id = fields.text("backup_id");
    if (!fields.good(session))
        return;
    const BackupManager &manager = integration.manager();
    const std::optional<backup::CatalogEntry> entry = manager.backup(id);
    const bool shown = entry && entry->backup.kind == backup::BackupKind::Archive;
    session.result(message.id,
        QJsonObject { { QStringLiteral("agent_errors"), texts(manager.agentErrors()) },
            { QStringLiteral("backup"),
                shown ? QJsonValue(backupToJson(*entry, session.hub().identity().instanceId))
                      : QJsonValue(QJsonValue::Null) } });
}

void remove(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    Fields fields(message);
    const QString backupId = fields.text("backup_id");
    if (!fields.good(session))
        return;
    // Deleting goes on, and is written down, if the client leaves meanwhile.
    WebSocketApi &api = session.api();
    whenDone(&api, integration.manager().remove(backupId),
        [&api, asked = QPointer(&session), id = message.id,
            entry = session.auditEntry(QStringLiteral("backup.delete"), backupId)](
            const Result<QMap<QString, Error>> &removed) mutable {
            QJsonObject errors;
            if (removed) {
                for (auto it = removed->cbegin(); it != removed->cend(); ++it)
                    errors.insert(it.key(), it->message);
            }
            const bool failed = !removed || !errors.isEmpty();
            entry.result = failed ? QStringLiteral("failed") : QStringLiteral("ok");
            entry.detail
                = removed ? QStringList(errors.keys()).join(u' ') : removed.error().message;
            api.parts().audit.record(std::move(entry));
            if (!asked)
                return;
            // As with Home Assistant, deleting what is not there is no failure.
            if (!removed && removed.error().code != ErrorCode::NotFound)
                return failWith(*asked, id, removed.error());
            asked->result(id, QJsonObject { { QStringLiteral("agent_errors"), errors } });
        });
}

void restore(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    Fields fields(message);
    backup::RestoreOrder order;
    order.id = fields.text("backup_id");
    order.agentId = fields.text("agent_id");
    order.password = fields.text("password", {});
    fields.optionalTexts("restore_addons");
    fields.optionalTexts("restore_folders");
    order.metadata = fields.boolean("restore_database", true);
    // What Home Assistant calls itself is all that is not its database.
    order.data = fields.boolean("restore_homeassistant", true);
    order.config = order.data;
    if (!fields.good(session)
        || !findOnAgent(session, message.id, integration.manager(), order.id, order.agentId))
        return;
    const Result<backup::StartedOperation> started = integration.manager().restore(order);
    session.audit(QStringLiteral("backup.restore"), order.id, started ? "ok" : "failed",
        started ? QString() : started.error().message);
    if (!started)
        return failWith(session, message.id, started.error());
    whenDone(&session, started->done,
        [&session, id = message.id](const Result<backup::OperationOutcome> &outcome) {
            if (!outcome)
                failWith(session, id, outcome.error());
            else if (outcome->problem)
                failWith(session, id, *outcome->problem);
            else
                session.result(id);
        });
}

void canDecrypt(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    Fields fields(message);
    const QString backupId = fields.text("backup_id");
    QString agentId = fields.text("agent_id");
    const QString password = fields.text("password");
    if (!fields.good(session))
        return;
    BackupManager &manager = integration.manager();
    const auto entry = findOnAgent(session, message.id, manager, backupId, agentId);
    if (!entry)
        return;
    if (!entry->agents.value(agentId).isProtected)
        return session.result(message.id);
    whenDone(&session, manager.checkPassword(entry->backup.id, agentId, password),
        [&session, id = message.id](const Result<void> &opens) {
            if (opens)
                session.result(id);
            else if (opens.error().code == ErrorCode::InvalidArgument)
                session.fail(id, "decrypt_not_supported", opens.error().message);
            else
                failWith(session, id, opens.error());
        });
}

void start(WebSocketSession &session, qint64 id, BackupManager &manager,
    const backup::CreateRequest &request)
{
    const Result<backup::StartedOperation> started = manager.create(request);
    if (!started)
        return session.fail(id, "home_assistant_error", started.error().message);
    session.result(id, QJsonObject { { QStringLiteral("backup_job_id"), started->id } });
}

void generate(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    Fields fields(message);
    backup::CreateRequest request;
    request.agents = fields.texts("agent_ids");
    request.name = fields.text("name", {}).trimmed();
    request.password = fields.text("password", {});
    fields.boolean("include_homeassistant", true);
    fields.boolean("include_all_addons", false);
    fields.optionalTexts("include_addons");
    fields.optionalTexts("include_folders");
    request.includeHub = fields.boolean("include_database", true);
    if (!fields.good(session))
        return;
    if (request.agents.isEmpty()) // for the manager these would be the automatic settings' agents
        return session.fail(message.id, "home_assistant_error",
            QStringLiteral("At least one available backup agent must be selected, got []"));
    start(session, message.id, integration.manager(), request);
}

void generateAutomatic(
    WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    if (!Fields(message).good(session))
        return;
    start(session, message.id, integration.manager(), integration.automaticRequest());
}

void listAgents(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    if (!Fields(message).good(session))
        return;
    QJsonArray agents;
    for (const QString &id : integration.manager().agentIds())
        agents.append(QJsonObject { { QStringLiteral("agent_id"), id },
            { QStringLiteral("name"), id.mid(id.indexOf(u'.') + 1) } });
    session.result(message.id, QJsonObject { { QStringLiteral("agents"), agents } });
}

void showConfig(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    if (!Fields(message).good(session))
        return;
    QJsonObject config = toJson(integration.settings());
    QJsonObject create = config.value(QStringLiteral("create_backup")).toObject();
    create.insert(QStringLiteral("include_addons"), QJsonValue::Null);
    create.insert(QStringLiteral("include_all_addons"), false);
    create.insert(QStringLiteral("include_folders"), QJsonValue::Null);
    config.insert(QStringLiteral("create_backup"), create);
    config.insert(QStringLiteral("automatic_backups_configured"), true);
    config.insert(
        QStringLiteral("last_attempted_automatic_backup"), timeOrNull(integration.lastAttempted()));
    config.insert(
        QStringLiteral("last_completed_automatic_backup"), timeOrNull(integration.lastCompleted()));
    const backup::ScheduledRun next = integration.nextAutomatic();
    config.insert(QStringLiteral("next_automatic_backup"), timeOrNull(next.due));
    config.insert(QStringLiteral("next_automatic_backup_additional"), next.additional);
    session.result(message.id, QJsonObject { { QStringLiteral("config"), config } });
}

void changeConfig(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    QJsonObject changes = message.fields;
    changes.remove(QStringLiteral("id"));
    changes.remove(QStringLiteral("type"));
    const Result<void> changed = integration.updateSettings(changes);
    session.audit(QStringLiteral("backup.settings"), {}, changed ? "ok" : "failed",
        changed ? QString() : changed.error().message);
    if (changed)
        return session.result(message.id);
    const bool wrong = changed.error().code == ErrorCode::InvalidArgument;
    session.fail(
        message.id, wrong ? "invalid_format" : "home_assistant_error", changed.error().message);
}

void subscribe(WebSocketSession &session, const Message &message, BackupIntegration &integration)
{
    if (!Fields(message).good(session))
        return;
    const qint64 id = message.id;
    BackupManager &manager = integration.manager();
    WebSocketSession::Following following;
    following.connection = std::make_unique<QObject>();
    QObject::connect(&manager, &BackupManager::eventFired, following.connection.get(),
        [&session, id](
            const backup::ManagerEvent &event) { session.event(id, asText(toJson(event))); });
    if (!session.follow(id, std::move(following)))
        return;
    session.event(id, asText(toJson(manager.lastEvent())));
    session.result(id);
}

using BackupCommand = void (*)(WebSocketSession &, const Message &, BackupIntegration &);

void addBackupCommand(
    CommandTable &table, const char *type, BackupCommand run, Access access = Access::Admin)
{
    table.add(type, access, [run](WebSocketSession &session, const Message &message) {
        if (auto *integration = session.hub().find<BackupIntegration>())
            run(session, message, *integration);
        else // as with Home Assistant, where it is not loaded
            session.fail(message.id, "unknown_command", QStringLiteral("Unknown command."));
    });
}

} // namespace

void addBackupCommands(CommandTable &table)
{
    addBackupCommand(table, "backup/info", info, Access::User);
    addBackupCommand(table, "backup/details", details);
    addBackupCommand(table, "backup/delete", remove);
    addBackupCommand(table, "backup/restore", restore);
    addBackupCommand(table, "backup/can_decrypt_on_download", canDecrypt);
    addBackupCommand(table, "backup/generate", generate);
    addBackupCommand(table, "backup/generate_with_automatic_settings", generateAutomatic);
    addBackupCommand(table, "backup/agents/info", listAgents);
    addBackupCommand(table, "backup/config/info", showConfig);
    addBackupCommand(table, "backup/config/update", changeConfig);
    addBackupCommand(table, "backup/subscribe_events", subscribe);
}

} // namespace hubkeep::api
