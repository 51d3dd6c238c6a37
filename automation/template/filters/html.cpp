#include "automation/template/filters/html.h"

namespace hubkeep::filters {
namespace {

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

} // namespace

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

} // namespace hubkeep::filters
