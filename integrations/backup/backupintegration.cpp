#include "integrations/backup/backupintegration.h"

#include "automation/core/nearest.h"
#include "automation/core/persistentnotifications.h"
#include "integrations/backup/agentcatchup.h"
#include "integrations/backup/automaticbackups.h"
#include "integrations/backup/backupactions.h"
#include "integrations/backup/backupentities.h"
#include "integrations/backup/backuphooks.h"
#include "integrations/backup/keystore.h"
#include "integrations/backup/partstore.h"
#include "integrations/backup/parttest.h"
#include "integrations/backup/pruning.h"

#include <QJsonArray>
#include <QLoggingCategory>
#include <QThreadPool>
#include <QtConcurrent>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(integrationLog, "hubkeep.backup")

const QString settingsSetting = QStringLiteral("backup.settings");

constexpr std::chrono::milliseconds pruneInterval = std::chrono::hours(24);
constexpr std::chrono::milliseconds firstPruning = std::chrono::minutes(10); // after a start

// Home Assistant's clients call it backup.local; kept, and answered, is its own id.
QJsonObject withFirstLocalAgent(QJsonObject changes, const BackupManager &manager)
{
    const QString alias = QStringLiteral("backup.local");
    const QString own = manager.resolveAgent(alias);
    const QString agents = QStringLiteral("agents");
    QJsonObject byAgent = changes.value(agents).toObject();
    if (!own.isEmpty() && byAgent.contains(alias)) {
        byAgent.insert(own, byAgent.take(alias));
        changes.insert(agents, byAgent);
    }
    const QString create = QStringLiteral("create_backup");
    const QString ids = QStringLiteral("agent_ids");
    QJsonObject createBackup = changes.value(create).toObject();
    if (!own.isEmpty() && createBackup.value(ids).isArray()) {
        QJsonArray list = createBackup.value(ids).toArray();
        for (QJsonValueRef id : list) {
            if (id.toString() == alias)
                id = own;
        }
        createBackup.insert(ids, list);
        changes.insert(create, createBackup);
    }
    return changes;
}

QTimeZone zoneOf(const Hub &hub)
{
    const QTimeZone zone(hub.identity().timeZone.toLatin1());
    return zone.isValid() ? zone : QTimeZone::systemTimeZone();
}

} // namespace

struct BackupIntegration::State
{
    explicit State(Parts given)
        : parts(std::move(given))
        , partStore(parts.state, parts.partSeal)
    {
    }

    Result<void> mayCreate() const;

    Result<std::vector<std::unique_ptr<BackupSource>>> makeSources(
        const QStringList &names, bool includeHub);
    QMap<QString, QStringList> restoreCommands() const;
    EncryptionPlan encryption(const CreateRequest &request) const;
    AgeKeys keys() const;
    Result<void> runBefore(JobControl &control);
    Result<void> runAfter(JobControl &control);
    KnownNames knownNames() const;
    void connectAgents();
    void showTimes();
    void applySchedule();
    QMap<QString, QList<BackupId>> surplus(Pruning why) const;
    void pruneDaily(std::chrono::milliseconds wait);
    void makeAutomatic(BackupIntegration &integration);
    void makeCatchup();
    void stop();

    Parts parts;
    Hub *hub = nullptr;
    PartStore partStore;
    BackupSettings settings;
    QTimeZone zone;
    std::unique_ptr<TimerQueue> ownTimers;
    TimerQueue *timers = nullptr;
    std::unique_ptr<BackupHooks> hooks;
    std::unique_ptr<Catalog> catalog;
    std::unique_ptr<BackupManager> manager;
    std::unique_ptr<BackupEntities> entities;
    std::unique_ptr<AutomaticBackups> automatic;
    std::unique_ptr<BackupHealth> health;
    std::unique_ptr<AgentCatchup> catchup;
    Timer pruning;
    QMap<QString, Part> agents; // those that the manager has, by id
    Subscription stopping;
    JobControl tests; // of parts
    QThreadPool testers;
};

// Switched off, there is still what was backed up before, and where its databases lie.
Result<void> BackupIntegration::State::mayCreate() const
{
    if (parts.config.enabled)
        return {};
    return Error { ErrorCode::Unavailable,
        QStringLiteral("Backups are switched off by backup.enabled in hubkeep.yaml") };
}

