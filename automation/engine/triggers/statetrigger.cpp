// state: an entity's state, or one of its attributes, became something else.

#include "automation/engine/statewatch.h"
#include "automation/engine/triggers/triggerfamilies.h"

#include <QString>

#include <algorithm>
#include <unordered_map>

namespace hubkeep::automation {
namespace {

// One of from, to, not_from and not_to.
class ValueMatch
{
public:
    bool isWritten = false; // also with nothing behind it, which matches everything
    bool isAny = true;
    bool isInverted = false;
    std::vector<TemplateValue> values {};

    bool matches(const QString *text) const
    {
        if (isAny)
            return true;
        const bool isIn = text && std::any_of(values.begin(), values.end(), [&](const auto &value) {
            return value.string() == *text;
        });
        return isIn != isInverted;
    }
    bool matches(const TemplateValue &value) const
    {
        return isAny
            || (std::find(values.begin(), values.end(), value) != values.end()) != isInverted;
    }
};

struct StateWritten
{
    QStringList entityIds;
    QString attribute;
    ValueMatch from;
    ValueMatch to;
    std::optional<TemplatedPeriod> holdFor;

    bool matchesAll() const { return !from.isWritten && !to.isWritten; }
};

const QString *textOf(const std::optional<State> &state)
{
    return state ? &state->value : nullptr;
}

class StateTrigger final : public BasicTrigger
{
public:
    StateTrigger(TriggerOptionsPointer options, std::shared_ptr<const StateWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<StateTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        m_watching = parts().watch.subscribe(
            m_written->entityIds, [this](const Event &event) { changed(event); });
        return {};
    }

private:
    // What happened, until it has held long enough.
    struct Held
    {
        TemplateValue oldValue;
        TemplateValue newValue;
        Timer timer;
    };

    TemplateValue valueIn(const std::optional<State> &state) const
    {
        if (!state)
            return {};
        return m_written->attribute.isEmpty()
            ? TemplateValue(state->value)
            : TemplateValue::fromVariant(state->attributes.value(m_written->attribute));
    }

    bool matches(const StateChange &change) const
    {
        if (m_written->attribute.isEmpty()) {
            const QString *from = textOf(change.oldState);
            const QString *to = textOf(change.newState);
            const bool isSame = from && to && *from == *to;
            return (m_written->matchesAll() || !isSame) && m_written->from.matches(from)
                && m_written->to.matches(to);
        }
        const TemplateValue from = valueIn(change.oldState);
        const TemplateValue to = valueIn(change.newState);
        return !(from == to) && m_written->from.matches(from) && m_written->to.matches(to);
    }

    // Where only `from` is written, anything but what it was counts as the same.
    bool stillHolds(const Held &held, const std::optional<State> &now) const
    {
        if (!now)
            return false;
        const TemplateValue value = valueIn(now);
        const ValueMatch &from = m_written->from;
        if (from.isWritten && !from.isInverted && !m_written->to.isWritten)
            return !(value == held.oldValue);
        return value == held.newValue;
    }

    void changed(const Event &event)
    {
        const StateChange &change = *event.change;
        const auto held = m_held.find(change.entityId);
        const bool isHeld = held != m_held.end() && stillHolds(held->second, change.newState);
        if (held != m_held.end() && !isHeld)
            m_held.erase(held);
        if (isHeld || !matches(change))
            return;

        TemplateDict seen = variables();
        seen.insert(textValue("entity_id"), TemplateValue(change.entityId));
        seen.insert(textValue("from_state"), valueOf(change.oldState));
        seen.insert(textValue("to_state"), valueOf(change.newState));
        if (m_written->holdFor)
            hold(event, std::move(seen));
        else
            tell(std::move(seen), {}, change.entityId, event.context);
    }

    void hold(const Event &event, TemplateDict seen)
    {
        const auto time = period(*m_written->holdFor, seen);
        if (!time)
            return;
        const QString id = event.change->entityId;
        if (time->count() == 0)
            return tell(std::move(seen), time, id, event.context);
        m_held.insert_or_assign(id,
            Held { valueIn(event.change->oldState), valueIn(event.change->newState),
                parts().timers.after(
                    *time, [this, time, id, seen = std::move(seen), context = event.context] {
                        m_held.erase(id);
                        tell(seen, time, id, context);
                    }) });
    }

    void tell(TemplateDict seen, const std::optional<std::chrono::milliseconds> &time,
        const QString &entityId, const Context &context)
    {
        seen.insert(textValue("for"), valueOf(time));
        seen.insert(textValue("attribute"),
            m_written->attribute.isEmpty() ? TemplateValue() : TemplateValue(m_written->attribute));
        fire(std::move(seen), QStringLiteral("state of %1").arg(entityId), context);
    }

    const std::shared_ptr<const StateWritten> m_written;
    StateWatch::Watching m_watching;
    std::unordered_map<QString, Held> m_held;
};

void addMatch(ValueMatch &match, const Value &value, const QString &key, bool isOfAttribute,
    Problems &problems)
{
    if (value.kind() == Value::Kind::Broken)
        return;
    // A state is a text; what YAML made a boolean or number of would never match.
    if (!isOfAttribute && value.kind() != Value::Kind::String) {
        problems.append({ value.place(),
            QStringLiteral("%1: must be a text, not %2").arg(key, value.describe()) });
    } else if (value.kind() == Value::Kind::String && Template::isTemplate(value.text())) {
        problems.append({ value.place(), QStringLiteral("%1: takes no template").arg(key) });
    } else {
        match.values.push_back(TemplateValue::fromValue(value));
    }
}

// `key`, or `not_key`.
ValueMatch readMatch(ConfigReader &reader, const QString &key, bool isOfAttribute)
{
    const QString inverted = QLatin1String("not_") + key;
    reader.ignore({ key, inverted });
    const Value *plain = reader.value().find(key);
    const Value *other = reader.value().find(inverted);
    if (plain && other)
        reader.problem(other->place(),
            QStringLiteral("'%1' and '%2' cannot both be there").arg(key, inverted));
    ValueMatch match;
    const Value *value = plain ? plain : other;
    match.isWritten = value != nullptr;
    if (!value || value->kind() == Value::Kind::Null)
        return match;
    match.isAny = false;
    match.isInverted = !plain;
    if (value->kind() != Value::Kind::List)
        addMatch(match, *value, plain ? key : inverted, isOfAttribute, reader.problems());
    for (const Value &item : value->items())
        addMatch(match, item, plain ? key : inverted, isOfAttribute, reader.problems());
    return match;
}

} // namespace

TriggerPointer readStateTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    auto written = std::make_shared<StateWritten>();
    if (reader.required(QStringLiteral("entity_id")))
        written->entityIds = reader.entityIds(QStringLiteral("entity_id"));
    written->attribute = reader.text(QStringLiteral("attribute"));
    written->from = readMatch(reader, QStringLiteral("from"), !written->attribute.isEmpty());
    written->to = readMatch(reader, QStringLiteral("to"), !written->attribute.isEmpty());
    if (const Value *holdFor = reader.find(QStringLiteral("for")))
        written->holdFor
            = TemplatedPeriod::parse(*holdFor, QStringLiteral("for"), reader.problems());
    return std::make_unique<StateTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
