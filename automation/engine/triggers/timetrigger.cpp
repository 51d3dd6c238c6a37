// time: at times of the day, or when the time comes that an entity says.

#include "automation/core/localtime.h"
#include "automation/core/schema.h"
#include "automation/engine/recurringtime.h"
#include "automation/engine/statewatch.h"
#include "automation/engine/triggers/triggerfamilies.h"

#include <QHash>

#include <variant>

namespace hubkeep::automation {
namespace {

struct EntityTime
{
    QString entityId;
    std::chrono::milliseconds offset { 0 };
};
using PlainTime = std::variant<QTime, EntityTime>;
using WrittenTime = std::variant<QTime, EntityTime, TemplatedValue>;

struct TimeWritten
{
    std::vector<WrittenTime> at;
    QStringList weekdays;
};

// A time or an entity that can tell one.
std::optional<PlainTime> plainTime(const QString &text)
{
    if (const std::optional<QTime> time = timeOfDay(text))
        return *time;
    const QString id = text.trimmed().toLower();
    const QString domain = domainOf(id);
    if (isEntityId(id)
        && (domain == QLatin1String("input_datetime") || domain == QLatin1String("sensor")))
        return EntityTime { id };
    return {};
}

QString notATime(const QString &what)
{
    return QStringLiteral("%1 is no time; write \"HH:MM\" or \"HH:MM:SS\", or name an "
                          "input_datetime or a sensor of a timestamp")
        .arg(what);
}

class TimeTrigger final : public BasicTrigger
{
public:
    TimeTrigger(TriggerOptionsPointer options, std::shared_ptr<const TimeWritten> written)
        : BasicTrigger(std::move(options))
        , m_written(std::move(written))
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<TimeTrigger>(options(), m_written);
    }

protected:
    Result<void> listen() override
    {
        for (const WrittenTime &at : m_written->at) {
            if (const auto *templated = std::get_if<TemplatedValue>(&at)) {
                if (Result<void> added = addRendered(*templated); !added)
                    return added.error().in(QStringLiteral("at"));
            } else if (const auto *time = std::get_if<QTime>(&at)) {
                m_daily.push_back(daily(*time, {}));
            } else {
                m_entities.push_back(std::get<EntityTime>(at));
            }
        }
        QStringList ids;
        for (const EntityTime &entity : m_entities)
            ids.append(entity.entityId);
        m_ofEntities.resize(m_entities.size());
        for (std::size_t i = 0; i < m_entities.size(); ++i)
            follow(i, parts().hub.states().get(m_entities[i].entityId));
        m_watching = parts().watch.subscribe(ids, [this](const Event &event) {
            for (std::size_t i = 0; i < m_entities.size(); ++i) {
                if (m_entities[i].entityId == event.change->entityId)
                    follow(i, event.change->newState);
            }
        });
        return {};
    }

private:
    using Times = std::unique_ptr<RecurringTime>;

    Result<void> addRendered(const TemplatedValue &templated)
    {
        const Result<TemplateValue> rendered = templated.render(limitedScope());
        if (!rendered)
            return rendered.error();
        const std::optional<PlainTime> plain = plainTime(rendered->toText());
        if (!plain)
            return Error { ErrorCode::InvalidArgument, notATime(rendered->toLiteral()) };
        if (const auto *time = std::get_if<QTime>(&*plain))
            m_daily.push_back(daily(*time, {}));
        else
            m_entities.push_back(std::get<EntityTime>(*plain));
        return {};
    }

    Times daily(const QTime &time, const QString &entityId)
    {
        return std::make_unique<RecurringTime>(
            parts().timers, [this, time](const QDateTime &after) { return nextOf(time, after); },
            [this, entityId](const QDateTime &due) { tell(due, entityId); },
            [this](const QDateTime &first) { warnLeftOut(first); });
    }

    Times once(const QDateTime &moment, const QString &entityId)
    {
        return std::make_unique<RecurringTime>(
            parts().timers,
            [moment](const QDateTime &after) { return moment > after ? moment : QDateTime(); },
            [this, entityId](const QDateTime &due) { tell(due, entityId); },
            [this](const QDateTime &first) {
                if (isItsDay(first))
                    warnLeftOut(first);
            });
    }

    bool isItsDay(const QDateTime &moment) const
    {
        return m_written->weekdays.isEmpty()
            || m_written->weekdays.contains(weekdayOf(parts().zone, moment));
    }

    // On a day of the week that was chosen.
    QDateTime nextOf(const QTime &time, const QDateTime &after) const
    {
        QDateTime moment = nextTimeOfDay(parts().zone, time, after);
        for (int day = 0; day < 14 && moment.isValid() && !isItsDay(moment); ++day)
            moment = nextTimeOfDay(parts().zone, time, moment);
        return moment;
    }