Result<std::vector<std::unique_ptr<BackupSource>>> BackupIntegration::State::makeSources(
    const QStringList &names, bool includeHub)
{
    std::vector<std::unique_ptr<BackupSource>> sources;
    QStringList known;
    for (const Part &part : partStore.all(PartKind::Source)) {
        known.append(part.name);
        if (!names.isEmpty() && !names.contains(part.name))
            continue;
        const auto make = parts.sourceTypes.value(part.type);
        if (!make)
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("The source %1 has the type %2, which does not exist")
                    .arg(part.name, part.type) };
        Result<std::unique_ptr<BackupSource>> source = make(part);
        if (!source)
            return source.error().in(QStringLiteral("The source %1").arg(part.name));
        sources.push_back(std::move(*source));
    }
    for (const QString &name : names) {
        if (!known.contains(name))
            return Error { ErrorCode::NotFound,
                QStringLiteral("There is no source %1%2").arg(name, didYouMean(name, known)) };
    }
    if (includeHub && parts.hubSources) {
        for (std::unique_ptr<BackupSource> &source : parts.hubSources())
            sources.push_back(std::move(source));
    }
    return sources;
}

// What takes a command's file back, for those sources that say it.
QMap<QString, QStringList> BackupIntegration::State::restoreCommands() const
{
    QMap<QString, QStringList> commands;
    for (const Part &part : partStore.all(PartKind::Source)) {
        const QStringList command = part.options.value(QStringLiteral("restore")).toStringList();
        if (!command.isEmpty())
            commands.insert(part.name, command);
    }
    return commands;
}

// Recipients win: age does not mix them with a passphrase.
EncryptionPlan BackupIntegration::State::encryption(const CreateRequest &request) const
{
    EncryptionPlan plan;
    if (request.plain)
        return plan;
    plan.recipients.recipients = parts.config.recipients;
    if (plan.recipients.recipients.empty())
        plan.recipients.passphrase = request.password.toUtf8();
    for (auto agent = settings.agents.begin(); agent != settings.agents.end(); ++agent) {
        if (!agent->isProtected)
            plan.plainAgents.append(agent.key());
    }
    return plan;
}

AgeKeys BackupIntegration::State::keys() const
{
    return { KeyStore(hub->identity().dataFolder).identities(), settings.password.toUtf8() };
}

// Integrations first: what a command stops may be what an integration needs to hold still.
Result<void> BackupIntegration::State::runBefore(JobControl &control)
{
    const Result<void> begun = hooks->begin(control);
    if (!begun)
        return begun;
    for (const auto &integration : hub->integrations()) {
        const Result<void> prepared = integration->prepareBackup(control);
        if (!prepared)
            return prepared.error().in(QStringLiteral("Preparing %1").arg(integration->name()));
    }
    return hooks->runBefore(control);
}

// All of them, whatever one fails with: what was stopped is started again.
Result<void> BackupIntegration::State::runAfter(JobControl &)
{
    Result<void> first = hooks->runAfter();
    JobControl untouched; // after a cancelled backup too
    for (const auto &integration : hub->integrations()) {
        const Result<void> done = integration->afterBackup(untouched);
        if (!done && first)
            first = done;
    }
    return first;
}

// Also agents that cannot be connected just now.
KnownNames BackupIntegration::State::knownNames() const
{
    KnownNames names { manager->agentIds(), {} };
    for (const Part &part : partStore.all(PartKind::Agent))
        names.agents.append(part.type + u'.' + part.name);
    for (const Part &part : partStore.all(PartKind::Source))
        names.sources.append(part.name);
    return names;
}

void BackupIntegration::State::connectAgents()
{
    QMap<QString, Part> wanted;
    QStringList ids;
    for (const Part &part : partStore.all(PartKind::Agent)) {
        const QString id = part.type + u'.' + part.name;
        wanted.insert(id, part);
        ids.append(id);
    }
    for (const QString &id : agents.keys()) {
        if (!wanted.contains(id) || wanted.value(id) != agents.value(id)) {
            manager->removeAgent(id);
            agents.remove(id);
        }
    }
    QStringList connected;
    for (const QString &id : std::as_const(ids)) {
        const Part &part = wanted[id];
        const auto make = parts.agentTypes.value(part.type);
        if (!agents.contains(id)) {
            Result<std::shared_ptr<BackupAgent>> agent = make
                ? make(part)
                : Result<std::shared_ptr<BackupAgent>>(Error { ErrorCode::InvalidArgument,
                    QStringLiteral("there are no agents of the type %1 yet").arg(part.type) });
            if (!agent) {
                qCWarning(integrationLog).noquote()
                    << "The agent" << part.name << "is left out:" << agent.error().message;
                continue;
            }
            manager->addAgent(std::move(*agent));
            agents.insert(id, part);
        }
        connected.append(id);
    }
    entities->showAgents(connected);
    health->look();
    (void)manager->refresh();
}

