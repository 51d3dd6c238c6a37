#include "tests/support/runarena.h"

#include "automation/template/templatedict.h"

#include <QCoreApplication>
#include <QTimer>

#include <chrono>

namespace hubkeep::test {

using namespace automation;

RunArena::RunArena()
{
    addAction("test.note", false, [this](const ActionCall &call) {
        QString line = call.arguments.value(QStringLiteral("message")).toString();
        const QVariant entity = call.arguments.value(QStringLiteral("entity_id"));
        if (entity.isValid())
            line += u'@' + entity.toStringList().join(u'+');
        notes.append(line);
        lastContext = call.context;
        return finishedAction(QVariantMap());
    });
    addAction("test.ask", true, [](const ActionCall &) {
        return finishedAction(QVariantMap { { QStringLiteral("answer"), 42 } });
    });
    addAction("test.fail", false, [](const ActionCall &) {
        return finishedAction(
            Error { ErrorCode::Unavailable, QStringLiteral("the other side is gone") });
    });
    addAction("test.slow", true, [this](const ActionCall &) {
        pending.push_back(std::make_shared<QPromise<Result<QVariantMap>>>());
        pending.back()->start();
        return pending.back()->future();
    });
    addAction("test.stop", false, [this](const ActionCall &) {
        run.reset();
        return finishedAction(QVariantMap());
    });
}

void RunArena::addAction(const char *name, bool responds, ActionRegistry::Handler handler)
{
    const QMap<QString, ActionField> fields {
        { QStringLiteral("message"), { {}, FieldType::Any } },
        { QStringLiteral("entity_id"), { {}, FieldType::Any } },
        { QStringLiteral("password"), { {}, FieldType::Any } },
    };
    const QString action = QString::fromLatin1(name);
    hub.actions().add({ action, action, action, fields, true, responds }, std::move(handler));
}

void RunArena::start(const QByteArray &yaml, const char *variables)
{
    start(EngineArena::yaml(yaml), variables);
}

void RunArena::start(const Value &value, const char *variables)
{
    begin(value, variables);
    settle();
}

void RunArena::begin(const QByteArray &yaml)
{
    begin(EngineArena::yaml(yaml), "{}");
}

void RunArena::begin(const Value &value, const char *variables)
{
    Problems problems;
    const std::optional<Script> script = parseScript(value, problems);
    if (!script)
        qFatal("%s", qPrintable(texts(problems).join(u'\n')));
    QHash<QString, TemplateValue> names;
    const Result<TemplateValue> given = TemplateValue::fromJson(variables);
    if (!given)
        qFatal("%s", qPrintable(given.error().message));
    for (const auto &[name, one] : given->dict())
        names.insert(name.string(), one);
    run.reset();
    trace = Trace();
    outcome.reset();
    outcomes = 0;
    run = std::make_unique<ScriptRun>(parts, *script, names, context, &trace);
    run->start([this](const ScriptOutcome &ended) {
        outcome = ended;
        ++outcomes;
        m_waiting.quit();
    });
}

void RunArena::advance(std::chrono::milliseconds time)
{
    EngineArena::advance(time);
    settle();
}

void RunArena::set(const char *entityId, const char *state)
{
    EngineArena::set(entityId, state);
    settle();
}

void RunArena::fire(const char *type, const QVariantMap &data)
{
    EngineArena::fire(type, data);
    settle();
}

bool RunArena::waitForEnd()
{
    if (!outcome) {
        QTimer::singleShot(std::chrono::minutes(1), &m_waiting, &QEventLoop::quit);
        m_waiting.exec();
    }
    return outcome.has_value();
}

void RunArena::settle() const
{
    while (run && !outcome && run->isToGoOn())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

QString RunArena::end() const
{
    if (!outcome)
        return {};
    return outcome->error ? outcome->execution + QStringLiteral(": ") + outcome->error->message
                          : outcome->execution;
}

QStringList RunArena::paths() const
{
    QStringList list;
    for (const TraceStep &step : trace.steps())
        list.append(step.path);
    return list;
}

const TraceStep &RunArena::step(const char *path) const
{
    for (auto step = trace.steps().rbegin(); step != trace.steps().rend(); ++step) {
        if (step->path == QLatin1String(path))
            return *step;
    }
    qFatal("The trace has no step %s", path);
}

QString RunArena::result(const char *path) const
{
    return jsonOf(step(path).result);
}

QString RunArena::changed(const char *path) const
{
    return jsonOf(step(path).changedVariables);
}

QString jsonOf(const TemplateValue &value)
{
    return QString::fromUtf8(value.toJson());
}

} // namespace hubkeep::test
