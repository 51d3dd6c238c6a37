#include "automation/template/syntax/lexer.h"

#include <algorithm>

namespace hubkeep::templates {
namespace {

bool isBlank(QChar character)
{
    return character.isSpace();
}

bool isWord(QChar character)
{
    return character.isLetterOrNumber() || character == u'_' || character.isSurrogate();
}

bool isDigit(QChar character)
{
    return character >= u'0' && character <= u'9';
}

class Lexer
{
public:
    Lexer(const QString &source, std::vector<Token> &tokens, Problem &problem)
        : m_source(source)
        , m_tokens(tokens)
        , m_problem(problem)
    {
    }
    bool run();

private:
    bool markup(qsizetype begin);
    bool comment(qsizetype begin);
    bool raw(qsizetype begin, bool &is);
    bool inside(bool block);
    bool end(bool block);
    bool token();
    bool string();
    bool escape(QString &text);
    bool hexadecimal(int digits, QString &text);
    bool number();
    bool based(int base, QLatin1String prefix);
    bool wholeNumber();
    bool floatingPoint();
    bool operation();
    qsizetype digitsFrom(qsizetype at) const;

    QChar at(qsizetype position) const
    {
        return position < m_source.size() ? m_source[position] : QChar();
    }
    bool startsWith(const char16_t *text) const
    {
        return QStringView(m_source).sliced(m_at).startsWith(QStringView(text));
    }
    void skipBlanks()
    {
        while (m_at < m_source.size() && isBlank(m_source[m_at]))
            ++m_at;
    }
    void text(qsizetype begin, qsizetype size)
    {
        if (size > 0)
            m_tokens.push_back({ Token::Type::Text, begin, m_source.mid(begin, size) });
    }
    // Without blanks at its end where the markup behind it says so.
    void textBefore(qsizetype begin, qsizetype finish, QChar sign)
    {
        while (sign == u'-' && finish > begin && isBlank(m_source[finish - 1]))
            --finish;
        text(begin, finish - begin);
    }
    bool fail(qsizetype offset, const QString &message)
    {
        m_problem = { offset, message };
        return false;
    }