void BackupIntegration::State::showTimes()
{
    const ScheduledRun &next = automatic->next();
    entities->showTimes(
        { automatic->lastAttempted(), automatic->lastCompleted(), next.due, next.additional });
}

// Switched off, nothing runs by itself.
void BackupIntegration::State::applySchedule()
{
    if (parts.runsByItself)
        automatic->setSchedule(parts.config.enabled ? scheduleOf(settings) : Schedule());
}

QMap<QString, QList<BackupId>> BackupIntegration::State::surplus(Pruning why) const
{
    const RetentionRules rules = retentionRulesOf(settings);
    return surplusOf({ manager->backups(), hub->identity().instanceId,
        why == Pruning::ByAge ? agingRulesOf(rules) : rules, manager->agentErrors(),
        hub->clock().now(), zone });
}

// What became too old meanwhile. Not where nothing new has come for too long.
void BackupIntegration::State::pruneDaily(std::chrono::milliseconds wait)
{
    pruning = timers->after(wait, [this] {
        pruneDaily(pruneInterval);
        if (!health->isOverdue() && manager->state() == ManagerState::Idle)
            (void)manager->prune(Pruning::ByAge);
    });
}

void BackupIntegration::State::makeAutomatic(BackupIntegration &integration)
{
    automatic = std::make_unique<AutomaticBackups>(AutomaticBackups::Parts { parts.state, *timers,
        *manager, zone, [&integration] { return integration.automaticRequest(); } });
    QObject::connect(
        automatic.get(), &AutomaticBackups::changed, entities.get(), [this] { showTimes(); });
    health = std::make_unique<BackupHealth>(
        BackupHealth::Parts { *hub, *timers, *manager, *automatic, *entities,
            [this] { return settings.agentIds; }, parts.ping,
            [this](const CatalogEntry &entry, const QString &agentId) {
                return catchup && catchup->needsRecipient(entry, agentId);
            },
            [this](const CatalogEntry &entry, const QString &agentId) {
                return !catchup || catchup->isToBeReplaced(entry, agentId);
            },
            parts.runsByItself ? parts.listInterval : std::chrono::milliseconds(0) },
        parts.config.health);
}

// Whoever waits for it is told by an event, besides the log.
void BackupIntegration::State::makeCatchup()
{
    // As automatic backups are: who asked for the one that was missed is not remembered.
    const auto plan = [this] {
        CreateRequest request;
        request.password = settings.password;
        return encryption(request);
    };
    catchup = std::make_unique<AgentCatchup>(AgentCatchup::Parts { *manager, *timers,
        [plan](const QString &agentId) -> std::optional<bool> {
            return plan().protects(agentId) ? std::optional<bool>(true) : std::nullopt;
        },
        [plan] { return plan().recipients; } });
    QObject::connect(
        catchup.get(), &AgentCatchup::failed, entities.get(), [this] { health->look(); });
    QObject::connect(catchup.get(), &AgentCatchup::caughtUp, entities.get(),
        [this](const QString &agentId, const QStringList &ids) {
            hub->bus().publish({ QStringLiteral("backup_agent_caught_up"),
                { { QStringLiteral("agent_id"), agentId }, { QStringLiteral("backup_ids"), ids } },
                {} });
        });
    // The pruning after the backup left it as it was.
    QObject::connect(catchup.get(), &AgentCatchup::caughtUp, manager.get(),
        [this](const QString &agentId) { (void)manager->prune(Pruning::AfterBackup, agentId); });
    QObject::connect(catchup.get(), &AgentCatchup::replaced, entities.get(),
        [this](const QString &agentId, const BackupId &id, const QString &aside) {
            auto *notices = hub->find<PersistentNotifications>();
            if (notices)
                notices->create(QStringLiteral("backup_replaced_") + agentId,
                    QStringLiteral("A damaged backup was replaced"),
                    QStringLiteral("The copy of %1 on %2 was damaged, and a sound one was brought "
                                   "there. The damaged one was set aside there as %3; nobody "
                                   "but you deletes it. Look at the place: it may be failing.")
                        .arg(id, agentId, aside));
        });
}

