// template: a template's result became true.

#include "automation/engine/templatewatch.h"
#include "automation/engine/triggers/triggerfamilies.h"

namespace hubkeep::automation {
namespace {

struct TemplateWritten
{
    std::optional<Template> value;
    std::optional<TemplatedPeriod> holdFor;
};

class TemplateTrigger final : public BasicTrigger
{
public:
    TemplateTrigger(TriggerOptionsPointer options, std::shared_ptr<const TemplateWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<TemplateTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        m_watch = std::make_unique<TemplateWatch>(parts(), *m_written->value, names(),
            [this](const TemplateWatch::Rendered &rendered) { this->rendered(rendered); });
        const Result<TemplateValue> first = m_watch->start();
        if (first)
            m_isArmed = !isTrueResult(*first);
        else
            warn(first.error().message);
        return {};
    }

private:
    void rendered(const TemplateWatch::Rendered &rendered)
    {
        if (!rendered.result) {
            if (!m_hasFailed)
                warn(rendered.result.error().message); // once, not with each change
            m_hasFailed = true;
            return;
        }
        m_hasFailed = false;
        if (!isTrueResult(*rendered.result)) {
            m_isArmed = true;
            m_held = {};
            return;
        }
        if (!m_isArmed)
            return;
        m_isArmed = false;
        begin(rendered.cause);
    }

    void begin(const Event *cause)
    {
        const StateChange *change = cause ? cause->change.get() : nullptr;
        TemplateDict seen = variables();
        seen.insert(
            textValue("entity_id"), change ? TemplateValue(change->entityId) : TemplateValue());
        seen.insert(textValue("from_state"), change ? valueOf(change->oldState) : TemplateValue());
        seen.insert(textValue("to_state"), change ? valueOf(change->newState) : TemplateValue());
        const QString description = change
            ? QStringLiteral("%1 via template").arg(change->entityId)
            : QStringLiteral("time change or manual update via template");
        const Context context = cause ? cause->context : Context();
        std::optional<std::chrono::milliseconds> time;
        if (m_written->holdFor) {
            time = period(*m_written->holdFor, seen);
            if (!time)
                return;
        }
        seen.insert(textValue("for"), valueOf(time));
        if (!time || time->count() == 0)
            return fire(std::move(seen), description, context);
        m_held = parts().timers.after(*time, [this, seen = std::move(seen), description, context] {
            fire(seen, description, context);
        });
    }

    const std::shared_ptr<const TemplateWritten> m_written;
    std::unique_ptr<TemplateWatch> m_watch;
    Timer m_held;
    bool m_isArmed = false; // it was false
    bool m_hasFailed = false;
};

} // namespace

TriggerPointer readTemplateTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    auto written = std::make_shared<TemplateWritten>();
    const QString key = QStringLiteral("value_template");
    if (const Value *value = reader.required(key))
        written->value = parseTemplate(*value, key, reader.problems());
    if (const Value *holdFor = reader.find(QStringLiteral("for")))
        written->holdFor
            = TemplatedPeriod::parse(*holdFor, QStringLiteral("for"), reader.problems());
    return std::make_unique<TemplateTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
