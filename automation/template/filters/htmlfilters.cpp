// Jinja2's filters for HTML and addresses: escape, striptags, urlencode, urlize, xmlattr.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

QString escaped(const QString &text)
{
    QString result;
    result.reserve(text.size());
    for (const QChar c : text) {
        switch (c.unicode()) {
        case u'&':
            result += QLatin1String("&amp;");
            break;
        case u'<':
            result += QLatin1String("&lt;");
            break;
        case u'>':
            result += QLatin1String("&gt;");
            break;
        case u'\'':
            result += QLatin1String("&#39;");
            break;
        case u'"':
            result += QLatin1String("&#34;");
            break;
        default:
            result += c;
        }
    }
    return result;
}

TemplateValue escape(const TemplateCall &call)
{
    const QString text = textOf(call);
    if (!call.rendering().allowText(text.size()))
        return {};
    return escaped(text);
}

TemplateValue safe(const TemplateCall &call)
{
    return textOf(call);
}

// ---- striptags ----------------------------------------------------------------------------------

struct Entity
{
    const char *name;
    char16_t character;
};

constexpr Entity entities[] = {
    { "amp", u'&' },
    { "lt", u'<' },
    { "gt", u'>' },
    { "quot", u'"' },
    { "apos", u'\'' },
    { "nbsp", 0xa0 },
    { "iexcl", 0xa1 },
    { "cent", 0xa2 },
    { "pound", 0xa3 },
    { "curren", 0xa4 },
    { "yen", 0xa5 },
    { "brvbar", 0xa6 },
    { "sect", 0xa7 },
    { "uml", 0xa8 },
    { "copy", 0xa9 },
    { "ordf", 0xaa },
    { "laquo", 0xab },
    { "not", 0xac },
    { "shy", 0xad },
    { "reg", 0xae },
    { "macr", 0xaf },
    { "deg", 0xb0 },
    { "plusmn", 0xb1 },
    { "sup2", 0xb2 },
    { "sup3", 0xb3 },
    { "acute", 0xb4 },
    { "micro", 0xb5 },
    { "para", 0xb6 },
    { "middot", 0xb7 },
    { "cedil", 0xb8 },
    { "sup1", 0xb9 },
    { "ordm", 0xba },
    { "raquo", 0xbb },
    { "frac14", 0xbc },
    { "frac12", 0xbd },
    { "frac34", 0xbe },
    { "iquest", 0xbf },
    { "Agrave", 0xc0 },
    { "Aacute", 0xc1 },
    { "Acirc", 0xc2 },
    { "Atilde", 0xc3 },
    { "Auml", 0xc4 },
    { "Aring", 0xc5 },
    { "AElig", 0xc6 },
    { "Ccedil", 0xc7 },
    { "Egrave", 0xc8 },
    { "Eacute", 0xc9 },
    { "Ecirc", 0xca },
    { "Euml", 0xcb },
    { "Igrave", 0xcc },
    { "Iacute", 0xcd },
    { "Icirc", 0xce },
    { "Iuml", 0xcf },
    { "ETH", 0xd0 },
    { "Ntilde", 0xd1 },
    { "Ograve", 0xd2 },
    { "Oacute", 0xd3 },
    { "Ocirc", 0xd4 },
    { "Otilde", 0xd5 },
    { "Ouml", 0xd6 },
    { "times", 0xd7 },
    { "Oslash", 0xd8 },
    { "Ugrave", 0xd9 },
    { "Uacute", 0xda },
    { "Ucirc", 0xdb },
    { "Uuml", 0xdc },
    { "Yacute", 0xdd },
    { "THORN", 0xde },
    { "szlig", 0xdf },
    { "agrave", 0xe0 },
    { "aacute", 0xe1 },
    { "acirc", 0xe2 },
    { "atilde", 0xe3 },
    { "auml", 0xe4 },
    { "aring", 0xe5 },
    { "aelig", 0xe6 },
    { "ccedil", 0xe7 },
    { "egrave", 0xe8 },
    { "eacute", 0xe9 },
    { "ecirc", 0xea },
    { "euml", 0xeb },
    { "igrave", 0xec },
    { "iacute", 0xed },
    { "icirc", 0xee },
    { "iuml", 0xef },
    { "eth", 0xf0 },
    { "ntilde", 0xf1 },
    { "ograve", 0xf2 },
    { "oacute", 0xf3 },
    { "ocirc", 0xf4 },
    { "otilde", 0xf5 },
    { "ouml", 0xf6 },
    { "divide", 0xf7 },
    { "oslash", 0xf8 },
    { "ugrave", 0xf9 },
    { "uacute", 0xfa },
    { "ucirc", 0xfb },
    { "uuml", 0xfc },
    { "yacute", 0xfd },
    { "thorn", 0xfe },
    { "yuml", 0xff },
    { "OElig", 0x152 },
    { "oelig", 0x153 },
    { "Scaron", 0x160 },
    { "scaron", 0x161 },
    { "ensp", 0x2002 },
    { "emsp", 0x2003 },
    { "thinsp", 0x2009 },
    { "ndash", 0x2013 },
    { "mdash", 0x2014 },
    { "lsquo", 0x2018 },
    { "rsquo", 0x2019 },
    { "sbquo", 0x201a },
    { "ldquo", 0x201c },
    { "rdquo", 0x201d },
    { "bdquo", 0x201e },
    { "dagger", 0x2020 },
    { "bull", 0x2022 },
    { "hellip", 0x2026 },
    { "permil", 0x2030 },
    { "prime", 0x2032 },
    { "lsaquo", 0x2039 },
    { "rsaquo", 0x203a },
    { "euro", 0x20ac },
    { "trade", 0x2122 },
    { "larr", 0x2190 },
    { "uarr", 0x2191 },
    { "rarr", 0x2192 },
    { "darr", 0x2193 },
    { "harr", 0x2194 },
    { "minus", 0x2212 },
    { "infin", 0x221e },
    { "asymp", 0x2248 },
    { "ne", 0x2260 },
    { "le", 0x2264 },
    { "ge", 0x2265 },
    { "check", 0x2713 },
    { "hearts", 0x2665 },
};

