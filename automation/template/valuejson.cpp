#include "automation/template/valuejson.h"

#include "automation/template/templatedict.h"
#include "automation/template/valuetext.h"

#include <QStringDecoder>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

class JsonWriter
{
public:
    explicit JsonWriter(const JsonStyle &style)
        : m_style(style)
    {
    }
    void write(const TemplateValue &value, int level);
    QString out;

private:
    void writeString(const QString &text);
    void writeDict(const TemplateDict &dict, int level);
    void writeItems(const TemplateValue::Items &items, int level);
    void newLine(int level)
    {
        if (m_style.pretty)
            out += u'\n' + QString(level * 2, u' ');
    }

    const JsonStyle m_style;
};

void JsonWriter::writeString(const QString &text)
{
    out += u'"';
    for (const QChar unit : text) {
        switch (unit.unicode()) {
        case u'"':
            out += QLatin1String("\\\"");
            break;
        case u'\\':
            out += QLatin1String("\\\\");
            break;
        case u'\b':
            out += QLatin1String("\\b");
            break;
        case u'\f':
            out += QLatin1String("\\f");
            break;
        case u'\n':
            out += QLatin1String("\\n");
            break;
        case u'\r':
            out += QLatin1String("\\r");
            break;
        case u'\t':
            out += QLatin1String("\\t");
            break;
        default:
            if (unit < u' ' || (m_style.ascii && unit > u'~'))
                out += QStringLiteral("\\u%1").arg(unit.unicode(), 4, 16, QLatin1Char('0'));
            else
                out += unit;
        }
    }
    out += u'"';
}

void JsonWriter::writeItems(const TemplateValue::Items &items, int level)
{
    out += u'[';
    for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0)
            out += u',';
        newLine(level + 1);
        write(items[i], level + 1);
    }
    if (!items.empty())
        newLine(level);
    out += u']';
}

void JsonWriter::writeDict(const TemplateDict &dict, int level)
{
    std::vector<std::pair<QString, const TemplateValue *>> entries;
    for (const auto &[key, value] : dict)
        entries.emplace_back(key.isString()                                     ? key.string()
                : key.kind() == Kind::Boolean || key.isNone() || key.isNumber() ? writeJson(key)
                                                                                : key.toText(),
            &value);
    if (m_style.sorted)
        std::stable_sort(entries.begin(), entries.end(),
            [](const auto &a, const auto &b) { return a.first < b.first; });
    out += u'{';
    bool first = true;
    for (const auto &[key, value] : entries) {
        if (!first)
            out += u',';
        first = false;
        newLine(level + 1);
        writeString(key);
        out += m_style.pretty ? QLatin1String(": ") : QLatin1String(":");
        write(*value, level + 1);
    }
    if (!entries.empty())
        newLine(level);
    out += u'}';
}

void JsonWriter::write(const TemplateValue &value, int level)
{
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::None:
        out += QLatin1String("null");
        break;
    case Kind::Boolean:
        out += value.toBool() ? QLatin1String("true") : QLatin1String("false");
        break;
    case Kind::Integer:
        out += QString::number(value.toInteger());
        break;
    case Kind::Float:
        out += std::isfinite(value.toDouble()) ? floatText(value.toDouble())
                                               : QStringLiteral("null");
        break;
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        writeItems(value.items(), level);
        break;
    case Kind::Dict:
        writeDict(value.dict(), level);
        break;
    case Kind::DateTime:
        writeString(isoFormat(value.time(), u'T'));
        break;
    default:
        writeString(value.toText());
        break;
    }
}

// Recursive descent over UTF-16; what fails stops everything.
class JsonReader
{
public:
    explicit JsonReader(QStringView text)
        : m_text(text)
    {
    }
    Result<TemplateValue> read();

private:
    bool value(TemplateValue &target, int depth);
    bool object(TemplateValue &target, int depth);
    bool array(TemplateValue &target, int depth);
    bool string(QString &target);
    bool escape(QString &target);
    bool number(TemplateValue &target);
    bool word(QLatin1String text);

    void skipBlanks()
    {
        while (m_at < m_text.size()
            && (m_text[m_at] == u' ' || m_text[m_at] == u'\n' || m_text[m_at] == u'\r'
                || m_text[m_at] == u'\t'))
            ++m_at;
    }
    QChar peek() const { return m_at < m_text.size() ? m_text[m_at] : QChar(); }
    bool fail(const QString &what)
    {
        if (m_problem.isEmpty())
            m_problem = what;
        return false;
    }

    const QStringView m_text;
    qsizetype m_at = 0;
    QString m_problem;
};

Result<TemplateValue> JsonReader::read()
{
    TemplateValue result;
    if (value(result, 0)) {
        skipBlanks();
        if (m_at < m_text.size())
            fail(QStringLiteral("there is more after the value"));
    }
    if (m_problem.isEmpty())
        return result;
    return Error { ErrorCode::InvalidArgument,
        QStringLiteral("the JSON is wrong at character %1: %2").arg(m_at + 1).arg(m_problem) };
}

bool JsonReader::word(QLatin1String text)
{
    if (!m_text.sliced(m_at).startsWith(text))
        return fail(QStringLiteral("a value is expected"));
    m_at += text.size();
    return true;
}

