#include "automation/template/filters/ordering.h"

#include <algorithm>

namespace hubkeep::filters {

void sortKeyed(TemplateRendering &rendering, std::vector<Keyed> &keyed, bool reverse)
{
    std::stable_sort(keyed.begin(), keyed.end(), [&](const Keyed &left, const Keyed &right) {
        if (rendering.failed() || !rendering.step())
            return false;
        const bool less = reverse ? operations::less(rendering, right.key, left.key)
                                  : operations::less(rendering, left.key, right.key);
        return less && !rendering.failed();
    });
}

TemplateValue::Items sorted(TemplateRendering &rendering, std::vector<Keyed> keyed, bool reverse)
{
    sortKeyed(rendering, keyed, reverse);
    TemplateValue::Items items;
    items.reserve(keyed.size());
    for (Keyed &each : keyed)
        items.push_back(std::move(each.item));
    return items;
}

TemplateValue extremeOf(
    TemplateRendering &rendering, const TemplateValue &values, const Extreme &extreme)
{
    const auto keyOf = [&](const TemplateValue &item) {
        const TemplateValue value = extreme.path.of(rendering, item);
        return extreme.caseSensitive ? value : withoutCase(value);
    };
    TemplateIteration iteration(rendering, values);
    const TemplateValue *item = iteration.next();
    if (!item)
        return TemplateValue::undefinedBecause(
            QStringLiteral("there is nothing to choose from: the sequence is empty"));
    TemplateValue best = *item;
    TemplateValue bestKey = keyOf(best);
    while (!rendering.failed() && (item = iteration.next())) {
        TemplateValue key = keyOf(*item);
        if (rendering.failed())
            break;
        const bool better = extreme.largest ? operations::less(rendering, bestKey, key)
                                            : operations::less(rendering, key, bestKey);
        if (better && !rendering.failed()) {
            best = *item;
            bestKey = std::move(key);
        }
    }
    return best;
}

} // namespace hubkeep::filters