// What an entity stands for, without its & and ;: empty where it is none.
QString entityText(QStringView name)
{
    if (name.startsWith(u'#')) {
        const bool hex = name.size() > 1 && (name[1] == u'x' || name[1] == u'X');
        bool ok = false;
        const uint code = name.sliced(hex ? 2 : 1).toUInt(&ok, hex ? 16 : 10);
        if (!ok || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code == 0)
            return ok ? QString(QChar::ReplacementCharacter) : QString();
        const char32_t character = code;
        return QString::fromUcs4(&character, 1);
    }
    for (const Entity &entity : entities) {
        if (name == QLatin1String(entity.name))
            return QString(QChar(entity.character));
    }
    return {};
}

QString unescaped(const QString &text)
{
    QString result;
    qsizetype at = 0;
    while (at < text.size()) {
        const qsizetype ampersand = text.indexOf(u'&', at);
        if (ampersand < 0)
            break;
        result += QStringView(text).sliced(at, ampersand - at);
        at = ampersand + 1;
        const qsizetype end = text.indexOf(u';', at);
        const QString meant = end > at && end - at <= 32
            ? entityText(QStringView(text).sliced(at, end - at))
            : QString();
        if (meant.isEmpty()) {
            result += u'&';
        } else {
            result += meant;
            at = end + 1;
        }
    }
    return result.append(QStringView(text).sliced(at));
}

QString without(const QString &text, QStringView open, QStringView close)
{
    QString result;
    qsizetype at = 0;
    for (;;) {
        const qsizetype begin = text.indexOf(open, at);
        const qsizetype end = begin < 0 ? -1 : text.indexOf(close, begin + open.size());
        if (end < 0)
            return result.append(QStringView(text).sliced(at));
        result += QStringView(text).sliced(at, begin - at);
        at = end + close.size();
    }
}

TemplateValue striptags(const TemplateCall &call)
{
    const QString plain = without(without(textOf(call), u"<!--", u"-->"), u"<", u">");
    QString words;
    bool pending = false;
    for (const QChar c : plain) {
        if (isPythonSpace(c)) {
            pending = true;
            continue;
        }
        if (pending && !words.isEmpty())
            words += u' ';
        pending = false;
        words += c;
    }
    return unescaped(words);
}

// ---- urlencode ----------------------------------------------------------------------------------

QString urlQuoted(TemplateRendering &rendering, const TemplateValue &value, bool forQuery)
{
    const QString text = value.isString() ? value.string() : operations::text(rendering, value);
    QByteArray quoted = QUrl::toPercentEncoding(text, forQuery ? "" : "/");
    if (forQuery)
        quoted.replace("%20", "+");
    return QString::fromLatin1(quoted);
}

TemplateValue urlencodePairs(const TemplateCall &call, QStringList pairs)
{
    qint64 total = 0;
    for (const QString &pair : pairs)
        total += pair.size() + 1;
    if (!call.rendering().allowText(total))
        return {};
    return pairs.join(u'&');
}