bool JsonReader::value(TemplateValue &target, int depth)
{
    constexpr int deepest = 100;
    if (depth > deepest)
        return fail(QStringLiteral("it is nested deeper than %1 times").arg(deepest));
    skipBlanks();
    const QChar first = peek();
    if (first == u'{')
        return object(target, depth);
    if (first == u'[')
        return array(target, depth);
    if (first == u'"') {
        QString text;
        if (!string(text))
            return false;
        target = text;
        return true;
    }
    if (first == u't' || first == u'f') {
        target = first == u't';
        return word(first == u't' ? QLatin1String("true") : QLatin1String("false"));
    }
    if (first == u'n') {
        target = {};
        return word(QLatin1String("null"));
    }
    return number(target);
}

bool JsonReader::object(TemplateValue &target, int depth)
{
    TemplateDict dict;
    ++m_at;
    skipBlanks();
    while (peek() != u'}' || !dict.isEmpty()) {
        skipBlanks();
        QString key;
        if (peek() != u'"')
            return fail(QStringLiteral("a key in double quotes is expected"));
        if (!string(key))
            return false;
        skipBlanks();
        if (peek() != u':')
            return fail(QStringLiteral("a colon is expected"));
        ++m_at;
        TemplateValue item;
        if (!value(item, depth + 1))
            return false;
        dict.insert(key, std::move(item));
        skipBlanks();
        if (peek() == u'}')
            break;
        if (peek() != u',')
            return fail(QStringLiteral("a comma or } is expected"));
        ++m_at;
    }
    ++m_at;
    target = std::move(dict);
    return true;
}

bool JsonReader::array(TemplateValue &target, int depth)
{
    TemplateValue::Items items;
    ++m_at;
    skipBlanks();
    while (peek() != u']' || !items.empty()) {
        TemplateValue item;
        if (!value(item, depth + 1))
            return false;
        items.push_back(std::move(item));
        skipBlanks();
        if (peek() == u']')
            break;
        if (peek() != u',')
            return fail(QStringLiteral("a comma or ] is expected"));
        ++m_at;
    }
    ++m_at;
    target = TemplateValue::list(std::move(items));
    return true;
}

bool JsonReader::escape(QString &target)
{
    static constexpr char16_t names[] = u"\"\\/bfnrt";
    static constexpr char16_t meanings[] = u"\"\\/\b\f\n\r\t";
    const QChar name = peek();
    if (name == u'u') {
        bool ok = false;
        const QStringView digits
            = m_text.sliced(m_at + 1).first(std::min<qsizetype>(4, m_text.size() - m_at - 1));
        const bool hex = std::all_of(digits.begin(), digits.end(),
            [](QChar digit) { return QStringView(u"0123456789abcdefABCDEF").contains(digit); });
        const ushort unit = digits.toUShort(&ok, 16);
        if (!ok || !hex || digits.size() != 4)
            return fail(QStringLiteral("\\u needs four hexadecimal digits"));
        target += QChar(unit);
        m_at += 5;
        return true;
    }
    const qsizetype which = name.isNull() ? -1 : QStringView(names).indexOf(name);
    if (which < 0)
        return fail(QStringLiteral("an unknown escape"));
    target += QChar(meanings[which]);
    ++m_at;
    return true;
}

bool JsonReader::string(QString &target)
{
    ++m_at;
    while (m_at < m_text.size()) {
        const QChar unit = m_text[m_at];
        if (unit == u'"') {
            ++m_at;
            return true;
        }
        if (unit < u' ')
            return fail(QStringLiteral("a control character within a text"));
        ++m_at;
        if (unit != u'\\')
            target += unit;
        else if (!escape(target))
            return false;
    }
    return fail(QStringLiteral("a text has no end"));
}

bool JsonReader::number(TemplateValue &target)
{
    const qsizetype start = m_at;
    const auto digits = [this] {
        const qsizetype from = m_at;
        while (peek() >= u'0' && peek() <= u'9')
            ++m_at;
        return m_at - from;
    };
    if (peek() == u'-')
        ++m_at;
    const bool leadingZero = peek() == u'0';
    const qsizetype whole = digits();
    if (whole == 0 || (leadingZero && whole > 1)) {
        m_at = start;
        return fail(QStringLiteral("a value is expected"));
    }
    bool integer = true;
    if (peek() == u'.') {
        integer = false;
        ++m_at;
        if (digits() == 0)
            return fail(QStringLiteral("a digit is expected"));
    }
    if (peek() == u'e' || peek() == u'E') {
        integer = false;
        ++m_at;
        if (peek() == u'+' || peek() == u'-')
            ++m_at;
        if (digits() == 0)
            return fail(QStringLiteral("a digit is expected"));
    }
    const QByteArray text = m_text.sliced(start, m_at - start).toLatin1();
    bool ok = false;
    const qint64 exact = integer ? text.toLongLong(&ok) : 0;
    target = ok ? TemplateValue(exact) : TemplateValue(text.toDouble());
    return true;
}

} // namespace

QString writeJson(const TemplateValue &value, const JsonStyle &style)
{
    JsonWriter writer(style);
    writer.write(value, 0);
    return writer.out;
}

Result<TemplateValue> readJson(const QByteArray &json)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder.decode(json);
    if (decoder.hasError())
        return Error { ErrorCode::InvalidArgument, QStringLiteral("the JSON is not UTF-8") };
    return JsonReader(text).read();
}

} // namespace hubkeep
