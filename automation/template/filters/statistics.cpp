// Home Assistant's functions of many numbers: average, median, statistical_mode, min, max.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/ordering.h"

#include <algorithm>
#include <cmath>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

struct Samples
{
    TemplateValue::Items items {};
    TemplateValue fallback = TemplateValue::missing();
    TemplateValue given {}; // for the message
};

// average(1, 2), average([1, 2]), average([], 0), average([], default=0).
bool readSamples(const TemplateCall &call, Samples &samples)
{
    for (const auto &[name, value] : call.named()) {
        if (name != u"default") {
            call.fail(QStringLiteral("there is no argument '%1'").arg(name));
            return false;
        }
        samples.fallback = value;
    }
    if (call.rest().empty()) {
        call.fail(QStringLiteral("needs at least one argument"));
        return false;
    }
    const TemplateValue &first = call.rest()[0];
    samples.given = first;
    if (operations::isIterable(first) || first.isUndefined()) {
        samples.items = operations::items(call.rendering(), first);
        if (call.rest().size() > 1 && samples.fallback.isMissing())
            samples.fallback = call.rest()[1];
        return !call.rendering().failed();
    }
    if (call.rest().size() == 1) {
        call.fail(QStringLiteral("%1 is no list").arg(shortened(first)));
        return false;
    }
    samples.items = { call.rest().begin(), call.rest().end() };
    return true;
}

// Python fails where one is asked for its number or compared, whatever the default.
bool allDefined(const TemplateCall &call, const Samples &samples)
{
    for (const TemplateValue &item : samples.items) {
        if (item.isUndefined()) {
            call.fail(item.undefinedReason());
            return false;
        }
    }
    return true;
}

TemplateValue withoutResult(const TemplateCall &call, const Samples &samples)
{
    return samples.fallback.isMissing() ? noDefault(call, samples.given) : samples.fallback;
}

bool isNumeric(const TemplateValue &value)
{
    return value.isNumber() || value.kind() == Kind::Boolean;
}

// The sum, rounded once, as Python's math.fsum(): partial sums that do not overlap.
double exactSum(const TemplateValue::Items &items)
{
    std::vector<double> partials;
    double special = 0;
    for (const TemplateValue &item : items) {
        double x = item.toDouble();
        if (!std::isfinite(x)) {
            special += x;
            continue;
        }
        size_t kept = 0;
        for (double y : partials) {
            if (std::fabs(x) < std::fabs(y))
                std::swap(x, y);
            const double high = x + y;
            const double low = y - (high - x);
            if (low != 0)
                partials[kept++] = low;
            x = high;
        }
        partials.resize(kept);
        partials.push_back(x);
    }
    if (special != 0 || std::isnan(special))
        return special;
    double high = 0;
    double low = 0;
    while (!partials.empty() && low == 0) {
        const double x = high;
        const double y = partials.back();
        partials.pop_back();
        high = x + y;
        low = y - (high - x);
    }
    if (!partials.empty()
        && ((low < 0 && partials.back() < 0) || (low > 0 && partials.back() > 0))) {
        const double doubled = low * 2;
        const double sum = high + doubled;
        if (doubled == sum - high)
            return sum;
    }
    return high;
}

TemplateValue average(const TemplateCall &call)
{
    Samples samples;
    if (!readSamples(call, samples) || !allDefined(call, samples))
        return {};
    if (samples.items.empty()
        || !std::all_of(samples.items.begin(), samples.items.end(), isNumeric))
        return withoutResult(call, samples);
    return exactSum(samples.items) / double(samples.items.size());
}

TemplateValue median(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    Samples samples;
    if (!readSamples(call, samples) || !allDefined(call, samples))
        return {};
    const bool numeric = std::all_of(samples.items.begin(), samples.items.end(), isNumeric);
    const bool texts = !numeric
        && std::all_of(samples.items.begin(), samples.items.end(),
            [](const TemplateValue &item) { return item.isString(); });
    if (samples.items.empty() || (!numeric && !(texts && samples.items.size() % 2 == 1)))
        return withoutResult(call, samples);
    std::vector<Keyed> keyed;
    for (const TemplateValue &item : samples.items)
        keyed.push_back({ item, item });
    const TemplateValue::Items items = sorted(rendering, std::move(keyed), false);
    const size_t middle = items.size() / 2;
    if (items.size() % 2 == 1)
        return items[middle];
    using operations::Arithmetic;
    const TemplateValue sum
        = operations::arithmetic(rendering, Arithmetic::Add, items[middle - 1], items[middle]);
    return operations::arithmetic(rendering, Arithmetic::Divide, sum, 2);
}

TemplateValue statisticalMode(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    Samples samples;
    if (!readSamples(call, samples))
        return {};
    if (call.rest().size() > 1 && !call.rest()[0].isSequence())
        samples.items = { call.rest().begin(), call.rest().end() };
    TemplateDict counts;
    TemplateValue best;
    qint64 most = 0;
    for (const TemplateValue &item : samples.items) {
        if (!isSetItem(item) || !rendering.step())
            return withoutResult(call, samples);
        const TemplateValue *known = counts.find(item);
        counts.insert(item, (known ? known->toInteger() : 0) + qint64(1));
    }
    for (const auto &[item, count] : counts) {
        if (count.toInteger() > most) {
            most = count.toInteger();
            best = item;
        }
    }
    return most == 0 ? withoutResult(call, samples) : best;
}

TemplateValue extreme(const TemplateCall &call, bool largest)
{
    Extreme wanted { largest };
    for (const auto &[name, value] : call.named()) {
        if (name == u"attribute")
            wanted.path = AttributePath(value);
        else if (name == u"case_sensitive")
            wanted.caseSensitive = value.isTruthy();
        else
            return call.fail(QStringLiteral("there is no argument '%1'").arg(name));
    }
    if (call.rest().empty())
        return call.fail(QStringLiteral("needs at least one argument"));
    if (call.rest().size() > 1)
        return extremeOf(call.rendering(),
            TemplateValue::tuple({ call.rest().begin(), call.rest().end() }), wanted);
    const TemplateValue &only = call.rest()[0];
    if (!operations::isIterable(only) && !only.isUndefined())
        return call.fail(QStringLiteral("%1 is no list").arg(shortened(only)));
    return extremeOf(call.rendering(), only, wanted);
}

TemplateValue min(const TemplateCall &call)
{
    return extreme(call, false);
}

TemplateValue max(const TemplateCall &call)
{
    return extreme(call, true);
}

constexpr TemplateBuiltin both[] = {
    { "average", average, "* **" },
    { "median", median, "* **" },
    { "statistical_mode", statisticalMode, "* **" },
};

constexpr TemplateBuiltin functions[] = {
    { "max", max, "* **" },
    { "min", min, "* **" },
};

} // namespace

void declareStatistics(TemplateBuiltins &builtins)
{
    builtins.addFilters(both);
    builtins.addFunctions(both);
    builtins.addFunctions(functions);
}

} // namespace hubkeep::filters
