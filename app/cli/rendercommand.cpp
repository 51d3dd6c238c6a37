// hubkeep render: a template's result without any hub, with whatever states it is given.

#include "app/api/timetext.h"
#include "app/cli/command.h"
#include "automation/core/clock.h"
#include "automation/core/eventbus.h"
#include "automation/core/filedescriptor.h"
#include "automation/core/statestore.h"
#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <CLI/CLI.hpp>

#include <QFile>

#include <cstdio>
#include <optional>

namespace hubkeep::cli {
namespace {

constexpr qint64 largestTemplate = 1024 * 1024;

// Stands still, where a time was named.
class RenderClock final : public Clock
{
public:
    QDateTime now() const override { return m_now ? *m_now : QDateTime::currentDateTimeUtc(); }
    void stopAt(const QDateTime &now) { m_now = now; }
    void go() { m_now.reset(); }

private:
    std::optional<QDateTime> m_now;
};

struct RenderOptions
{
    std::string text;
    bool hasText = false;
    std::string variables;
    std::string states;
    std::string now;
    bool native = false;
};

Error wrong(const QString &sentence)
{
    return { ErrorCode::InvalidArgument, sentence };
}

Result<TemplateVariables> readVariables(const std::string &json)
{
    TemplateVariables variables;
    if (json.empty())
        return variables;
    const Result<TemplateValue> read = TemplateValue::fromJson(QByteArray::fromStdString(json));
    if (!read)
        return read.error().in(QStringLiteral("Reading --variables"));
    if (read->kind() != TemplateValue::Kind::Dict)
        return wrong(QStringLiteral("Reading --variables: it takes an object, as '{\"name\": 1}'"));
    for (const auto &[name, value] : read->dict())
        variables.set(name.toText(), value);
    return variables;
}

Result<void> addState(
    const TemplateValue &one, StateStore &states, RenderClock &clock, const QTimeZone &zone)
{
    static const QString wanted = QStringLiteral(
        "Reading --states: it takes a list of {\"entity_id\", \"state\", \"attributes\"}");
    if (one.kind() != TemplateValue::Kind::Dict)
        return wrong(wanted);
    const auto text = [&one](const char16_t *key) {
        const TemplateValue *found = one.dict().find(key);
        return found && !found->isNone() ? found->toText() : QString();
    };
    if (text(u"entity_id").isEmpty() || !one.dict().find(u"state"))
        return wrong(wanted);
    const TemplateValue *attributes = one.dict().find(u"attributes");
    if (attributes && !attributes->isNone() && attributes->kind() != TemplateValue::Kind::Dict)
        return wrong(wanted);
    // Both of a state's times are when it was set.
    const QString since
        = text(u"last_changed").isEmpty() ? text(u"last_updated") : text(u"last_changed");
    if (!since.isEmpty()) {
        const std::optional<QDateTime> time = api::parseTime(since, zone);
        if (!time)
            return wrong(QStringLiteral("Reading --states: '%1' is no time").arg(since));
        clock.stopAt(*time);
    }
    return states.set(text(u"entity_id"), text(u"state"),
        attributes ? attributes->toVariant().toMap() : QVariantMap());
}

Result<void> readStates(
    const std::string &json, StateStore &states, RenderClock &clock, const QTimeZone &zone)
{
    if (json.empty())
        return {};
    const Result<TemplateValue> read = TemplateValue::fromJson(QByteArray::fromStdString(json));
    if (!read)
        return read.error().in(QStringLiteral("Reading --states"));
    if (read->kind() != TemplateValue::Kind::List)
        return wrong(QStringLiteral("Reading --states: it takes a list"));
    const QDateTime now = clock.now();
    for (const TemplateValue &one : read->items()) {
        clock.stopAt(now);
        const Result<void> added = addState(one, states, clock, zone);
        if (!added)
            return added;
    }
    return {};
}

Result<QString> readText(const RenderOptions &options)
{
    if (options.hasText)
        return QString::fromStdString(options.text);
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return Error {
            ErrorCode::Io,
            QStringLiteral("Reading the template from standard input: %1").arg(input.errorString())
        };
    const QByteArray bytes = input.read(largestTemplate + 1);
    if (bytes.size() > largestTemplate)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("Reading the template from standard input: it is larger than 1 MB") };
    return QString::fromUtf8(bytes);
}

int runRender(const Context &context, const RenderOptions &options)
{
    const QTimeZone zone = QTimeZone::systemTimeZone();
    RenderClock clock;
    std::optional<QDateTime> now;
    if (!options.now.empty()) {
        now = api::parseTime(QString::fromStdString(options.now), zone);
        if (!now) {
            return context.misuse(wrong(QStringLiteral(
                "Reading --now: '%1' is no time, as 2026-04-13T14:25:30+02:00 is one")
                                            .arg(QString::fromStdString(options.now))));
        }
        clock.stopAt(*now);
    }
    EventBus bus(clock);
    StateStore states(bus, clock);
    const Result<TemplateVariables> variables = readVariables(options.variables);
    const Result<void> stated = readStates(options.states, states, clock, zone);
    if (!variables || !stated) {
        return context.misuse(variables ? stated.error() : variables.error());
    }
    if (now)
        clock.stopAt(*now);
    else
        clock.go();

    const Result<QString> text = readText(options);
    if (!text)
        return context.fail(text.error());
    const Result<Template> ready = Template::parse(*text);
    if (!ready)
        return context.fail(ready.error());
    const TemplateScope scope { &states, &clock, zone, &*variables };
    if (options.native) {
        const Result<TemplateValue> value = ready->render(scope);
        if (!value)
            return context.fail(value.error());
        context.printDocument(value->toJson());
        return Done;
    }
    const Result<QString> rendered = ready->renderText(scope);
    if (!rendered)
        return context.fail(rendered.error());
    context.print(*rendered);
    context.printJson({ { QStringLiteral("result"), *rendered } });
    return Done;
}

} // namespace

void addRenderCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<RenderOptions>();
    CLI::App *command = app.add_subcommand(
        "render", "Render a template, as automations have them, without a hub");
    CLI::Option *text
        = command->add_option("TEMPLATE", options->text, "The template (default: standard input)");
    command->add_option(
        "--variables", options->variables, "Names that it may use: an object as JSON");
    command->add_option("--states", options->states,
        "States that it may read: a list of {entity_id, state, attributes} as JSON");
    command->add_option("--now", options->now, "The time that it sees (default: now)");
    command->add_flag(
        "--native", options->native, "Print the result as JSON, typed as automations take it");
    command->callback([&context, options, text] {
        options->hasText = text->count() > 0;
        context.run = [&context, options] { return runRender(context, *options); };
    });
}

} // namespace hubkeep::cli
