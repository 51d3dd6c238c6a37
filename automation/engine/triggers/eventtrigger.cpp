// event: an event of a type, with some data, in some context.

#include "automation/engine/triggers/triggerfamilies.h"

#include <algorithm>

namespace hubkeep::automation {
namespace {

struct EventWritten
{
    TemplatedValue types;
    TemplatedValue data;
    TemplatedValue context;
};

TemplateValue textOrNone(const QString &text)
{
    return text.isEmpty() ? TemplateValue() : TemplateValue(text);
}

TemplateDict contextDict(const Context &context)
{
    TemplateDict dict;
    dict.insert(textValue("id"), TemplateValue(context.id));
    dict.insert(textValue("parent_id"), textOrNone(context.parentId));
    dict.insert(textValue("user_id"), textOrNone(context.userId));
    return dict;
}

TemplateValue dataOf(const Event &event)
{
    if (!event.change)
        return TemplateValue::fromVariant(event.data);
    TemplateDict data;
    data.insert(textValue("entity_id"), TemplateValue(event.change->entityId));
    data.insert(textValue("old_state"), valueOf(event.change->oldState));
    data.insert(textValue("new_state"), valueOf(event.change->newState));
    return TemplateValue(std::move(data));
}

TemplateValue eventValue(const Event &event)
{
    TemplateDict dict;
    dict.insert(textValue("event_type"), TemplateValue(event.type));
    dict.insert(textValue("data"), dataOf(event));
    dict.insert(textValue("origin"), textValue("LOCAL"));
    dict.insert(textValue("time_fired"), TemplateValue(event.timeFired));
    dict.insert(textValue("context"), TemplateValue(contextDict(event.context)));
    return TemplateValue(std::move(dict));
}

// Whether there is in data all that is wanted, and in dicts within it.
bool isSubset(const TemplateDict &wanted, const TemplateDict &data)
{
    for (const auto &[key, value] : wanted) {
        const TemplateValue *found = data.find(key);
        if (!found)
            return false;
        const bool areDicts = value.kind() == TemplateValue::Kind::Dict
            && found->kind() == TemplateValue::Kind::Dict;
        if (areDicts ? !isSubset(value.dict(), found->dict()) : !(value == *found))
            return false;
    }
    return true;
}

// A context's values may be lists: one of them.
bool isOneOf(const TemplateDict &wanted, const TemplateDict &context)
{
    for (const auto &[key, value] : wanted) {
        const TemplateValue *found = context.find(key);
        if (!found)
            return false;
        if (value.kind() != TemplateValue::Kind::List) {
            if (!(value == *found))
                return false;
        } else if (std::find(value.items().begin(), value.items().end(), *found)
            == value.items().end()) {
            return false;
        }
    }
    return true;
}

class EventTrigger final : public BasicTrigger
{
public:
    EventTrigger(TriggerOptionsPointer options, std::shared_ptr<const EventWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<EventTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        const Result<TemplateValue> types = m_written->types.render(limitedScope());
        if (!types)
            return types.error().in(QStringLiteral("event_type"));
        if (Result<void> read = readDict(m_written->data, "event_data", m_data); !read)
            return read;
        if (Result<void> read = readDict(m_written->context, "context", m_context); !read)
            return read;
        const bool isList = types->kind() == TemplateValue::Kind::List;
        for (const TemplateValue &type :
            isList ? types->items() : TemplateValue::Items { *types }) {
            const QString name = type.toText();
            if (name.isEmpty())
                return Error { ErrorCode::InvalidArgument,
                    QStringLiteral("event_type: a template gave no type of events") };
            m_subscriptions.push_back(
                parts().hub.bus().subscribe(name == QLatin1String("*") ? QString() : name,
                    [this](const Event &event) { happened(event); }));
        }
        return {};
    }

private:
    Result<void> readDict(const TemplatedValue &written, const char *key, TemplateDict &dict) const
    {
        if (written.isNone())
            return {};
        const Result<TemplateValue> rendered = written.render(limitedScope());
        if (!rendered)
            return rendered.error().in(QLatin1String(key));
        dict = rendered->dict();
        return {};
    }

    void happened(const Event &event)
    {
        if (!m_context.isEmpty() && !isOneOf(m_context, contextDict(event.context)))
            return;
        if (!m_data.isEmpty() && !matchesData(event))
            return;
        TemplateDict seen = variables();
        seen.insert(textValue("event"), eventValue(event));
        fire(std::move(seen), QStringLiteral("event '%1'").arg(event.type), event.context);
    }

    bool matchesData(const Event &event) const
    {
        // The most frequent one, without making two states of it first.
        if (const TemplateValue *id = event.change ? m_data.find(u"entity_id") : nullptr;
            id && !(*id == TemplateValue(event.change->entityId)))
            return false;
        return isSubset(m_data, dataOf(event).dict());
    }

    const std::shared_ptr<const EventWritten> m_written;
    TemplateDict m_data;
    TemplateDict m_context;
    std::vector<Subscription> m_subscriptions;
};

TemplatedValue readMap(ConfigReader &reader, const QString &key)
{
    const Value *written = reader.find(key);
    if (!written)
        return {};
    if (written->kind() == Value::Kind::Map)
        return TemplatedValue::parse(*written, reader.problems());
    if (written->kind() != Value::Kind::Broken)
        reader.problem(written->place(),
            QStringLiteral("%1: must be a mapping, not %2").arg(key, written->describe()));
    return {};
}

} // namespace

TriggerPointer readEventTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    auto written = std::make_shared<EventWritten>();
    const QString key = QStringLiteral("event_type");
    if (const Value *types = reader.required(key)) {
        const QStringList texts = textsOf(*types, key, reader.problems());
        if (texts.contains(QString()))
            reader.problem(types->place(), QStringLiteral("event_type: must not be empty"));
        written->types = TemplatedValue::parse(*types, reader.problems());
    }
    written->data = readMap(reader, QStringLiteral("event_data"));
    written->context = readMap(reader, QStringLiteral("context"));
    return std::make_unique<EventTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