// What is being transferred ends before its manager waits for it.
void BackupIntegration::State::stop()
{
    catchup.reset();
    manager->shutDown();
}

BackupIntegration::BackupIntegration(Parts parts)
    : m_state(std::make_unique<State>(std::move(parts)))
{
}

BackupIntegration::~BackupIntegration()
{
    State &state = *m_state;
    if (!state.hub)
        return;
    state.tests.cancel();
    state.testers.waitForDone();
    removeBackupActions(state.hub->actions());
    state.hub->withdraw<BackupManager>();
    state.hub->withdraw<BackupIntegration>();
    state.catchup.reset();
    state.pruning = {};
    state.health.reset();
    state.automatic.reset();
    state.entities.reset();
    state.manager.reset();
}

Result<void> BackupIntegration::setUp(Hub &hub, const QVariantMap &)
{
    State &state = *m_state;
    const Result<void> loaded = state.partStore.load();
    if (!loaded)
        return loaded;
    const Result<std::optional<QJsonValue>> stored = state.parts.state.setting(settingsSetting);
    if (!stored)
        return stored.error();
    if (*stored) {
        const Result<BackupSettings> settings = backupSettingsFromJson((*stored)->toObject());
        if (settings)
            state.settings = *settings;
        else
            qCWarning(integrationLog).noquote()
                << "The stored automatic backup settings begin anew:" << settings.error().message;
    }
    Result<std::unique_ptr<Catalog>> catalog = Catalog::open(state.parts.state);
    if (!catalog)
        return catalog.error();
    state.catalog = std::move(*catalog);
    state.hub = &hub;
    state.hooks = std::make_unique<BackupHooks>(hub.identity().dataFolder);
    state.hooks->configure({ state.parts.config.before, state.parts.config.after });
    state.hooks->runOwed();
    state.zone = zoneOf(hub);
    if (!state.parts.timers)
        state.ownTimers = std::make_unique<TimerQueue>(hub.clock());
    state.timers = state.parts.timers ? state.parts.timers : state.ownTimers.get();
    state.partStore.setFromFile(PartKind::Source, state.parts.config.sources);
    state.partStore.setFromFile(PartKind::Agent, state.parts.config.agents);

    BackupManager::Parts parts { hub.identity().dataFolder, hub.identity().instanceId, hub.clock(),
        *state.catalog,
        [&state] {
            QStringList names;
            for (const Part &part : state.partStore.all(PartKind::Source))
                names.append(part.name);
            return names;
        },
        [&state](const QStringList &names, bool includeHub) {
            return state.makeSources(names, includeHub);
        },
        [&state](JobControl &control) { return state.runBefore(control); },
        [&state](JobControl &control) { return state.runAfter(control); } };
    parts.timeout = state.parts.config.timeout;
    parts.mayCreate = [&state] { return state.mayCreate(); };
    parts.defaultAgents = [&state] { return state.settings.agentIds; };
    parts.hubDatabases = state.parts.hubDatabases;
    parts.encryption = [&state](const CreateRequest &request) { return state.encryption(request); };
    parts.keys = [&state] { return state.keys(); };
    parts.restoreCommands = [&state] { return state.restoreCommands(); };
    parts.surplus = [&state](Pruning pruning) { return state.surplus(pruning); };
    state.manager = std::make_unique<BackupManager>(std::move(parts));
    // Its jobs call other integrations, which go before this one.
    state.stopping = hub.bus().subscribe(
        QStringLiteral("homeassistant_stop"), [&state](const Event &) { state.stop(); });
    state.entities = std::make_unique<BackupEntities>(hub, *state.manager);
    state.makeAutomatic(*this);
    state.connectAgents();
    state.applySchedule();
    if (state.parts.runsByItself) {
        state.makeCatchup();
        state.pruneDaily(firstPruning);
    }
    addBackupActions(hub.actions(), *this);
    hub.provide<BackupIntegration>(this);
    hub.provide<BackupManager>(state.manager.get());
    return {};
}

BackupManager &BackupIntegration::manager()
{
    return *m_state->manager;
}

const BackupSettings &BackupIntegration::settings() const
{
    return m_state->settings;
}

