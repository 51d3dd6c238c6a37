#include "automation/template/filters/pythonregex.h"

#include <QCache>

#include <string_view>

namespace hubkeep::filters {
namespace {

// How long a text may be, and how much is then tried from each of its places.
struct Effort
{
    qsizetype longest;
    int tries;
};
constexpr Effort efforts[3]
    = { { 200, 500'000 }, { 5'000, 50'000 }, { PythonRegex::longestText, 5'000 } };

constexpr qsizetype longestPattern = 10'000;

// Of \xhh, \uhhhh, \Uhhhhhhhh: how many digits.
int escapeDigits(QChar letter)
{
    return letter == u'u' ? 4 : letter == u'U' ? 8 : 0;
}

// {,3} is {0,3} in Python.
bool isOpenRange(QStringView rest)
{
    qsizetype at = 2;
    while (at < rest.size() && rest[at].isDigit())
        ++at;
    return rest.startsWith(u"{,") && at > 2 && at < rest.size() && rest[at] == u'}';
}

// Flags that PCRE2 does not know say what is so anyway: (?a), (?u), (?L).
QString withoutForeignFlags(const QString &pattern)
{
    static const QRegularExpression flags(
        QStringLiteral("\\A\\(\\?(?=[imsxauL]*[auL])([imsxauL]+)\\)"));
    const QRegularExpressionMatch match = flags.match(pattern);
    if (!match.hasMatch())
        return pattern;
    QString kept = match.captured(1).remove(u'a').remove(u'u').remove(u'L');
    if (!kept.isEmpty())
        kept = QLatin1String("(?") + kept + u')';
    return kept + pattern.sliced(match.capturedEnd());
}

QString translated(const QString &given)
{
    const QString pattern = withoutForeignFlags(given);
    QString result;
    result.reserve(pattern.size() + 16);
    bool inClass = false;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const QChar c = pattern[i];
        if (c == u'\\' && i + 1 < pattern.size()) {
            const QChar next = pattern[++i];
            const int digits = escapeDigits(next);
            if (digits != 0 && i + digits < pattern.size()) {
                result += QLatin1String("\\x{") + pattern.sliced(i + 1, digits) + u'}';
                i += digits;
            } else if (next == u'Z' && !inClass) {
                result += QLatin1String("\\z");
            } else {
                result += c;
                result += next;
            }
        } else if (inClass) {
            if (c == u'[') // never a [:class:]
                result += u'\\';
            result += c;
            inClass = c != u']';
        } else if (c == u'[') {
            inClass = true;
            result += c;
            if (i + 1 < pattern.size() && pattern[i + 1] == u'^')
                result += pattern[++i];
            if (i + 1 < pattern.size() && pattern[i + 1] == u']') {
                result += QLatin1String("\\]");
                ++i;
            }
        } else if (c == u'{' && isOpenRange(QStringView(pattern).sliced(i))) {
            result += QLatin1String("{0");
        } else {
            result += c;
        }
    }
    return result;
}

// What follows a backslash in a replacement.
struct Escape
{
    qsizetype length = 1;
    QString text {};
    QString group {};
    QString problem {};
};

bool isOctal(const QString &text, qsizetype at)
{
    return at < text.size() && text[at] >= u'0' && text[at] <= u'7';
}

Escape octalEscape(const QString &text, qsizetype at)
{
    Escape escape { 0 };
    int code = 0;
    while (escape.length < 3 && isOctal(text, at + escape.length))
        code = code * 8 + text[at + escape.length++].digitValue();
    escape.text = QChar(code);
    return escape;
}

Escape namedEscape(const QString &text, qsizetype at)
{
    const qsizetype end = text.indexOf(u'>', at);
    if (at + 1 >= text.size() || text[at + 1] != u'<' || end <= at + 2)
        return { 1, {}, {}, QStringLiteral("has a \\g without <a group>") };
    return { end - at + 1, {}, text.sliced(at + 2, end - at - 2) };
}

Escape readEscape(const QString &text, qsizetype at)
{
    if (at == text.size())
        return { 0, {}, {}, QStringLiteral("ends with a single backslash") };
    const QChar c = text[at];
    static constexpr std::u16string_view letters = u"abfnrtv\\";
    static constexpr std::u16string_view meant = u"\a\b\f\n\r\t\v\\";
    if (const size_t letter = letters.find(c.unicode()); letter != letters.npos)
        return { 1, QString(QChar(meant[letter])) };
    if (c == u'0'
        || (c <= u'3' && isOctal(text, at) && isOctal(text, at + 1) && isOctal(text, at + 2)))
        return octalEscape(text, at);
    if (c >= u'1' && c <= u'9') {
        const bool two = at + 1 < text.size() && text[at + 1] >= u'0' && text[at + 1] <= u'9';
        return { two ? 2 : 1, {}, text.sliced(at, two ? 2 : 1) };
    }
    if (c == u'g')
        return namedEscape(text, at);
    if (c.unicode() < 0x80 && c.isLetter())
        return { 1, {}, {}, QStringLiteral("has the wrong escape \\%1").arg(c) };
    return { 1, QString(u'\\') + c };
}

Error tooMuch()
{
    return { ErrorCode::TooLarge,
        QStringLiteral("the regular expression takes too long on this text") };
}

} // namespace

