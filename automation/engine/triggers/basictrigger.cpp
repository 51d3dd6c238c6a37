#include "automation/engine/triggers/basictrigger.h"

#include "automation/core/nearest.h"
#include "automation/engine/namesabove.h"

#include <QLoggingCategory>

namespace hubkeep::automation {
namespace {

Q_LOGGING_CATEGORY(triggerLog, "hubkeep.automation")

QString localText(const QTimeZone &zone, const QDateTime &time)
{
    return time.toTimeZone(zone).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

void insert(TemplateDict &dict, const char *key, TemplateValue value)
{
    dict.insert(textValue(key), std::move(value));
}

} // namespace

TemplateValue valueOf(const std::optional<State> &state)
{
    return state ? TemplateValue(*state) : TemplateValue();
}

TemplateValue valueOf(const std::optional<std::chrono::milliseconds> &period)
{
    return period ? TemplateValue(std::chrono::microseconds(*period)) : TemplateValue();
}

QStringList choicesOf(
    ConfigReader &reader, const QString &key, const QStringList &known, CaseOfChoices letters)
{
    const Value *written = reader.find(key);
    QStringList chosen = reader.texts(key);
    for (QString &text : chosen) {
        if (letters == CaseOfChoices::Upper)
            text = text.toUpper();
        else if (letters == CaseOfChoices::Lower)
            text = text.toLower();
        if (!known.contains(text))
            reader.problem(written->place(),
                QStringLiteral("%1: %2 is none of %3%4")
                    .arg(key, quoted(text), known.join(QLatin1String(", ")),
                        didYouMean(text, known)));
    }
    return chosen;
}

BasicTrigger::BasicTrigger(TriggerOptionsPointer options)
    : m_options(std::move(options))
{
}

Result<void> BasicTrigger::start(const EngineParts &parts, const TemplateNames &names, Fire fire)
{
    Q_ASSERT(!m_parts);
    m_parts = &parts;
    m_names = &names;
    m_fire = std::move(fire);
    return m_options->enabled.isEnabled(limitedScope()) ? listen() : Result<void>();
}

TemplateScope BasicTrigger::limitedScope() const
{
    TemplateScope scope = m_parts->scope(*m_names);
    scope.limited = true;
    return scope;
}

TemplateDict BasicTrigger::variables() const
{
    TemplateDict dict;
    insert(dict, "id", TemplateValue(m_options->id));
    insert(dict, "idx", TemplateValue(QString::number(m_options->index)));
    insert(dict, "alias",
        m_options->alias.isEmpty() ? TemplateValue() : TemplateValue(m_options->alias));
    insert(dict, "platform", TemplateValue(m_options->platform));
    return dict;
}

void BasicTrigger::fire(TemplateDict variables, const QString &description, const Context &context)
{
    insert(variables, "description", TemplateValue(description));
    TriggerFired fired;
    fired.id = m_options->id;
    fired.description = description;
    fired.context = context.id.isEmpty() ? Context::make() : context;
    fired.variables = TemplateValue(std::move(variables));
    if (!m_options->variables.empty()) {
        NamesAbove all(*m_names);
        all.set(QStringLiteral("trigger"), fired.variables);
        for (const auto &[name, written] : m_options->variables) {
            const Result<TemplateValue> value = written.render(m_parts->scope(all));
            if (!value)
                warn(value.error().in(name).message);
            fired.names.insert(name, value ? *value : TemplateValue());
            all.set(name, fired.names[name]);
        }
    }
    const Fire call = m_fire; // which may destroy this
    call(fired);
}

std::optional<std::chrono::milliseconds> BasicTrigger::period(
    const TemplatedPeriod &written, const TemplateDict &variables) const
{
    NamesAbove all(*m_names);
    all.set(QStringLiteral("trigger"), TemplateValue(variables));
    const Result<std::chrono::milliseconds> period = written.render(m_parts->scope(all));
    if (period)
        return *period;
    warn(period.error().message);
    return {};
}

void BasicTrigger::warn(const QString &sentence) const
{
    const QString whose
        = owner().isEmpty() ? QStringLiteral("The") : owner() + QLatin1String(": the");
    const QString &name = m_options->alias.isEmpty() ? m_options->id : m_options->alias;
    qCWarning(triggerLog).noquote()
        << QStringLiteral("%1 %2 trigger '%3': %4").arg(whose, m_options->platform, name, sentence);
}

void BasicTrigger::warnLeftOut(const QDateTime &first) const
{
    warn(QStringLiteral("%1 was left out, and all until %2: the machine slept or its clock was set "
                        "forward")
             .arg(localText(m_parts->zone, first),
                 localText(m_parts->zone, m_parts->hub.clock().now())));
}

} // namespace hubkeep::automation
