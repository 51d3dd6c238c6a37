// numeric_state: an entity's number came into a range, and stays in it.

#include "automation/engine/namesabove.h"
#include "automation/engine/numericrange.h"
#include "automation/engine/statewatch.h"
#include "automation/engine/triggers/triggerfamilies.h"

#include <QHash>
#include <QSet>

namespace hubkeep::automation {
namespace {

struct NumericWritten
{
    QStringList entityIds;
    NumericRange range;
    std::optional<TemplatedPeriod> holdFor;
};

class NumericStateTrigger final : public BasicTrigger
{
public:
    NumericStateTrigger(
        TriggerOptionsPointer options, std::shared_ptr<const NumericWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<NumericStateTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        for (const QString &id : m_written->entityIds) {
            const std::optional<State> state = parts().hub.states().get(id);
            const Result<bool> isIn = contains(id, state);
            if (isIn && !*isIn)
                m_armed.insert(id);
            else if (!isIn && state) // one that is not there yet is nothing to speak of
                warn(isIn.error().message);
        }
        m_watching = parts().watch.subscribe(
            m_written->entityIds, [this](const Event &event) { changed(event); });
        return {};
    }

private:
    TemplateDict seen(const QString &entityId) const
    {
        TemplateDict dict = variables();
        dict.insert(textValue("entity_id"), TemplateValue(entityId));
        dict.insert(textValue("below"), m_written->range.below());
        dict.insert(textValue("above"), m_written->range.above());
        dict.insert(textValue("attribute"), m_written->range.attribute());
        return dict;
    }

    Result<bool> contains(const QString &entityId, const std::optional<State> &state) const
    {
        NamesAbove all(names());
        all.set(QStringLiteral("trigger"), TemplateValue(seen(entityId)));
        return m_written->range.contains(parts(), all, entityId, state);
    }

    void changed(const Event &event)
    {
        const QString id = event.change->entityId;
        const std::optional<State> &state = event.change->newState;
        const Result<bool> isIn = contains(id, state);
        if (!isIn || !*isIn)
            m_held.remove(id);
        if (!isIn) {
            if (state)
                warn(isIn.error().message);
            return; // it stays as ready as it was
        }
        if (!*isIn) {
            m_armed.insert(id);
            return;
        }
        if (!m_armed.remove(id))
            return;
        TemplateDict dict = seen(id);
        dict.insert(textValue("from_state"), valueOf(event.change->oldState));
        dict.insert(textValue("to_state"), valueOf(event.change->newState));
        if (m_written->holdFor)
            hold(id, std::move(dict), event.context);
        else
            tell(id, std::move(dict), {}, event.context);
    }

    void hold(const QString &id, TemplateDict dict, const Context &context)
    {
        const auto time = period(*m_written->holdFor, dict);
        if (!time)
            return;
        if (time->count() == 0)
            return tell(id, std::move(dict), time, context);
        m_held.insert(id,
            std::make_shared<Timer>(
                parts().timers.after(*time, [this, id, time, dict = std::move(dict), context] {
                    m_held.remove(id);
                    tell(id, dict, time, context);
                })));
    }

    void tell(const QString &id, TemplateDict dict,
        const std::optional<std::chrono::milliseconds> &time, const Context &context)
    {
        dict.insert(textValue("for"), valueOf(time));
        fire(std::move(dict), QStringLiteral("numeric state of %1").arg(id), context);
    }

    const std::shared_ptr<const NumericWritten> m_written;
    StateWatch::Watching m_watching;
    QSet<QString> m_armed; // these have been outside of the range
    QHash<QString, std::shared_ptr<Timer>> m_held;
};

} // namespace

TriggerPointer readNumericStateTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    auto written = std::make_shared<NumericWritten>();
    if (reader.required(QStringLiteral("entity_id")))
        written->entityIds = reader.entityIds(QStringLiteral("entity_id"));
    written->range = NumericRange::parse(reader);
    if (const Value *holdFor = reader.find(QStringLiteral("for")))
        written->holdFor
            = TemplatedPeriod::parse(*holdFor, QStringLiteral("for"), reader.problems());
    return std::make_unique<NumericStateTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