    const QString &m_source;
    std::vector<Token> &m_tokens;
    Problem &m_problem;
    qsizetype m_at = 0;
    QString m_open; // brackets, innermost last
};

// The next "{{", "{%" or "{#" from there on, or -1.
qsizetype nextMarkup(const QString &source, qsizetype from)
{
    for (qsizetype at = source.indexOf(u'{', from); at >= 0; at = source.indexOf(u'{', at + 1)) {
        if (at + 1 >= source.size())
            return -1;
        const QChar second = source[at + 1];
        if (second == u'{' || second == u'%' || second == u'#')
            return at;
    }
    return -1;
}

bool Lexer::run()
{
    while (m_at < m_source.size()) {
        const qsizetype begin = nextMarkup(m_source, m_at);
        if (begin < 0) {
            text(m_at, m_source.size() - m_at);
            break;
        }
        const QChar sign = at(begin + 2);
        textBefore(m_at, begin, sign);
        m_at = begin + 2 + (sign == u'-' || sign == u'+' ? 1 : 0);
        if (!markup(begin))
            return false;
    }
    m_tokens.push_back({ Token::Type::End, m_source.size() });
    return true;
}

bool Lexer::markup(qsizetype begin)
{
    const QChar kind = m_source[begin + 1];
    if (kind == u'#')
        return comment(begin);
    if (kind == u'%') {
        bool isRaw = false;
        if (!raw(begin, isRaw))
            return false;
        if (isRaw)
            return true;
    }
    const bool block = kind == u'%';
    m_tokens.push_back({ block ? Token::Type::BlockBegin : Token::Type::VariableBegin, begin });
    return inside(block);
}

bool Lexer::comment(qsizetype begin)
{
    const qsizetype finish = m_source.indexOf(QLatin1String("#}"), m_at);
    if (finish < 0)
        return fail(begin, QStringLiteral("the comment that begins here has no '#}'"));
    const bool strip = finish > m_at && m_source[finish - 1] == u'-';
    m_at = finish + 2;
    if (strip)
        skipBlanks();
    return true;
}

// {% raw %}…{% endraw %}, where the tag that begins at m_at is one.
bool Lexer::raw(qsizetype begin, bool &is)
{
    const qsizetype before = m_at;
    const auto word = [this](const char16_t *name) {
        skipBlanks();
        if (!startsWith(name))
            return false;
        m_at += QStringView(name).size();
        skipBlanks();
        return true;
    };
    const auto tagEnd = [this](bool plus) {
        if (startsWith(u"-%}")) {
            m_at += 3;
            skipBlanks();
            return true;
        }
        const bool signedEnd = plus && startsWith(u"+%}");
        if (!signedEnd && !startsWith(u"%}"))
            return false;
        m_at += signedEnd ? 3 : 2;
        return true;
    };
    is = word(u"raw") && tagEnd(false);
    if (!is) {
        m_at = before;
        return true;
    }
    const qsizetype content = m_at;
    for (qsizetype tag = m_source.indexOf(QLatin1String("{%"), m_at); tag >= 0;
         tag = m_source.indexOf(QLatin1String("{%"), tag + 1)) {
        const QChar sign = at(tag + 2);
        m_at = tag + 2 + (sign == u'-' || sign == u'+' ? 1 : 0);
        if (word(u"endraw") && tagEnd(true)) {
            textBefore(content, tag, sign);
            return true;
        }
    }
    return fail(begin, QStringLiteral("the raw block that begins here has no '{% endraw %}'"));
}

bool Lexer::end(bool block)
{
    if (!m_open.isEmpty())
        return false;
    const char16_t *plain = block ? u"%}" : u"}}";
    const char16_t *stripping = block ? u"-%}" : u"-}}";
    const qsizetype offset = m_at;
    if (startsWith(stripping)) {
        m_at += 3;
        skipBlanks();
    } else if (startsWith(plain)) {
        m_at += 2;
    } else if (block && startsWith(u"+%}")) {
        m_at += 3;
    } else {
        return false;
    }
    m_tokens.push_back({ block ? Token::Type::BlockEnd : Token::Type::VariableEnd, offset });
    return true;
}

bool Lexer::inside(bool block)
{
    const qsizetype begin = m_tokens.back().offset;
    m_open.clear();
    while (true) {
        skipBlanks();
        if (end(block))
            return true;
        if (m_at >= m_source.size())
            return fail(begin,
                block ? QStringLiteral("the '{%' that begins here has no '%}'")
                      : QStringLiteral("the '{{' that begins here has no '}}'"));
        if (!token())
            return false;
    }
}

bool Lexer::token()
{
    const QChar first = m_source[m_at];
    if (isDigit(first))
        return number();
    if (isWord(first)) {
        const qsizetype begin = m_at;
        while (m_at < m_source.size() && isWord(m_source[m_at]))
            ++m_at;
        m_tokens.push_back({ Token::Type::Name, begin, m_source.mid(begin, m_at - begin) });
        return true;
    }
    if (first == u'\'' || first == u'"')
        return string();
    return operation();
}

// Python's "unicode-escape"; an unknown escape is what it looks like.
bool Lexer::escape(QString &text)
{
    static constexpr char16_t names[] = u"\\'\"abfnrtv";
    static constexpr char16_t meanings[] = u"\\'\"\a\b\f\n\r\t\v";
    const QChar name = at(m_at++);
    const qsizetype known = QStringView(names).indexOf(name);
    if (known >= 0) {
        text += QChar(meanings[known]);
        return true;
    }
    if (name == u'\n')
        return true;
    if (name >= u'0' && name <= u'7') {
        uint code = name.unicode() - u'0';
        for (int i = 0; i < 2 && at(m_at) >= u'0' && at(m_at) <= u'7'; ++i)
            code = code * 8 + (m_source[m_at++].unicode() - u'0');
        text += QChar(ushort(code));
        return true;
    }
    if (name == u'x')
        return hexadecimal(2, text);
    if (name == u'u')
        return hexadecimal(4, text);
    if (name == u'U')
        return hexadecimal(8, text);
    if (name == u'N')
        return fail(m_at - 2,
            QStringLiteral("characters cannot be named with \\N; write them as they are"));
    text += u'\\';
    text += name;
    return true;
}

bool Lexer::hexadecimal(int digits, QString &text)
{
    const QStringView written = QStringView(m_source).sliced(m_at).first(
        std::min<qsizetype>(digits, m_source.size() - m_at));
    const bool proper = written.size() == digits
        && std::all_of(written.begin(), written.end(),
            [](QChar digit) { return QStringView(u"0123456789abcdefABCDEF").contains(digit); });
    const uint code = proper ? written.toUInt(nullptr, 16) : 0;
    if (!proper || code > 0x10ffff)
        return fail(m_at - 2,
            QStringLiteral("this escape needs %1 hexadecimal digits of a character").arg(digits));
    const char32_t character = code;
    text += QString::fromUcs4(&character, 1);
    m_at += digits;
    return true;
}

bool Lexer::string()
{
    const qsizetype begin = m_at;
    const QChar quote = m_source[m_at++];
    QString text;
    while (m_at < m_source.size()) {
        const QChar character = m_source[m_at++];
        if (character == quote) {
            m_tokens.push_back({ Token::Type::String, begin, text });
            return true;
        }
        if (character != u'\\')
            text += character;
        else if (m_at < m_source.size() && !escape(text))
            return false;
    }
    return fail(begin, QStringLiteral("the text that begins here has no closing %1").arg(quote));
}

// Where digits, with single underscores between, end; where there are none: at.
qsizetype Lexer::digitsFrom(qsizetype position) const
{
    if (!isDigit(at(position)))
        return position;
    while (isDigit(at(position)) || (at(position) == u'_' && isDigit(at(position + 1))))
        ++position;
    return position;
}

bool Lexer::floatingPoint()
{
    if (m_at > 0 && m_source[m_at - 1] == u'.')
        return false;
    qsizetype finish = digitsFrom(m_at);
    bool proper = false;
    if (at(finish) == u'.' && isDigit(at(finish + 1))) {
        finish = digitsFrom(finish + 1);
        proper = true;
    }
    if (at(finish) == u'e' || at(finish) == u'E') {
        const qsizetype sign = at(finish + 1) == u'+' || at(finish + 1) == u'-' ? 1 : 0;
        const qsizetype exponent = digitsFrom(finish + 1 + sign);
        if (exponent > finish + 1 + sign) {
            finish = exponent;
            proper = true;
        }
    }
    if (!proper)
        return false;
    Token made { Token::Type::Float, m_at, m_source.mid(m_at, finish - m_at) };
    made.number = QString(made.text).remove(u'_').toDouble();
    m_tokens.push_back(made);
    m_at = finish;
    return true;
}

bool Lexer::based(int base, QLatin1String prefix)
{
    if (!QStringView(m_source).sliced(m_at).startsWith(prefix, Qt::CaseInsensitive))
        return false;
    const auto isOne = [base](QChar character) {
        const int value = character.unicode() > 127
            ? -1
            : QStringView(u"0123456789abcdef").indexOf(character.toLower());
        return value >= 0 && value < base;
    };
    qsizetype finish = m_at + 2;
    while (isOne(at(finish)) || (at(finish) == u'_' && isOne(at(finish + 1))))
        ++finish;
    if (finish == m_at + 2)
        return false;
    Token made { Token::Type::Integer, m_at, m_source.mid(m_at, finish - m_at) };
    bool ok = false;
    made.integer = QString(made.text).mid(2).remove(u'_').toLongLong(&ok, base);
    if (!ok)
        return fail(m_at, QStringLiteral("%1 is beyond 64 bits").arg(made.text));
    m_tokens.push_back(made);
    m_at = finish;
    return true;
}

bool Lexer::wholeNumber()
{
    qsizetype finish = m_at;
    if (m_source[m_at] == u'0') {
        while (at(finish) == u'0' || (at(finish) == u'_' && at(finish + 1) == u'0'))
            ++finish;
    } else {
        finish = digitsFrom(m_at);
    }
    Token made { Token::Type::Integer, m_at, m_source.mid(m_at, finish - m_at) };
    bool ok = false;
    made.integer = QString(made.text).remove(u'_').toLongLong(&ok);
    if (!ok)
        return fail(m_at, QStringLiteral("%1 is beyond 64 bits").arg(made.text));
    m_tokens.push_back(made);
    m_at = finish;
    return true;
}

bool Lexer::number()
{
    if (floatingPoint())
        return true;
    if (based(2, QLatin1String("0b")) || based(8, QLatin1String("0o"))
        || based(16, QLatin1String("0x")))
        return true;
    return m_problem.offset < 0 && wholeNumber();
}

bool Lexer::operation()
{
    static constexpr const char16_t *two[] = { u"//", u"**", u"==", u"!=", u">=", u"<=" };
    const qsizetype begin = m_at;
    QString text(m_source[m_at]);
    for (const char16_t *candidate : two) {
        if (startsWith(candidate))
            text = QString::fromUtf16(candidate);
    }
    const QChar first = text[0];
    if (text.size() == 1 && !QStringView(u"+-/*%~[](){}><=.:|,;").contains(first))
        return fail(begin, QStringLiteral("'%1' means nothing here").arg(first));
    if (first == u'(' || first == u'[' || first == u'{') {
        constexpr qsizetype deepest = 200;
        if (m_open.size() >= deepest)
            return fail(begin, QStringLiteral("more than %1 brackets are open").arg(deepest));
        m_open += first == u'(' ? u')' : first == u'[' ? u']' : u'}';
    } else if (first == u')' || first == u']' || first == u'}') {
        if (m_open.isEmpty())
            return fail(begin, QStringLiteral("there is no bracket that '%1' closes").arg(first));
        if (m_open.back() != first)
            return fail(begin,
                QStringLiteral(
                    "'%1' closes another bracket than the last open one, which wants '%2'")
                    .arg(first)
                    .arg(m_open.back()));
        m_open.chop(1);
    }
    m_tokens.push_back({ Token::Type::Operator, begin, text });
    m_at += text.size();
    return true;
}

} // namespace

QString Token::describe() const
{
    switch (type) {
    case Type::Text:
        return QStringLiteral("text");
    case Type::VariableBegin:
        return QStringLiteral("'{{'");
    case Type::VariableEnd:
        return QStringLiteral("'}}'");
    case Type::BlockBegin:
        return QStringLiteral("'{%'");
    case Type::BlockEnd:
        return QStringLiteral("'%}'");
    case Type::End:
        return QStringLiteral("the end of the template");
    case Type::String:
        return QStringLiteral("the text %1").arg(quoted(text));
    default:
        return QStringLiteral("'%1'").arg(text);
    }
}

QString normalized(const QString &source)
{
    QString text = source;
    if (text.contains(u'\r')) {
        text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
        text.replace(u'\r', u'\n');
    }
    if (text.endsWith(u'\n'))
        text.chop(1);
    return text;
}

bool tokenize(const QString &source, std::vector<Token> &tokens, Problem &problem)
{
    return Lexer(source, tokens, problem).run();
}

} // namespace hubkeep::templates
