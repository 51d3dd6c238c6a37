#include "automation/core/nearest.h"

#include <algorithm>
#include <vector>

namespace hubkeep {
namespace {

// Optimal string alignment: Levenshtein's distance, and two letters swapped are one error.
int distance(const QString &a, const QString &b)
{
    std::vector<int> before(size_t(b.size()) + 1);
    std::vector<int> last(before.size());
    std::vector<int> row(before.size());
    for (size_t j = 0; j < row.size(); ++j)
        last[j] = int(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        row[0] = int(i);
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const int change = last[size_t(j - 1)] + (a[i - 1] == b[j - 1] ? 0 : 1);
            int best = std::min({ last[size_t(j)] + 1, row[size_t(j - 1)] + 1, change });
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = std::min(best, before[size_t(j - 2)] + 1);
            row[size_t(j)] = best;
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[size_t(b.size())];
}

} // namespace

QString nearest(const QString &name, const QStringList &candidates)
{
    constexpr qsizetype longest = 100; // beyond it nobody means a name
    if (name.size() > longest)
        return {};
    QString best;
    int fewest = std::max(1, int(name.size()) / 3) + 1;
    for (const QString &candidate : candidates) {
        const int errors = distance(name.toLower(), candidate.toLower());
        if (errors < fewest) {
            fewest = errors;
            best = candidate;
        }
    }
    return best;
}

QString didYouMean(const QString &name, const QStringList &candidates)
{
    const QString guess = nearest(name, candidates);
    return guess.isEmpty() ? QString() : QStringLiteral("; did you mean '%1'?").arg(guess);
}

} // namespace hubkeep
