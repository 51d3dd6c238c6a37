// Regular expressions as Python's re has them, on PCRE2.
//
//     const Result<PythonRegex> regex = PythonRegex::compile(QStringLiteral("(?P<n>\\d+)"), false);
//     const Result<bool> found = regex->isIn(text);
//
// Bounded: a pattern that backtracks without end is an error after a fixed amount of work.
// Compiled ones are kept, a hundred for each thread.
//
// Plain value; any thread.

#pragma once

#include "automation/core/result.h"

#include <QRegularExpression>
#include <QString>

#include <functional>
#include <vector>

namespace hubkeep::filters {

class PythonRegex
{
public:
    static constexpr qsizetype longestText = 100'000;

    static Result<PythonRegex> compile(const QString &pattern, bool ignoreCase);

    // re.match(): from the beginning; re.search(): anywhere. TooLarge where it takes too long.
    Result<bool> matches(const QString &text) const;
    Result<bool> isIn(const QString &text) const;

    // Calls for each match until it gives false.
    Result<void> forEach(const QString &text,
        const std::function<bool(const QRegularExpressionMatch &)> &found) const;
    int groups() const;

    // re.sub()'s second argument: texts, each followed by what a group matched. InvalidArgument for
    // a wrong escape or group.
    struct Part
    {
        QString text {};
        int group = -1; // none
    };
    Result<std::vector<Part>> replacement(const QString &text) const;

private:
    Result<bool> hasMatch(const QString &text, QRegularExpression::MatchOptions options) const;
    const QRegularExpression &expressionFor(const QString &text) const;
    Result<int> groupNumber(const QString &name) const;

    // For short, middling and long texts: the longer the text, the less may be tried at each place.
    QRegularExpression m_expressions[3];
};

} // namespace hubkeep::filters