Result<PythonRegex> PythonRegex::compile(const QString &pattern, bool ignoreCase)
{
    static thread_local QCache<QString, PythonRegex> known(100);
    const QString key = QChar(ignoreCase ? u'i' : u'-') + pattern;
    if (const PythonRegex *found = known.object(key))
        return *found;
    if (pattern.size() > longestPattern)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("the regular expression is longer than %1 characters")
                .arg(longestPattern) };
    if (pattern.startsWith(u"(*"))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("'%1' is no regular expression: nothing to repeat (at character 2)")
                .arg(pattern.left(50)) };
    const QString body = translated(pattern);
    QRegularExpression::PatternOptions options = QRegularExpression::UseUnicodePropertiesOption;
    if (ignoreCase)
        options |= QRegularExpression::CaseInsensitiveOption;
    PythonRegex regex;
    for (size_t i = 0; i < std::size(efforts); ++i)
        regex.m_expressions[i] = QRegularExpression(
            QStringLiteral("(*LIMIT_MATCH=%1)(*LIMIT_DEPTH=5000)(*LIMIT_HEAP=20000)")
                    .arg(efforts[i].tries)
                + body,
            options);
    if (!regex.m_expressions[0].isValid())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("'%1' is no regular expression: %2")
                .arg(pattern.left(50), regex.m_expressions[0].errorString()) };
    known.insert(key, new PythonRegex(regex));
    return regex;
}

const QRegularExpression &PythonRegex::expressionFor(const QString &text) const
{
    size_t which = 0;
    while (which + 1 < std::size(efforts) && text.size() > efforts[which].longest)
        ++which;
    return m_expressions[which];
}

Result<bool> PythonRegex::hasMatch(
    const QString &text, QRegularExpression::MatchOptions options) const
{
    if (text.size() > longestText)
        return tooMuch();
    const QRegularExpressionMatch match
        = expressionFor(text).match(text, 0, QRegularExpression::NormalMatch, options);
    if (!match.isValid())
        return tooMuch();
    return match.hasMatch();
}

Result<bool> PythonRegex::matches(const QString &text) const
{
    return hasMatch(text, QRegularExpression::AnchorAtOffsetMatchOption);
}

Result<bool> PythonRegex::isIn(const QString &text) const
{
    return hasMatch(text, QRegularExpression::NoMatchOption);
}

Result<void> PythonRegex::forEach(
    const QString &text, const std::function<bool(const QRegularExpressionMatch &)> &found) const
{
    if (text.size() > longestText)
        return tooMuch();
    QRegularExpressionMatchIterator matches = expressionFor(text).globalMatch(text);
    if (!matches.isValid())
        return tooMuch();
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        if (!match.isValid())
            return tooMuch();
        if (!found(match))
            break;
    }
    return {};
}

int PythonRegex::groups() const
{
    return m_expressions[0].captureCount();
}

Result<int> PythonRegex::groupNumber(const QString &name) const
{
    bool isNumber = false;
    const int number = name.toInt(&isNumber);
    if (isNumber && number >= 0 && number <= groups())
        return number;
    const qsizetype named = m_expressions[0].namedCaptureGroups().indexOf(name);
    if (!isNumber && !name.isEmpty() && named > 0)
        return int(named);
    return Error { ErrorCode::InvalidArgument,
        QStringLiteral("the replacement names the group '%1', which there is not").arg(name) };
}

Result<std::vector<PythonRegex::Part>> PythonRegex::replacement(const QString &text) const
{
    std::vector<Part> parts(1);
    for (qsizetype at = 0; at < text.size();) {
        if (text[at] != u'\\') {
            parts.back().text += text[at++];
            continue;
        }
        const Escape escape = readEscape(text, at + 1);
        at += escape.length + 1;
        if (!escape.problem.isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QLatin1String("the replacement ") + escape.problem };
        parts.back().text += escape.text;
        if (escape.group.isEmpty())
            continue;
        const Result<int> group = groupNumber(escape.group);
        if (!group)
            return group.error();
        parts.back().group = *group;
        parts.emplace_back();
    }
    return parts;
}

} // namespace hubkeep::filters
