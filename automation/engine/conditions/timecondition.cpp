#include "automation/engine/conditions/conditionkinds.h"

#include "automation/core/localtime.h"
#include "automation/core/nearest.h"
#include "automation/core/schema.h"

namespace hubkeep::automation {
namespace {

using End = TimeCondition::End;

End readEnd(ConfigReader &reader, const QString &key)
{
    const Value *written = reader.find(key);
    if (!written || written->kind() == Value::Kind::Broken)
        return {};
    if (const std::optional<QTime> time = timeOfDay(written->text()))
        return *time;
    const QString id = written->text().trimmed().toLower();
    const QString domain = domainOf(id);
    for (const char *known : { "input_datetime", "sensor", "time" }) {
        if (isEntityId(id) && domain == QLatin1String(known))
            return id;
    }
    reader.problem(written->place(),
        atPath(key,
            QStringLiteral("%1 is no time; write \"HH:MM\" or \"HH:MM:SS\", or name an "
                           "input_datetime, a time or a sensor of a timestamp")
                .arg(written->describe())));
    return {};
}

// The time of the day that it means now; nothing while its entity says none.
Result<std::optional<QTime>> timeOf(const EngineParts &parts, const End &end, const char *key)
{
    if (const auto *time = std::get_if<QTime>(&end))
        return std::optional(*time);
    const QString id = std::get<QString>(end);
    const std::optional<State> state = parts.hub.states().get(id);
    if (!state)
        return Error { ErrorCode::NotFound,
            QStringLiteral("there is no entity %1, which '%2' names").arg(id, QLatin1String(key)) };
    if (const std::optional<QTime> time = timeOfDay(state->value))
        return std::optional(*time);
    const bool isOther = domainOf(id) == QLatin1String("sensor")
        && state->attributes.value(QStringLiteral("device_class")).toString()
            != QLatin1String("timestamp");
    const std::optional<QDateTime> moment
        = isOther ? std::nullopt : momentFromText(state->value, parts.zone);
    return moment ? std::optional(moment->toTimeZone(parts.zone).time()) : std::optional<QTime>();
}

bool isThere(const End &end)
{
    return !std::holds_alternative<std::monostate>(end);
}

} // namespace

TimeCondition TimeCondition::parse(ConfigReader &reader)
{
    TimeCondition condition;
    const qsizetype before = reader.problems().size();
    condition.after = readEnd(reader, QStringLiteral("after"));
    condition.before = readEnd(reader, QStringLiteral("before"));
    const QString key = QStringLiteral("weekday");
    const Value *written = reader.find(key);
    condition.weekdays = reader.texts(key);
    for (QString &day : condition.weekdays) {
        day = day.toLower();
        if (!weekdayNames().contains(day))
            reader.problem(written->place(),
                QStringLiteral("weekday: %1 is none of %2%3")
                    .arg(quoted(day), weekdayNames().join(QLatin1String(", ")),
                        didYouMean(day, weekdayNames())));
    }
    if (!isThere(condition.after) && !isThere(condition.before) && !written
        && reader.problems().size() == before)
        reader.problem(reader.value().place(),
            QStringLiteral("a time condition needs 'after', 'before' or 'weekday'"));
    return condition;
}

Result<bool> TimeCondition::evaluate(const ConditionInput &input, TemplateDict &details) const
{
    const QDateTime now = input.parts.hub.clock().now();
    const QTime shown = now.toTimeZone(input.parts.zone).time();
    details.insert(TemplateValue(QStringLiteral("now_time")),
        TemplateValue(shown.toString(QStringLiteral("HH:mm:ss.zzz"))));
    QTime from(0, 0);
    QTime to; // the end of the day
    if (isThere(after)) {
        const Result<std::optional<QTime>> time = timeOf(input.parts, after, "after");
        if (!time || !*time)
            return time ? Result<bool>(false) : Result<bool>(time.error());
        from = **time;
    }
    if (isThere(before)) {
        const Result<std::optional<QTime>> time = timeOf(input.parts, before, "before");
        if (!time || !*time)
            return time ? Result<bool>(false) : Result<bool>(time.error());
        to = **time;
    }
    // Where it goes over midnight: not between the two the other way round.
    const bool isBetween = !to.isValid() ? shown >= from
        : from < to                      ? from <= shown && shown < to
                                         : !(to <= shown && shown < from);
    return isBetween && (weekdays.isEmpty() || weekdays.contains(weekdayOf(input.parts.zone, now)));
}

} // namespace hubkeep::automation
