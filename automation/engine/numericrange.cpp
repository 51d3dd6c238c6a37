#include "automation/engine/numericrange.h"

#include "automation/core/nearest.h"
#include "automation/engine/namesabove.h"

#include <cmath>
#include <functional>

namespace hubkeep::automation {
namespace {

const QStringList &numberDomains()
{
    static const QStringList domains { QStringLiteral("input_number"), QStringLiteral("number"),
        QStringLiteral("sensor"), QStringLiteral("zone") };
    return domains;
}

std::optional<double> numberOf(const TemplateValue &value)
{
    if (value.isNumber() || value.kind() == TemplateValue::Kind::Boolean)
        return value.toDouble();
    if (value.kind() != TemplateValue::Kind::String)
        return {};
    bool ok = false;
    const double number = value.string().trimmed().toDouble(&ok);
    return ok ? std::optional(number) : std::nullopt;
}

bool saysNothing(const TemplateValue &value)
{
    return value.kind() == TemplateValue::Kind::String
        && (value.string() == QLatin1String(unknownState)
            || value.string() == QLatin1String(unavailableState));
}

TemplateValue readThreshold(ConfigReader &reader, const QString &key)
{
    const Value *written = reader.find(key);
    if (!written)
        return {};
    const QString text = written->text().trimmed().toLower();
    if (written->kind() == Value::Kind::String && isEntityId(text)
        && numberDomains().contains(domainOf(text)))
        return TemplateValue(text);
    const std::optional<double> number = reader.number(key); // or its problem
    if (!number)
        return {};
    return *number == std::floor(*number) && std::abs(*number) < 1e15
        ? TemplateValue(qint64(*number))
        : TemplateValue(*number);
}

// The threshold's number now; nothing while its entity says nothing.
Result<std::optional<double>> thresholdOf(
    const EngineParts &parts, const TemplateValue &threshold, const char *key)
{
    if (threshold.kind() != TemplateValue::Kind::String)
        return std::optional<double>(threshold.toDouble());
    const std::optional<State> state = parts.hub.states().get(threshold.string());
    if (!state)
        return Error { ErrorCode::NotFound,
            QStringLiteral("there is no entity %1, which '%2' names")
                .arg(threshold.string(), QLatin1String(key)) };
    const TemplateValue value(state->value);
    if (saysNothing(value))
        return std::optional<double>();
    const std::optional<double> number = numberOf(value);
    if (!number)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("the state of %1, which '%2' names, is no number but %3")
                .arg(threshold.string(), QLatin1String(key), quoted(state->value)) };
    return number;
}

} // namespace

NumericRange NumericRange::parse(ConfigReader &reader)
{
    NumericRange range;
    const qsizetype before = reader.problems().size();
    range.m_above = readThreshold(reader, QStringLiteral("above"));
    range.m_below = readThreshold(reader, QStringLiteral("below"));
    range.m_attribute = reader.text(QStringLiteral("attribute"));
    if (const Value *what = reader.find(QStringLiteral("value_template")))
        range.m_template
            = parseTemplate(*what, QStringLiteral("value_template"), reader.problems());
    if (reader.problems().size() != before || !reader.isMap())
        return range;
    if (range.m_above.isNone() && range.m_below.isNone())
        reader.problem(
            reader.value().place(), QStringLiteral("numeric_state needs 'above', 'below' or both"));
    else if (range.m_above.isNumber() && range.m_below.isNumber()
        && range.m_above.toDouble() > range.m_below.toDouble())
        reader.problem(reader.value().place(),
            QStringLiteral("no number is above %1 and below %2; these may be two of them")
                .arg(range.m_above.toText(), range.m_below.toText()));
    return range;
}

TemplateValue NumericRange::attribute() const
{
    return m_attribute.isEmpty() ? TemplateValue() : TemplateValue(m_attribute);
}

Result<TemplateValue> NumericRange::valueOf(const EngineParts &parts, const TemplateNames &names,
    const QString &entityId, const State &state) const
{
    if (m_template) {
        NamesAbove all(names);
        all.set(QStringLiteral("state"), TemplateValue(state));
        Result<TemplateValue> rendered = m_template->render(parts.scope(all));
        return rendered
            ? rendered
            : Result<TemplateValue>(rendered.error().in(QStringLiteral("value_template")));
    }
    if (m_attribute.isEmpty())
        return TemplateValue(state.value);
    const auto found = state.attributes.constFind(m_attribute);
    if (found == state.attributes.constEnd())
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 has no attribute %2%3")
                .arg(entityId, quoted(m_attribute),
                    didYouMean(m_attribute, state.attributes.keys())) };
    return TemplateValue::fromVariant(*found);
}

Result<bool> NumericRange::contains(const EngineParts &parts, const TemplateNames &names,
    const QString &entityId, const std::optional<State> &state, TemplateValue *number) const
{
    if (!state)
        return Error { ErrorCode::NotFound, QStringLiteral("there is no entity %1").arg(entityId) };
    const Result<TemplateValue> value = valueOf(parts, names, entityId, *state);
    if (!value)
        return value.error();
    if (number)
        *number = *value;
    if (saysNothing(*value))
        return false;
    const std::optional<double> read = numberOf(*value);
    if (!read)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("what %1 says is no number but %2").arg(entityId, value->toLiteral()) };
    if (number)
        *number = TemplateValue(*read);
    const auto reaches
        = [&](const TemplateValue &threshold, const char *key, auto compare) -> Result<bool> {
        if (threshold.isNone())
            return true;
        const Result<std::optional<double>> limit = thresholdOf(parts, threshold, key);
        if (!limit)
            return limit.error();
        return *limit && compare(*read, **limit);
    };
    const Result<bool> isBelow = reaches(m_below, "below", std::less<> {});
    if (!isBelow || !*isBelow)
        return isBelow;
    return reaches(m_above, "above", std::greater<> {});
}

} // namespace hubkeep::automation
