// time_pattern: whenever the clock shows some hours, minutes and seconds.

#include "automation/engine/recurringtime.h"
#include "automation/engine/timepattern.h"
#include "automation/engine/triggers/triggerfamilies.h"

namespace hubkeep::automation {
namespace {

class TimePatternTrigger final : public BasicTrigger
{
public:
    TimePatternTrigger(TriggerOptionsPointer options, const TimePattern &pattern)
        : BasicTrigger(std::move(options))
        , m_pattern(pattern)
    {
    }
    std::unique_ptr<Trigger> fresh() const override
    {
        return std::make_unique<TimePatternTrigger>(options(), m_pattern);
    }

protected:
    Result<void> listen() override
    {
        m_times = std::make_unique<RecurringTime>(
            parts().timers,
            [this](const QDateTime &after) { return m_pattern.next(parts().zone, after); },
            [this](const QDateTime &) {
                TemplateDict seen = variables();
                seen.insert(textValue("now"),
                    TemplateValue(parts().hub.clock().now().toTimeZone(parts().zone)));
                fire(std::move(seen), QStringLiteral("time pattern"));
            },
            [this](const QDateTime &first) { warnLeftOut(first); });
        return {};
    }

private:
    const TimePattern m_pattern;
    std::unique_ptr<RecurringTime> m_times;
};

// Nothing where the key is not there, or wrong.
std::optional<TimePattern::Matches> readMatches(ConfigReader &reader, const char *key, int most)
{
    const Value *written = reader.find(QLatin1String(key));
    if (!written || written->kind() == Value::Kind::Broken)
        return {};
    TimePattern::Matches all;
    const auto add = [&](const Value &value) {
        const std::optional<TimePattern::Matches> matches
            = value.isCollection() ? std::nullopt : TimePattern::parse(value.text(), most);
        if (!matches)
            reader.problem(value.place(),
                QStringLiteral(
                    "%1: must be a number from 0 to %2, \"/5\" for every fifth or \"*\", "
                    "not %3")
                    .arg(QLatin1String(key))
                    .arg(most)
                    .arg(value.describe()));
        all |= matches.value_or(TimePattern::Matches());
    };
    if (written->kind() != Value::Kind::List)
        add(*written);
    for (const Value &item : written->items())
        add(item);
    return all;
}

} // namespace

TriggerPointer readTimePatternTrigger(ConfigReader &reader, TriggerOptionsPointer options)
{
    const qsizetype before = reader.problems().size();
    std::optional<TimePattern::Matches> hours = readMatches(reader, "hours", 23);
    const auto minutes = readMatches(reader, "minutes", 59);
    const auto seconds = readMatches(reader, "seconds", 59);
    if (!hours && !minutes && !seconds && reader.problems().size() == before)
        reader.problem(reader.value().place(),
            QStringLiteral("time_pattern needs 'hours', 'minutes' or 'seconds'"));
    // Of what is not there, the smaller are 0 and the larger all.
    const TimePattern::Matches every = TimePattern::Matches().set();
    const TimePattern::Matches zero(1);
    const TimePattern::Matches atMinutes = minutes.value_or(hours ? zero : every);
    const TimePattern::Matches atSeconds = seconds.value_or(hours || minutes ? zero : every);
    const std::bitset<60> day((1ULL << 24) - 1);
    if (hours && (*hours & day) == day)
        hours.reset(); // every hour is no hour in particular
    return std::make_unique<TimePatternTrigger>(
        std::move(options), TimePattern(hours, atMinutes, atSeconds));
}

} // namespace hubkeep::automation
