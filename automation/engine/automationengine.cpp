#include "automation/engine/automationengine.h"

#include "automation/core/nearest.h"
#include "automation/engine/automationfiles.h"
#include "automation/engine/automationmemory.h"
#include "automation/engine/automationset.h"
#include "automation/engine/folderwatch.h"
#include "automation/engine/statewatch.h"
#include "automation/template/templatedict.h"

#include <QJsonArray>
#include <QLoggingCategory>
#include <QPromise>

#include <algorithm>

namespace hubkeep::automation {
namespace {

Q_LOGGING_CATEGORY(automationLog, "hubkeep.automation")

constexpr qsizetype mostLinesTold = 20;

QString lineOf(const ValueProblem &problem)
{
    return QStringLiteral("%1:%2:%3: %4")
        .arg(problem.place.file)
        .arg(std::max(problem.place.line, 1))
        .arg(std::max(problem.place.column, 1))
        .arg(problem.message);
}

void checkActions(const Value &automation, const QStringList &known, Problems &problems)
{
    QList<NamedAction> actions;
    for (const char *key : { "actions", "action" }) {
        if (const Value *steps = automation.find(QLatin1String(key)))
            actions += namedActions(*steps);
    }
    for (const NamedAction &action : std::as_const(actions)) {
        if (!known.contains(action.name.trimmed().toLower()))
            problems.append({ action.place,
                QStringLiteral("there is no action %1%2")
                    .arg(quoted(action.name), didYouMean(action.name, known)) });
    }
}

Problems checkFiles(const AutomationFiles &files, const QStringList *knownActions)
{
    Problems problems = files.problems;
    QSet<QString> ids;
    for (const AutomationItem &item : files.items) {
        problems += checkItem(item, ids, nullptr);
        if (knownActions)
            checkActions(item.value, *knownActions, problems);
    }
    return problems;
}

// Secrets stay where they are.
QJsonValue toJson(const Value &value)
{
    if (value.isSecret())
        return QStringLiteral("**REDACTED**");
    if (value.kind() == Value::Kind::List) {
        QJsonArray items;
        for (const Value &item : value.items())
            items.append(toJson(item));
        return items;
    }
    if (value.kind() == Value::Kind::Map) {
        QJsonObject object;
        for (const Value::Member &member : value.members())
            object.insert(member.key, toJson(member.value));
        return object;
    }
    return QJsonValue::fromVariant(value.toVariant());
}

const QString &domain()
{
    static const QString name = QStringLiteral("automation");
    return name;
}

} // namespace

// In the order in which they are made; destroyed from the last to the first.
struct AutomationEngine::Data
{
    Data(AutomationEngine &engine, Hub &theHub, TimerQueue &timers, StateDatabase &database,
        QString folder, const QTimeZone &zone)
        : hub(theHub)
        , state(database)
        , configFolder(std::move(folder))
        , watch(hub.bus())
        , parts { hub, timers, watch, webhooks, zone }
        , host { parts, loops, [this](const QString &entityId) { remember(entityId); },
            [this, &engine](const QString &entityId, const QString &name) {
                engine.tellOfLoop(entityId, name);
            } }
    {
    }

    void remember(const QString &entityId) const
    {
        const AutomationEntry *entry = automations ? automations->find(entityId) : nullptr;
        if (entry && entry->automation)
            memories->set(entry->key(), { entityId, entry->automation->memory() });
    }