Result<void> BackupIntegration::updateSettings(const QJsonObject &changes)
{
    State &state = *m_state;
    Result<BackupSettings> merged
        = state.settings.merged(withFirstLocalAgent(changes, *state.manager));
    if (!merged)
        return merged.error();
    const Result<void> checked = checkNames(state.settings, *merged, state.knownNames());
    if (!checked)
        return checked;
    const Result<void> saved
        = state.parts.state.setSetting(settingsSetting, toJson(*merged, Passwords::Shown));
    if (!saved)
        return saved;
    if (!state.settings.password.isEmpty() && merged->password.isEmpty()
        && state.parts.config.recipients.empty())
        qCWarning(integrationLog) << "The password of automatic backups was taken away; from now "
                                     "on they are stored unencrypted";
    if (merged->recurrence == u"custom_days" && merged->days.isEmpty())
        qCWarning(integrationLog) << "The schedule of automatic backups is custom_days and names "
                                     "no days: none will be made until it does";
    state.settings = std::move(*merged);
    state.applySchedule();
    if (state.catchup)
        state.catchup->look();
    state.health->look();
    if (!state.settings.password.isEmpty() && !state.parts.config.recipients.empty())
        qCWarning(integrationLog).noquote()
            << "The password of automatic backups is not used: backup.encryption.recipients in "
               "hubkeep.yaml says whom they are encrypted to";
    return {};
}

CreateRequest BackupIntegration::automaticRequest() const
{
    const BackupSettings &settings = m_state->settings;
    CreateRequest request;
    request.name = settings.name;
    request.agents = settings.agentIds;
    request.sources = settings.includeSources.value_or(QStringList());
    request.includeHub = settings.includeDatabase;
    request.automatic = true;
    request.password = settings.password;
    return request;
}

QDateTime BackupIntegration::lastAttempted() const
{
    return m_state->automatic->lastAttempted();
}

QDateTime BackupIntegration::lastCompleted() const
{
    return m_state->automatic->lastCompleted();
}

ScheduledRun BackupIntegration::nextAutomatic() const
{
    return m_state->automatic->next();
}

QDateTime BackupIntegration::now() const
{
    return m_state->hub->clock().now();
}

QTimeZone BackupIntegration::zone() const
{
    return m_state->zone;
}

QList<RetentionBackup> BackupIntegration::retentionBackups() const
{
    return retentionBackupsOf(m_state->manager->backups(), m_state->hub->identity().instanceId);
}

QList<Part> BackupIntegration::parts(PartKind kind) const
{
    return m_state->partStore.all(kind);
}

Result<void> BackupIntegration::addPart(PartKind kind, const Part &part)
{
    const Result<void> added = m_state->partStore.add(kind, part);
    if (added && kind == PartKind::Agent)
        m_state->connectAgents();
    return added;
}

Result<void> BackupIntegration::replacePart(PartKind kind, const QString &name, const Part &part)
{
    const Result<void> replaced = m_state->partStore.replace(kind, name, part);
    if (replaced && kind == PartKind::Agent)
        m_state->connectAgents();
    return replaced;
}

Result<void> BackupIntegration::removePart(PartKind kind, const QString &name)
{
    const Result<void> removed = m_state->partStore.remove(kind, name);
    if (removed && kind == PartKind::Agent)
        m_state->connectAgents();
    return removed;
}

QFuture<BackupIntegration::PartTest> BackupIntegration::testPart(PartKind kind, const Part &part)
{
    State &state = *m_state;
    return QtConcurrent::run(&state.testers,
        [part, &control = state.tests, source = state.parts.sourceTypes.value(part.type),
            agent = state.parts.agentTypes.value(part.type), kind] {
            return kind == PartKind::Source ? testSource(part, source, control)
                                            : testAgent(part, agent, control);
        });
}

void BackupIntegration::setDrillProblems(const QStringList &problems)
{
    m_state->health->setDrillProblems(problems);
}

void BackupIntegration::reconfigure(IntegrationConfig config)
{
    State &state = *m_state;
    if (config.timeout != state.parts.config.timeout)
        state.manager->setTimeout(config.timeout);
    state.parts.config = std::move(config);
    state.hooks->configure({ state.parts.config.before, state.parts.config.after });
    state.partStore.setFromFile(PartKind::Source, state.parts.config.sources);
    state.partStore.setFromFile(PartKind::Agent, state.parts.config.agents);
    state.connectAgents();
    state.applySchedule();
    state.health->configure(state.parts.config.health);
}

} // namespace hubkeep::backup