TemplateValue urlencode(const TemplateCall &call)
{
    TemplateRendering &rendering = call.rendering();
    const TemplateValue &value = call.value();
    if (value.isString() || (!operations::isIterable(value) && !value.isUndefined()))
        return urlQuoted(rendering, value, false);
    QStringList pairs;
    const auto append = [&](const TemplateValue &key, const TemplateValue &item) {
        pairs += urlQuoted(rendering, key, true) + u'=' + urlQuoted(rendering, item, true);
    };
    if (value.kind() == Kind::Dict) {
        for (const auto &[key, item] : value.dict())
            append(key, item);
        return urlencodePairs(call, pairs);
    }
    TemplateIteration iteration(rendering, value);
    while (const TemplateValue *item = iteration.next()) {
        const TemplateValue::Items pair = operations::items(rendering, *item);
        if (!rendering.failed() && pair.size() != 2)
            return call.fail(QStringLiteral("expects pairs of a name and a value, not %1")
                                 .arg(shortened(*item)));
        if (rendering.failed())
            return {};
        append(pair[0], pair[1]);
    }
    return rendering.failed() ? TemplateValue() : urlencodePairs(call, pairs);
}

// ---- urlize -------------------------------------------------------------------------------------

struct LinkStyle
{
    std::optional<qint64> longest; // of what is shown of an address
    QString attributes; // ' rel="noopener"'
    QStringList schemes;
};

bool isAddress(const QString &word)
{
    static const QRegularExpression address(
        QStringLiteral("(*LIMIT_MATCH=20000)\\A(?:(?:https?://"
                       "|www\\.)(?:[\\w%-]+\\.)*+(?:[a-z]{2,63}|xn--[\\w%]{2,59})"
                       "|(?:[\\w%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)"
                       "|https?://(?:\\d{1,3}(?:\\.\\d{1,3}){3}"
                       "|\\[(?:[\\da-f]{0,4}:){2}(?:[\\da-f]{0,4}:?){1,6}\\]))"
                       "(?::\\d{1,5})?(?:[/?#]\\S*)?\\Z"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::UseUnicodePropertiesOption);
    return address.match(word).hasMatch();
}

bool isMailAddress(QStringView word)
{
    static const QRegularExpression address(
        QStringLiteral("(*LIMIT_MATCH=20000)\\A\\S+@\\w[\\w.-]*\\.\\w+\\Z"),
        QRegularExpression::UseUnicodePropertiesOption);
    return address.match(word.toString()).hasMatch();
}

// Takes from the end of middle what is likely to belong to the sentence, not to the address, and
// gives back closing brackets whose opening ones are part of it.
void splitTail(QString &middle, QString &tail)
{
    for (;;) {
        if (middle.endsWith(QLatin1String("&gt;"))) {
            tail.prepend(QLatin1String("&gt;"));
            middle.chop(4);
        } else if (!middle.isEmpty() && QStringView(u")>.,\n").contains(middle.back())) {
            tail.prepend(middle.back());
            middle.chop(1);
        } else {
            break;
        }
    }
    static constexpr std::pair<const char *, const char *> brackets[]
        = { { "(", ")" }, { "<", ">" }, { "&lt;", "&gt;" } };
    for (const auto &[open, close] : brackets) {
        const QString closing = QString::fromLatin1(close);
        const qsizetype opened = middle.count(QString::fromLatin1(open));
        if (opened <= middle.count(closing))
            continue;
        for (qsizetype left = std::min(opened, tail.count(closing)); left > 0; --left) {
            const qsizetype end = tail.indexOf(closing) + closing.size();
            middle += QStringView(tail).first(end);
            tail.remove(0, end);
        }
    }
}

QString linked(const QString &middle, const LinkStyle &style)
{
    const auto shown = [&] {
        if (!style.longest || operations::characters(middle) <= *style.longest)
            return middle;
        const qsizetype kept = *style.longest >= 0
            ? *style.longest
            : std::max<qsizetype>(0, operations::characters(middle) + *style.longest);
        return QString(middle.first(offsetOf(middle, kept)) + QLatin1String("..."));
    };
    const auto link = [](const QString &to, const QString &attributes, const QString &text) {
        return QString(QLatin1String("<a href=\"") + to + u'"' + attributes + u'>' + text
            + QLatin1String("</a>"));
    };
    if (isAddress(middle)) {
        const bool complete = middle.startsWith(u"https://") || middle.startsWith(u"http://");
        return link(
            complete ? middle : QLatin1String("https://") + middle, style.attributes, shown());
    }
    if (middle.startsWith(u"mailto:") && isMailAddress(QStringView(middle).sliced(7)))
        return link(middle, {}, middle.sliced(7));
    if (middle.contains(u'@') && !middle.startsWith(u"www.") && !middle.contains(u':')
        && isMailAddress(middle))
        return link(QLatin1String("mailto:") + middle, {}, middle);
    QString result = middle;
    for (const QString &scheme : style.schemes) {
        if (result != scheme && result.startsWith(scheme))
            result = link(result, style.attributes, result);
    }
    return result;
}

QString urlizedWord(const QString &word, const LinkStyle &style)
{
    QString head;
    QString middle = word;
    for (;;) {
        const qsizetype size
            = middle.startsWith(u"&lt;") ? 4 : middle.startsWith(u'(') || middle.startsWith(u'<');
        if (size == 0)
            break;
        head += QStringView(middle).first(size);
        middle.remove(0, size);
    }
    QString tail;
    splitTail(middle, tail);
    return head + linked(middle, style) + tail;
}

bool readLinkStyle(const TemplateCall &call, LinkStyle &style)
{
    bool noFollow = false;
    qint64 longest = 0;
    QString target;
    QString rel;
    if ((call.has(1) && !call[1].isNone() && !call.read(1, longest)) || !call.readFlag(2, noFollow)
        || (call.has(3) && !call[3].isNone() && !call.read(3, target))
        || (call.has(4) && !call[4].isNone() && !call.read(4, rel)))
        return false;
    if (call.has(1) && !call[1].isNone())
        style.longest = longest;
    QStringList parts = rel.simplified().split(u' ', Qt::SkipEmptyParts);
    parts += QStringLiteral("noopener");
    if (noFollow)
        parts += QStringLiteral("nofollow");
    parts.removeDuplicates();
    parts.sort();
    style.attributes = QLatin1String(" rel=\"") + escaped(parts.join(u' ')) + u'"';
    if (!target.isEmpty())
        style.attributes += QLatin1String(" target=\"") + escaped(target) + u'"';
    if (!call.has(5) || call[5].isNone())
        return true;
    static const QRegularExpression valid(QStringLiteral("\\A[\\w.+-]{2,}:/{0,2}\\z"),
        QRegularExpression::UseUnicodePropertiesOption);
    for (const TemplateValue &scheme : operations::items(call.rendering(), call[5])) {
        if (!scheme.isString() || !valid.match(scheme.string()).hasMatch()) {
            call.fail(QStringLiteral("%1 is no scheme, like 'ftp://'").arg(shortened(scheme)));
            return false;
        }
        style.schemes += scheme.string();
    }
    return !call.rendering().failed();
}

TemplateValue urlize(const TemplateCall &call)
{
    LinkStyle style;
    if (!readLinkStyle(call, style))
        return {};
    const QString text = escaped(textOf(call));
    QString result;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = at;
        while (end < text.size() && isPythonSpace(text[end]))
            ++end;
        result += QStringView(text).sliced(at, end - at);
        at = end;
        while (end < text.size() && !isPythonSpace(text[end]))
            ++end;
        if (end > at)
            result += urlizedWord(text.sliced(at, end - at), style);
        if (!withinOutput(call.rendering(), result.size())
            || !call.rendering().step(1 + (end - at + style.attributes.size()) / 8))
            return {};
        at = end;
    }
    return result;
}