    void follow(std::size_t index, const std::optional<State> &state)
    {
        Times &times = m_ofEntities[index];
        times.reset();
        const EntityTime &entity = m_entities[index];
        if (!state)
            return;
        const QString text = state->value;
        if (domainOf(entity.entityId) == QLatin1String("sensor")) {
            if (state->attributes.value(QStringLiteral("device_class")).toString()
                != QLatin1String("timestamp"))
                return;
        } else if (const std::optional<QTime> time = timeOfDay(text)) {
            const QTime shifted = time->addMSecs(int(entity.offset.count() % (24 * 3600 * 1000)));
            times = daily(shifted, entity.entityId);
            return;
        }
        if (const std::optional<QDateTime> moment = momentFromText(text, parts().zone))
            times = once(moment->addMSecs(entity.offset.count()), entity.entityId);
    }

    void tell(const QDateTime &due, const QString &entityId)
    {
        if (!isItsDay(due))
            return;
        TemplateDict seen = variables();
        seen.insert(
            textValue("now"), TemplateValue(parts().hub.clock().now().toTimeZone(parts().zone)));
        seen.insert(
            textValue("entity_id"), entityId.isEmpty() ? TemplateValue() : TemplateValue(entityId));
        fire(std::move(seen),
            entityId.isEmpty() ? QStringLiteral("time")
                               : QStringLiteral("time set in %1").arg(entityId));
    }

    const std::shared_ptr<const TimeWritten> m_written;
    std::vector<Times> m_daily;
    std::vector<EntityTime> m_entities;
    std::vector<Times> m_ofEntities; // as m_entities
    StateWatch::Watching m_watching;
};

// What a value without its minus is, and which sign it had.
std::pair<Value, int> withoutSign(const Value &value)
{
    const bool isNegative = !value.isCollection() && value.text().startsWith(u'-');
    const QString text = isNegative ? value.text().mid(1) : value.text();
    // -1:30:00 is a number to YAML 1.1 and a time to those who write it.
    if (text.contains(u':'))
        return { Value::string(text, value.place()), isNegative ? -1 : 1 };
    return { isNegative ? Value::plain(text, value.place()) : value, isNegative ? -1 : 1 };
}

// A period that may be negative: "-00:10:00", -600, {hours: -1, minutes: 10}.
std::chrono::milliseconds readOffset(const Value &value, Problems &problems)
{
    std::chrono::milliseconds sum { 0 };
    const auto add = [&](const Value &part, int sign) {
        const Result<std::chrono::milliseconds> read = periodOf(TemplateValue::fromValue(part));
        if (read)
            sum += *read * sign;
        else
            problems.append(
                { part.place(), atPath(QStringLiteral("offset"), read.error().message) });
    };
    if (value.kind() != Value::Kind::Map) {
        const auto [plain, sign] = withoutSign(value);
        add(plain, sign);
    }
    for (const Value::Member &member : value.members()) {
        const auto [plain, sign] = withoutSign(member.value);
        add(Value::map({ { member.key, member.place, plain } }, member.place), sign);
    }
    return sum;
}

void readEntityMap(const Value &value, TimeWritten &written, Problems &problems)
{
    ConfigReader reader(value, QStringLiteral("at"), problems);
    EntityTime entity;
    if (const Value *id = reader.required(QStringLiteral("entity_id"))) {
        const std::optional<PlainTime> plain = plainTime(id->text());
        if (plain && std::holds_alternative<EntityTime>(*plain))
            entity = std::get<EntityTime>(*plain);
        else if (id->kind() != Value::Kind::Broken)
            reader.problem(id->place(),
                QStringLiteral("at.entity_id: %1 is no input_datetime and no sensor")
                    .arg(id->describe()));
    }
    if (const Value *offset = reader.find(QStringLiteral("offset")))
        entity.offset = readOffset(*offset, problems);
    reader.finish();
    written.at.push_back(entity);
}

void readAt(const Value &value, TimeWritten &written, Problems &problems)
{
    if (value.kind() == Value::Kind::Broken)
        return;
    if (value.kind() == Value::Kind::Map)
        return readEntityMap(value, written, problems);
    if (value.kind() == Value::Kind::String && Template::isTemplate(value.text())) {
        written.at.push_back(TemplatedValue::parse(value, problems));
        return;
    }
    // 12:30 without quotes is the number 750 to YAML 1.1; what was written is what is meant.
    const std::optional<PlainTime> plain = plainTime(value.text());
    if (!plain)
        problems.append(
            { value.place(), atPath(QStringLiteral("at"), notATime(value.describe())) });
    else
        std::visit([&](const auto &one) { written.at.emplace_back(one); }, *plain);
}

} // namespace

TriggerPointer readTimeTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    auto written = std::make_shared<TimeWritten>();
    const Value *at = reader.required(QStringLiteral("at"));
    if (at && at->kind() != Value::Kind::List)
        readAt(*at, *written, reader.problems());
    for (const Value &item : at ? at->items() : std::vector<Value>())
        readAt(item, *written, reader.problems());
    written->weekdays
        = choicesOf(reader, QStringLiteral("weekday"), weekdayNames(), CaseOfChoices::Lower);
    return std::make_unique<TimeTrigger>(std::move(options), std::move(written));
}

} // namespace hubkeep::automation
