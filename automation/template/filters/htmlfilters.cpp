// Jinja2's filters for HTML and addresses: escape, striptags, urlencode, xmlattr.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/html.h"

#include <QUrl>

#include <algorithm>

namespace hubkeep::filters {
namespace {

using Kind = TemplateValue::Kind;

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
    { "xmlattr", xmlattr, "value autospace?" },
};

} // namespace

void declareHtml(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
