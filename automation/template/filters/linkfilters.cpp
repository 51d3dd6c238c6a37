// Jinja2's urlize: makes links of the addresses in a text.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/html.h"

#include <QRegularExpression>

#include <algorithm>

namespace hubkeep::filters {
namespace {

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

constexpr TemplateBuiltin filters[] = {
    { "urlize", urlize, "value trim_url_limit? nofollow? target? rel? extra_schemes?" },
};

} // namespace

void declareLinks(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
