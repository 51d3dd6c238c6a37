#include "app/application.h"

#include "app/applicationparts.h"
#include "app/partsecrets.h"
#include "app/parttypes.h"
#include "integrations/backup/hubsource.h"
#include "integrations/backup/stagedrestore.h"
#include "integrations/files/filessource.h"
#include "integrations/persistent_notification/persistentnotificationintegration.h"
#include "integrations/recorder/recorderintegration.h"

#include <QFile>
#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QTimer>

namespace hubkeep {
namespace {

Q_LOGGING_CATEGORY(hubLog, "hubkeep.hub")

constexpr const char *administrator = "admin";

// What of state.db must not leave the machine in a plain backup.
const QList<QByteArray> &secretsOfState()
{
    static const QList<QByteArray> statements { "DELETE FROM tokens",
        "DELETE FROM notify_queue", // whoever restores it does not want them sent again
        "UPDATE settings SET value = json_remove(value, '$.create_backup.password') "
        "WHERE name = 'backup.settings'" };
    return statements;
}

// A backup has no tokens in it; those of users that it knows go on working after a restore.
const QList<QByteArray> &tokensToKeep()
{
    static const QList<QByteArray> statements {
        "INSERT OR IGNORE INTO tokens SELECT * FROM present.tokens "
        "WHERE user IN (SELECT id FROM users)"
    };
    return statements;
}

// 20 characters of 32 that nobody confuses: 100 bits.
QString randomPassword()
{
    static constexpr char letters[] = "abcdefghjkmnpqrstuvwxyz23456789A";
    QString password;
    for (int i = 0; i < 20; ++i)
        password += QLatin1Char(letters[QRandomGenerator::system()->bounded(32)]);
    return password;
}

QList<notify::NotifierConfig> notifiersOf(const Configuration &configuration)
{
    QList<notify::NotifierConfig> notifiers;
    for (const PartConfiguration &part : configuration.notifiers)
        notifiers.append({ part.name, part.type, part.options, true, part.secret });
    return notifiers;
}

QString problemLines(const QList<ConfigurationProblem> &problems)
{
    QStringList lines;
    for (const ConfigurationProblem &problem : problems)
        lines.append(toString(problem));
    return lines.join(u'\n');
}

// What has changed and is read at a start only.
QList<const char *> waitingSections(const Configuration &old, const Configuration &now)
{
    QList<const char *> sections;
    if (old.name != now.name || old.timeZone != now.timeZone)
        sections.append("hub");
    if (old.http.host != now.http.host || old.http.port != now.http.port
        || old.http.tls.certificate != now.http.tls.certificate
        || old.http.tls.key != now.http.tls.key)
        sections.append("http");
    const QString recorder = QStringLiteral("recorder");
    if (old.sections.value(recorder) != now.sections.value(recorder))
        sections.append("recorder");
    return sections;
}

} // namespace

Result<std::unique_ptr<Application>> Application::open(Options options, const Clock &clock)
{
    std::unique_ptr<Application> application(
        new Application(std::make_unique<Parts>(std::move(options), clock)));
    Parts &parts = *application->m_parts;
    const Result<void> created = parts.folder.create();
    if (!created)
        return created.error();
    Result<backup::FolderLock> lock
        = backup::FolderLock::take(QFile::encodeName(parts.folder.path()));
    if (!lock && lock.error().code == ErrorCode::Busy)
        return Error { ErrorCode::Busy,
            QStringLiteral("Another hub or command works in %1; stop it, or wait until it is done")
                .arg(displayName(QFile::encodeName(parts.folder.path()))) };
    if (!lock)
        return lock.error();
    parts.lock = std::move(*lock);
    removeRunningFile(parts.folder); // of a hub that was killed
    // The administrator last: whoever makes one also says its password.
    for (const auto step : { &Application::prepareFolder, &Application::openStores,
             &Application::setUpIntegrations, &Application::ensureAdministrator }) {
        const Result<void> done = (application.get()->*step)();
        if (!done)
            return done.error();
    }
    return application;
}

Application::Application(std::unique_ptr<Parts> parts)
    : m_parts(std::move(parts))
{
}

Application::~Application()
{
    Parts &parts = *m_parts;
    if (!parts.access.url.isEmpty()) {
        if (parts.options.announce)
            removeRunningFile(parts.folder);
        (void)parts.accounts->revokeLocalTokens();
    }
    // What runs ends with this event: it asks the integrations, in its hooks, until then.
    if (parts.hub)
        parts.hub->enter(HubState::Stopping);
    // Nobody is answered any more by parts that are going.
    parts.webSockets.reset(); // first: the server sees to what lies under a connection
    parts.server.reset();
}

// What a restore left to do comes first: nothing is open yet.
Result<void> Application::prepareFolder()
{
    Parts &parts = *m_parts;
    const Result<backup::StagedRestore> applied = backup::applyStagedRestore(
        QFile::encodeName(parts.folder.path()), { tokensToKeep(), {} });
    if (!applied)
        return applied.error().in(QStringLiteral("Applying the restore that was waiting"));
    const Result<void> written = writeDefaultConfiguration(parts.folder.path());
    if (!written)
        return written.error();
    LoadedConfiguration loaded = loadConfiguration(parts.folder.path());
    if (!loaded.problems.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The configuration in %1 has problems:\n%2")
                .arg(parts.folder.config(), problemLines(loaded.problems)) };
    parts.configuration = std::move(loaded.configuration);
    return {};
}

Result<void> Application::openStores()
{
    Parts &parts = *m_parts;
    Result<std::unique_ptr<StateDatabase>> state
        = StateDatabase::open(parts.folder.stateDatabase());
    if (!state)
        return state.error();
    parts.state = std::move(*state);
    if (!parts.state->damagedCopy().isEmpty())
        qCCritical(hubLog).noquote()
            << "data/state.db was damaged and is now" << parts.state->damagedCopy()
            << "; users and settings begin anew, backups are found again on their agents";
    Result<std::unique_ptr<Accounts>> accounts = Accounts::open(*parts.state, parts.clock);
    if (!accounts)
        return accounts.error();
    parts.accounts = std::move(*accounts);
    Result<std::unique_ptr<AuditLog>> audit = AuditLog::open(*parts.state, parts.clock);
    if (!audit)
        return audit.error();
    parts.audit = std::move(*audit);
    Result<std::unique_ptr<ActivityLog>> activity = ActivityLog::open(*parts.state, parts.clock);
    if (!activity)
        return activity.error();
    parts.activity = std::move(*activity);
    return {};
}

Result<void> Application::ensureAdministrator()
{
    Parts &parts = *m_parts;
    const Result<QList<User>> users = parts.accounts->users();
    if (!users)
        return users.error();
    if (!users->isEmpty())
        return {};
    const QString password = randomPassword();
    const Result<User> added = parts.accounts->addUser(
        QString::fromLatin1(administrator), Role::Admin, hashPassword(password));
    if (!added)
        return added.error();
    parts.firstPassword = password;
    return {};
}

Result<void> Application::setUpIntegrations()
{
    Parts &parts = *m_parts;
    Result<QString> instance = instanceId();
    if (!instance)
        return instance.error();
    parts.timers = std::make_unique<TimerQueue>(parts.clock);
    parts.pinger = std::make_unique<Pinger>(*parts.timers);
    parts.hub = std::make_unique<Hub>(parts.clock,
        HubIdentity { parts.configuration.name, parts.configuration.timeZone, parts.folder.path(),
            *instance, false });
    for (const auto step : { &Application::addRecorder, &Application::addPersistentNotifications,
             &Application::addNotifiers, &Application::addBackupIntegration }) {
        const Result<void> added = (this->*step)();
        if (!added)
            return added;
    }
    addActions();
    return addAutomations();
}

// The first of all integrations, so that it hears of every state.
Result<void> Application::addRecorder()
{
    return m_parts->hub->add(std::make_unique<recorder::RecorderIntegration>(),
        m_parts->configuration.sections.value(QStringLiteral("recorder")).toMap());
}

// Before all that have something to tell.
Result<void> Application::addPersistentNotifications()
{
    return m_parts->hub->add(
        std::make_unique<persistentnotification::PersistentNotificationIntegration>(
            *m_parts->state),
        {});
}

// What ends is written down, with how long it took.
void Application::followOperations()
{
    auto began = std::make_shared<std::optional<std::chrono::milliseconds>>();
    connect(&manager(), &backup::BackupManager::eventFired, this,
        [this, began](const backup::ManagerEvent &event) {
            if (event.state != backup::ManagerState::Idle && !*began)
                *began = m_parts->clock.uptime();
        });
    connect(&manager(), &backup::BackupManager::operationFinished, this,
        [this, began](const backup::OperationStatus &status) {
            m_parts->activity->record(
                status, *began ? std::optional(m_parts->clock.uptime() - **began) : std::nullopt);
            began->reset();
        });
}

Result<void> Application::addNotifiers()
{
    Parts &parts = *m_parts;
    auto integration = std::make_unique<notify::NotifyIntegration>(
        notify::NotifyIntegration::Parts { *parts.state, *parts.timers,
            notifiersOf(parts.configuration), [this](const QString &, const QString &sentence) {
                backup::OperationStatus failure;
                failure.operation = QStringLiteral("notify");
                failure.status = QStringLiteral("failed");
                failure.error = sentence;
                m_parts->activity->record(failure);
            } });
    notify::NotifyIntegration *const made = integration.get();
    const Result<void> added = parts.hub->add(std::move(integration), {});
    if (added)
        parts.notify = made;
    return added;
}

// Of this data folder, for ever: what tells its own backups from others'.
Result<QString> Application::instanceId()
{
    const QString name = QStringLiteral("hub.instance_id");
    const Result<std::optional<QJsonValue>> stored = m_parts->state->setting(name);
    if (!stored)
        return stored.error();
    const QString kept = readInstanceId(m_parts->folder);
    const auto keep = [&](const QString &id) {
        const Result<void> written
            = id == kept ? Result<void>() : writeInstanceId(m_parts->folder, id);
        if (!written)
            qCWarning(hubLog).noquote() << written.error().message;
    };
    if (*stored && !(*stored)->toString().isEmpty()) {
        keep((*stored)->toString());
        return (*stored)->toString();
    }
    const QString id = !kept.isEmpty()
        ? kept
        : QStringLiteral("%1%2")
              .arg(QRandomGenerator::system()->generate64(), 16, 16, QLatin1Char('0'))
              .arg(QRandomGenerator::system()->generate64(), 16, 16, QLatin1Char('0'));
    const Result<void> saved = m_parts->state->setSetting(name, id);
    if (!saved)
        return saved.error();
    keep(id);
    return id;
}

Result<void> Application::addBackupIntegration()
{
    Parts &parts = *m_parts;
    const DataFolder folder = parts.folder;
    Result<SecretBox> box = SecretBox::open(folder.secretsFile());
    if (!box)
        return box.error();
    const auto secrets = std::make_shared<const SecretBox>(std::move(*box));
    auto hubSources = [folder] {
        std::vector<std::unique_ptr<backup::BackupSource>> sources;
        sources.push_back(std::make_unique<backup::HubConfigSource>(
            std::make_unique<files::FilesSource>(files::FilesConfig {
                backup::hubConfigName, QFile::encodeName(folder.config()), {}, {} })));
        sources.push_back(std::make_unique<backup::HubDataSource>(QFile::encodeName(folder.data()),
            QList<backup::HubDatabase> { { "history.db" }, { "state.db", secretsOfState() } }));
        return sources;
    };
    auto integration
        = std::make_unique<backup::BackupIntegration>(backup::BackupIntegration::Parts {
            *parts.state, sourceTypes(folder), agentTypes(folder, parts.configuration.timeZone),
            backupConfig(parts.configuration.backup), std::move(hubSources),
            { { QStringLiteral("state"), secretsOfState() }, { QStringLiteral("history"), {} } },
            parts.timers.get(),
            [pinger = parts.pinger.get()](
                const QString &url, const QByteArray &body) { pinger->ping(url, body); },
            parts.options.announce,
            { [secrets](const backup::Part &part) { return sealedOptions(part, *secrets); },
                [secrets](
                    const QVariantMap &stored) { return openedOptions(stored, *secrets); } } });
    backup::BackupIntegration *const made = integration.get();
    const Result<void> added = parts.hub->add(std::move(integration), {});
    if (!added)
        return added;
    parts.backup = made;
    followOperations();
    Result<std::unique_ptr<backup::DrillLog>> drillLog = backup::DrillLog::open(*parts.state);
    if (!drillLog)
        return drillLog.error();
    parts.drillLog = std::move(*drillLog);
    parts.drills = std::make_unique<backup::RestoreDrills>(*parts.hub, manager(), *parts.drillLog,
        *parts.timers,
        parts.options.announce ? drillPolicy(parts.configuration.backup)
                               : backup::DrillPolicy { std::chrono::hours(0), 0 });
    const auto showDrills
        = [this] { m_parts->backup->setDrillProblems(m_parts->drills->problems()); };
    connect(parts.drills.get(), &backup::RestoreDrills::problemsChanged, this, showDrills);
    showDrills();
    parts.keyReminder = std::make_unique<backup::KeyReminder>(
        *parts.hub, *parts.state, backup::KeyStore(folder.path()), *parts.timers);
    parts.keyReminder->setRecipients(parts.configuration.backup.encryption.recipients);
    return {};
}

void Application::addActions()
{
    ActionRegistry &actions = m_parts->hub->actions();
    actions.add({ QStringLiteral("homeassistant.restart"), QStringLiteral("Restart"),
                    QStringLiteral("Restarts the hub, with its configuration read again.") },
        [this](const ActionCall &) {
            const QList<ConfigurationProblem> problems
                = loadConfiguration(m_parts->folder.path()).problems;
            if (!problems.isEmpty())
                return finishedAction(Error { ErrorCode::InvalidArgument,
                    QStringLiteral("The hub would not come up again: %1")
                        .arg(toString(problems.first())) });
            // The caller gets its answer first.
            QTimer::singleShot(
                std::chrono::milliseconds(200), this, &Application::restartRequested);
            return finishedAction(QVariantMap {});
        });
    actions.add(
        { QStringLiteral("homeassistant.check_config"), QStringLiteral("Check configuration"),
            QStringLiteral("Checks every configuration file; fails with the first problem.") },
        [this](const ActionCall &) {
            const QList<ConfigurationProblem> problems = checkFiles();
            if (problems.isEmpty())
                return finishedAction(QVariantMap {});
            return finishedAction(Error { ErrorCode::InvalidArgument, toString(problems.first()) });
        });
}

const QString &Application::firstPassword() const
{
    return m_parts->firstPassword;
}

QString Application::url() const
{
    return m_parts->access.url;
}

const RunningHub &Application::access() const
{
    return m_parts->access;
}

Hub &Application::hub()
{
    return *m_parts->hub;
}

backup::BackupIntegration &Application::backupIntegration()
{
    return *m_parts->backup;
}

backup::BackupManager &Application::manager()
{
    return m_parts->backup->manager();
}

QList<ConfigurationProblem> Application::reload()
{
    LoadedConfiguration loaded = loadConfiguration(m_parts->folder.path());
    for (const ConfigurationProblem &problem : loaded.problems)
        qCWarning(hubLog).noquote() << "The configuration stays as it was:" << toString(problem);
    if (!loaded.problems.isEmpty())
        return loaded.problems;
    for (const char *section : waitingSections(m_parts->configuration, loaded.configuration))
        qCWarning(hubLog).noquote().nospace()
            << "What " << section << ": says is taken over at the next start";
    m_parts->backup->reconfigure(backupConfig(loaded.configuration.backup));
    m_parts->drills->setPolicy(drillPolicy(loaded.configuration.backup));
    m_parts->keyReminder->setRecipients(loaded.configuration.backup.encryption.recipients);
    m_parts->notify->reconfigure(notifiersOf(loaded.configuration));
    m_parts->configuration = std::move(loaded.configuration);
    return {};
}

} // namespace hubkeep