    Hub &hub;
    StateDatabase &state;
    const QString configFolder;
    StateWatch watch;
    Webhooks webhooks;
    EngineParts parts;
    LoopGuard loops;
    AutomationHost host;
    std::unique_ptr<AutomationMemories> memories;
    std::unique_ptr<AutomationSet> automations;
    std::unique_ptr<FolderWatch> folderWatch;
    QHash<QString, QDateTime> loopsTold;
    QString problemsTold;
};

AutomationEngine::AutomationEngine(
    Hub &hub, TimerQueue &timers, StateDatabase &state, QString configFolder, const QTimeZone &zone)
    : m_data(std::make_unique<Data>(*this, hub, timers, state, std::move(configFolder), zone))
{
}

AutomationEngine::~AutomationEngine()
{
    for (const char *action : { "trigger", "turn_on", "turn_off", "toggle", "reload" })
        m_data->hub.actions().remove(QStringLiteral("automation.") + QLatin1String(action));
}

Result<void> AutomationEngine::start()
{
    Result<std::unique_ptr<AutomationMemories>> memories = AutomationMemories::open(m_data->state);
    if (!memories)
        return memories.error();
    m_data->memories = std::move(*memories);
    m_data->automations = std::make_unique<AutomationSet>(m_data->host, *m_data->memories);
    addActions();
    reload();
    m_data->folderWatch = std::make_unique<FolderWatch>(m_data->configFolder);
    connect(m_data->folderWatch.get(), &FolderWatch::changed, this, [this] { reload(); });
    return {};
}

Problems AutomationEngine::reload(const Context &cause)
{
    AutomationFiles files = AutomationFiles::load(m_data->configFolder);
    Problems problems = files.problems;
    m_data->automations->take(std::move(files));
    m_data->memories->flush();
    QStringList actions;
    for (const ActionDescription &action : m_data->hub.actions().all())
        actions.append(action.name);
    for (const auto &entry : m_data->automations->entries()) {
        problems += entry->problems;
        checkActions(entry->item.value, actions, problems);
    }
    tellOfProblems(problems);
    m_data->hub.bus().publish({ QStringLiteral("automation_reloaded"), {}, cause });
    emit reloaded();
    return problems;
}

Problems AutomationEngine::check(const QString &configFolder, const QStringList *knownActions)
{
    return checkFiles(AutomationFiles::load(configFolder), knownActions);
}

Problems AutomationEngine::checkText(const QString &configFolder, const QString &file,
    const QByteArray &text, const QStringList *knownActions)
{
    return checkFiles(AutomationFiles::loadText(configFolder, file, text), knownActions);
}

// --- Telling people.

// In the log once for each new list, and in one notification that goes when all is well.
void AutomationEngine::tellOfProblems(const Problems &problems)
{
    QStringList lines;
    for (const ValueProblem &problem : problems)
        lines.append(lineOf(problem));
    const QString all = lines.join(u'\n');
    if (all == m_data->problemsTold)
        return;
    m_data->problemsTold = all;
    for (const QString &line : lines)
        qCWarning(automationLog).noquote() << line;
    const QString id = QStringLiteral("automation_problems");
    if (problems.isEmpty())
        return callNotification(QStringLiteral("dismiss"), { { notificationId(), id } });
    if (lines.size() > mostLinesTold) {
        const qsizetype more = lines.size() - mostLinesTold;
        lines = lines.mid(0, mostLinesTold);
        lines.append(QStringLiteral("… and %1 more: hubkeep check-config lists all").arg(more));
    }
    callNotification(QStringLiteral("create"),
        { { notificationId(), id },
            { QStringLiteral("title"), QStringLiteral("Automations with problems") },
            { QStringLiteral("message"),
                QStringLiteral("What is broken does not run; all others do.\n\n%1")
                    .arg(lines.join(u'\n')) } });
}

void AutomationEngine::tellOfLoop(const QString &entityId, const QString &name)
{
    const QDateTime now = m_data->hub.clock().now();
    QDateTime &last = m_data->loopsTold[entityId];
    if (last.isValid() && last.secsTo(now) < LoopGuard::window.count())
        return;
    last = now;
    const QString sentence
        = QStringLiteral("%1 (%2) was triggered over and over by what it does itself, and was "
                         "stopped after %3 runs; let a condition tell its own changes apart")
              .arg(name, entityId)
              .arg(LoopGuard::deepest);
    qCCritical(automationLog).noquote() << sentence;
    callNotification(QStringLiteral("create"),
        { { notificationId(), QStringLiteral("automation_loop_") + entityId.section(u'.', 1) },
            { QStringLiteral("title"), QStringLiteral("An automation triggers itself") },
            { QStringLiteral("message"), sentence } });
}

QString AutomationEngine::notificationId()
{
    return QStringLiteral("notification_id");
}

// Without the integration, the log has it.
void AutomationEngine::callNotification(const QString &action, const QVariantMap &arguments)
{
    const QString name = QStringLiteral("persistent_notification.") + action;
    if (m_data->hub.actions().has(name))
        (void)m_data->hub.actions().call(name, { arguments, Context::make() });
}

// --- What others see.

QList<AutomationSummary> AutomationEngine::automations() const
{
    QList<AutomationSummary> summaries;
    for (const auto &entry : m_data->automations->entries()) {
        const Place &place = entry->item.value.place();
        summaries.append({ entry->entityId, entry->id, entry->alias, entry->item.file, place.line,
            !entry->automation });
    }
    return summaries;
}

QJsonObject AutomationEngine::configuration(const QString &entityId) const
{
    const AutomationEntry *entry = m_data->automations->find(entityId);
    return entry ? toJson(entry->item.value).toObject() : QJsonObject();
}

QList<std::shared_ptr<const Trace>> AutomationEngine::traces(const QString &itemId) const
{
    QList<std::shared_ptr<const Trace>> traces;
    for (const auto &entry : m_data->automations->entries()) {
        if (!entry->automation || (!itemId.isEmpty() && entry->automation->itemId() != itemId))
            continue;
        for (const std::shared_ptr<Trace> &trace : entry->automation->traces())
            traces.append(trace);
    }
    std::stable_sort(traces.begin(), traces.end(),
        [](const auto &left, const auto &right) { return left->started < right->started; });
    return traces;
}

QJsonObject AutomationEngine::trace(const QString &itemId, const QString &runId) const
{
    for (const auto &entry : m_data->automations->entries()) {
        if (!entry->automation || entry->automation->itemId() != itemId)
            continue;
        for (const std::shared_ptr<Trace> &trace : entry->automation->traces()) {
            if (trace->runId != runId)
                continue;
            QJsonObject object = trace->toJson();
            object.insert(QStringLiteral("config"), toJson(entry->item.value));
            object.insert(QStringLiteral("blueprint_inputs"), QJsonValue());
            return object;
        }
    }
    return {};
}

EngineParts &AutomationEngine::parts()
{
    return m_data->parts;
}

// --- Actions.

namespace {

ActionField entityField()
{
    return { QStringLiteral("The automations, or \"all\"."), FieldType::List, true,
        QVariantList { QStringLiteral("automation.nightly_backup") } };
}

} // namespace

// Those that arguments name; a name that is none is an error before anything happens.
Result<QList<Automation *>> AutomationEngine::named(const QVariantMap &arguments) const
{
    QList<Automation *> found;
    QStringList known;
    for (const auto &entry : m_data->automations->entries())
        known.append(entry->entityId);
    QStringList wanted;
    for (const QVariant &id : arguments.value(QStringLiteral("entity_id")).toList()) {
        for (const QString &part : id.toString().split(u','))
            wanted.append(part.trimmed().toLower());
    }
    if (wanted.contains(QStringLiteral("all")))
        wanted = known;
    for (const QString &id : std::as_const(wanted)) {
        const AutomationEntry *entry = m_data->automations->find(id);
        if (!entry)
            return Error { ErrorCode::NotFound,
                QStringLiteral("There is no automation %1%2").arg(id, didYouMean(id, known)) };
        if (entry->automation)
            found.append(entry->automation.get());
        else if (wanted.size() == 1)
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("%1 is broken: %2").arg(id, lineOf(entry->problems.value(0))) };
    }
    return found;
}