TemplateValue xmlattr(const TemplateCall &call)
{
    bool autospace = true;
    if (!call.readFlag(1, autospace))
        return {};
    if (call.value().kind() != Kind::Dict)
        return call.fail(
            QStringLiteral("expects a dictionary, not %1").arg(shortened(call.value())));
    QStringList attributes;
    for (const auto &[key, value] : call.value().dict()) {
        if (value.isNone() || value.isUndefined())
            continue;
        const bool valid = key.isString()
            && std::none_of(key.string().begin(), key.string().end(),
                [](QChar c) { return isPythonSpace(c) || QStringView(u"/>=").contains(c); });
        if (!valid)
            return call.fail(
                QStringLiteral("%1 cannot be an attribute's name").arg(shortened(key)));
        attributes += escaped(key.string()) + QLatin1String("=\"")
            + escaped(operations::text(call.rendering(), value)) + u'"';
    }
    QString result = attributes.join(u' ');
    if (autospace && !result.isEmpty())
        result.prepend(u' ');
    return result;
}

constexpr TemplateBuiltin filters[] = {
    { "e", escape, "value" },
    { "escape", escape, "value" },
    { "forceescape", escape, "value" },
    { "safe", safe, "value" },
    { "striptags", striptags, "value" },
    { "urlencode", urlencode, "value" },
    { "urlize", urlize, "value trim_url_limit? nofollow? target? rel? extra_schemes?" },
    { "xmlattr", xmlattr, "value autospace?" },
};

} // namespace

void declareHtml(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
