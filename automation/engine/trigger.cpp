#include "automation/engine/trigger.h"

#include "automation/core/nearest.h"
#include "automation/engine/triggers/triggerfamilies.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace hubkeep::automation {
namespace {

struct Family
{
    const char *name;
    TriggerPointer (*read)(ConfigReader &reader, TriggerOptionsPointer options);
};

constexpr std::array families {
    Family { "event", readEventTrigger },
    Family { "homeassistant", readHomeAssistantTrigger },
    Family { "numeric_state", readNumericStateTrigger },
    Family { "persistent_notification", readNotificationTrigger },
    Family { "state", readStateTrigger },
    Family { "template", readTemplateTrigger },
    Family { "time", readTimeTrigger },
    Family { "time_pattern", readTimePatternTrigger },
    Family { "webhook", readWebhookTrigger },
};

// Home Assistant has these.
constexpr std::array unsupported { "calendar", "conversation", "device", "geo_location", "mqtt",
    "sun", "tag", "zone" };

constexpr int deepestLists = 20;

QStringList familyNames()
{
    QStringList names;
    for (const Family &family : families)
        names.append(QLatin1String(family.name));
    return names;
}

const Family *familyOf(const QString &name)
{
    const auto found = std::find_if(families.begin(), families.end(),
        [&](const Family &family) { return name == QLatin1String(family.name); });
    return found == families.end() ? nullptr : &*found;
}

// What is wrong with a kind that is none of ours.
QString whyNot(const Value &kind)
{
    const QString name = kind.text();
    const bool isKnown = std::any_of(unsupported.begin(), unsupported.end(),
        [&](const char *other) { return name == QLatin1String(other); });
    if (isKnown || (isEntityId(name) && !kind.isCollection()))
        return QStringLiteral("the trigger %1 is not supported here; there are %2")
            .arg(quoted(name), familyNames().join(QLatin1String(", ")));
    const QString guess = didYouMean(name, familyNames());
    return QStringLiteral("there is no trigger %1%2")
        .arg(kind.isCollection() ? kind.describe() : quoted(name),
            guess.isEmpty()
                ? QStringLiteral("; there are ") + familyNames().join(QLatin1String(", "))
                : guess);
}

QString nameFor(const Value &value)
{
    const Value *kind = value.find(QStringLiteral("trigger"));
    if (!kind)
        kind = value.find(QStringLiteral("platform"));
    return kind && familyOf(kind->text()) ? QStringLiteral("the trigger '%1'").arg(kind->text())
                                          : QStringLiteral("the trigger");
}

std::shared_ptr<TriggerOptions> readOptions(
    ConfigReader &reader, const QString &platform, int index)
{
    auto options = std::make_shared<TriggerOptions>();
    options->index = index;
    options->platform = platform;
    options->id = reader.text(QStringLiteral("id"), QString::number(index));
    options->alias = reader.text(QStringLiteral("alias"));
    options->enabled = EnabledOption::parse(reader);
    const Value *variables = reader.find(QStringLiteral("variables"));
    if (variables && variables->kind() != Value::Kind::Map
        && variables->kind() != Value::Kind::Broken)
        reader.problem(variables->place(),
            QStringLiteral("variables: must be a mapping, not %1").arg(variables->describe()));
    for (const Value::Member &member : variables ? variables->members() : Value().members())
        options->variables.emplace_back(
            member.key, TemplatedValue::parse(member.value, reader.problems()));
    return options;
}

// Adds what value and the lists in it say.
void readAll(
    const Value &value, int depth, std::vector<TriggerPointer> &triggers, Problems &problems)
{
    const Value *nested = value.find(QStringLiteral("triggers"));
    const bool isGroup = nested && !value.find(QStringLiteral("trigger"))
        && !value.find(QStringLiteral("platform"));
    if (value.kind() != Value::Kind::List && !isGroup) {
        // A null one too, so that each has the index that people count.
        triggers.push_back(parseTrigger(value, int(triggers.size()), problems));
        return;
    }
    if (depth >= deepestLists) {
        problems.append(
            { value.place(), QStringLiteral("lists of triggers are nested too deeply") });
        return;
    }
    if (isGroup) {
        ConfigReader reader(value, QStringLiteral("a list of triggers"), problems);
        reader.find(QStringLiteral("triggers"));
        reader.finish();
        readAll(*nested, depth + 1, triggers, problems);
    }
    for (const Value &item : value.items())
        readAll(item, depth + 1, triggers, problems);
}

} // namespace

TriggerPointer parseTrigger(const Value &value, int index, Problems &problems)
{
    if (value.kind() == Value::Kind::Broken)
        return {}; // its problem is said
    const qsizetype before = problems.size();
    ConfigReader reader(value, nameFor(value), problems);
    if (!reader.isMap())
        return {};
    const Value *kind = reader.findEither(QStringLiteral("trigger"), QStringLiteral("platform"));
    if (!kind) {
        reader.problem(value.place(), QStringLiteral("a trigger needs 'trigger', its kind"));
        return {};
    }
    const Family *family = kind->isCollection() ? nullptr : familyOf(kind->text());
    if (!family) {
        if (kind->kind() != Value::Kind::Broken)
            reader.problem(kind->place(), whyNot(*kind));
        return {};
    }
    TriggerPointer trigger = family->read(reader, readOptions(reader, kind->text(), index));
    reader.finish();
    return problems.size() == before ? std::move(trigger) : nullptr;
}

std::vector<TriggerPointer> parseTriggers(const Value &value, Problems &problems)
{
    std::vector<TriggerPointer> triggers;
    if (value.kind() != Value::Kind::Null)
        readAll(value, 0, triggers, problems);
    std::erase(triggers, nullptr);
    return triggers;
}

} // namespace hubkeep::automation