void AutomationEngine::addAction(const QString &verb, const QString &title, const QString &summary,
    QMap<QString, ActionField> fields,
    std::function<void(Automation &automation, const ActionCall &call)> act)
{
    fields.insert(QStringLiteral("entity_id"), entityField());
    m_data->hub.actions().add({ domain() + u'.' + verb, title, summary, std::move(fields) },
        [this, act = std::move(act)](const ActionCall &call) {
            const Result<QList<Automation *>> automations = named(call.arguments);
            if (!automations)
                return finishedAction(automations.error());
            for (Automation *automation : *automations)
                act(*automation, call);
            m_data->memories->flush();
            return finishedAction(QVariantMap {});
        });
}

void AutomationEngine::addActions()
{
    const QString skip = QStringLiteral("skip_condition");
    const QString stop = QStringLiteral("stop_actions");
    const QString variables = QStringLiteral("variables");
    addAction(QStringLiteral("trigger"), QStringLiteral("Trigger"),
        QStringLiteral("Runs automations now, on or off."),
        { { skip,
            { QStringLiteral("Whether the conditions are skipped; true if not said."),
                FieldType::Boolean } } },
        [skip](Automation &automation, const ActionCall &call) {
            automation.trigger(call.context, {}, call.arguments.value(skip, true).toBool());
        });
    addAction(QStringLiteral("turn_on"), QStringLiteral("Turn on"),
        QStringLiteral("Lets automations be triggered."), {},
        [](Automation &automation, const ActionCall &call) { automation.turnOn(call.context); });
    const QMap<QString, ActionField> stopField { { stop,
        { QStringLiteral("Whether what runs is stopped; true if not said."),
            FieldType::Boolean } } };
    addAction(QStringLiteral("turn_off"), QStringLiteral("Turn off"),
        QStringLiteral("Keeps automations from being triggered."), stopField,
        [stop](Automation &automation, const ActionCall &call) {
            automation.turnOff(call.context, call.arguments.value(stop, true).toBool());
        });
    addAction(QStringLiteral("toggle"), QStringLiteral("Toggle"),
        QStringLiteral("Turns automations on that are off, and off that are on."), {},
        [](Automation &automation, const ActionCall &call) {
            if (automation.isOn())
                automation.turnOff(call.context, true);
            else
                automation.turnOn(call.context);
        });
    m_data->hub.actions().add(
        { QStringLiteral("automation.reload"), QStringLiteral("Reload"),
            QStringLiteral("Reads the automations again; they are anyway when a file changes.") },
        [this](const ActionCall &call) {
            // Not now: an automation may have asked for it, and be one of those that go.
            auto promise = std::make_shared<QPromise<Result<QVariantMap>>>();
            promise->start();
            QMetaObject::invokeMethod(
                this,
                [this, promise, cause = call.context] {
                    reload(cause);
                    promise->addResult(QVariantMap {});
                    promise->finish();
                },
                Qt::QueuedConnection);
            return promise->future();
        });
}

} // namespace hubkeep::automation
