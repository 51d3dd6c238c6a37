#include "tests/support/automationarena.h"

#include <QDir>
#include <QFile>
#include <QTest>

namespace hubkeep::test {

QByteArray slowAutomation(const QByteArray &mode)
{
    return "- id: slow\n"
           "  alias: Slow one\n"
           "  mode: "
        + mode
        + "\n  triggers: [{trigger: event, event_type: go}]\n"
          "  actions:\n"
          "    - action: test.note\n"
          "      data: {text: 'begin {{ trigger.event.data.n }}'}\n"
          "    - delay: 60\n"
          "    - action: test.note\n"
          "      data: {text: 'end {{ trigger.event.data.n }}'}\n";
}

AutomationArena::AutomationArena()
{
    if (!QDir(m_folder.path()).mkpath(QStringLiteral("config/automations")))
        qFatal("cannot make the folder");
    restart();
}

AutomationArena::~AutomationArena()
{
    close();
}

void AutomationArena::close()
{
    m_engine.reset();
    m_state.reset();
    m_arena.reset();
}

void AutomationArena::restart()
{
    close();
    m_arena = std::make_unique<EngineArena>();
    auto state = StateDatabase::open(m_folder.filePath(QStringLiteral("state.db")));
    if (!state)
        qFatal("%s", qPrintable(state.error().message));
    m_state = std::move(*state);
    addActions();
}

void AutomationArena::addActions()
{
    ActionRegistry &actions = m_arena->hub.actions();
    const QString text = QStringLiteral("text");
    actions.add({ QStringLiteral("test.note"), {}, {}, { { text, { {}, FieldType::Any, true } } } },
        [this, text](const ActionCall &call) {
            notes.append(call.arguments.value(text).toString());
            return finishedAction(QVariantMap {});
        });
    const QString id = QStringLiteral("notification_id");
    const QString message = QStringLiteral("message");
    actions.add({ QStringLiteral("persistent_notification.create"), {}, {},
                    { { id, {} }, { QStringLiteral("title"), {} }, { message, {} } } },
        [this, id, message](const ActionCall &call) {
            notifications.insert(
                call.arguments.value(id).toString(), call.arguments.value(message).toString());
            return finishedAction(QVariantMap {});
        });
    actions.add({ QStringLiteral("persistent_notification.dismiss"), {}, {}, { { id, {} } } },
        [this, id](const ActionCall &call) {
            notifications.remove(call.arguments.value(id).toString());
            return finishedAction(QVariantMap {});
        });
}

void AutomationArena::start()
{
    m_engine = std::make_unique<automation::AutomationEngine>(
        m_arena->hub, m_arena->timers, *m_state, configFolder(), m_arena->parts.zone);
    QVERIFY(m_engine->start());
    m_arena->hub.enter(HubState::Running);
}

void AutomationArena::write(const char *file, const QByteArray &text)
{
    QFile out(configFolder() + u'/' + QLatin1String(file));
    QVERIFY(out.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(out.write(text), text.size());
}

QString AutomationArena::call(const char *action, const QVariantMap &arguments)
{
    const ActionResult result = m_arena->hub.actions().call(
        QLatin1String("automation.") + QLatin1String(action), { arguments, Context::make() });
    if (!QTest::qWaitFor([&] { return result.isFinished(); }))
        return QStringLiteral("it does not end");
    return result.result() ? QString() : result.result().error().message;
}

QString AutomationArena::call(const char *action, const char *entityId)
{
    return call(action, { { QStringLiteral("entity_id"), QLatin1String(entityId) } });
}

QString AutomationArena::state(const char *entityId)
{
    const std::optional<State> found = m_arena->hub.states().get(QLatin1String(entityId));
    return found ? found->value : QStringLiteral("(none)");
}

QVariant AutomationArena::attribute(const char *entityId, const char *name)
{
    const std::optional<State> found = m_arena->hub.states().get(QLatin1String(entityId));
    return found ? found->attributes.value(QLatin1String(name)) : QVariant();
}

} // namespace hubkeep::test
