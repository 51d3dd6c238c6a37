// Home Assistant's base64_encode, base64_decode, md5, sha1, sha256, sha512, slugify, ord, ordinal.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

#include "automation/core/state.h"

#include <QCryptographicHash>
#include <QStringDecoder>

namespace hubkeep::filters {
namespace {

template <QCryptographicHash::Algorithm algorithm>
TemplateValue digest(const TemplateCall &call)
{
    if (!wantString(call))
        return {};
    const QByteArray bytes = call.value().string().toUtf8();
    if (!call.rendering().step(bytes.size() / 256))
        return {};
    return QString::fromLatin1(QCryptographicHash::hash(bytes, algorithm).toHex());
}

TemplateValue base64Encode(const TemplateCall &call)
{
    if (!wantString(call) || !call.rendering().allowText(call.value().string().size() * 2))
        return {};
    return QString::fromLatin1(call.value().string().toUtf8().toBase64());
}

// Leaves out what is none of base64's characters, as Python does; nothing where the rest is short.
std::optional<QByteArray> base64Bytes(const QString &text)
{
    QByteArray kept;
    int padding = 0;
    for (const QChar c : text) {
        const char16_t code = c.unicode();
        if (code >= 0x80)
            return std::nullopt;
        if (code == u'=' && kept.size() % 4 >= 2 && kept.size() % 4 + ++padding >= 4)
            break;
        if (std::isalnum(code) || code == u'+' || code == u'/') {
            kept += char(code);
            padding = 0;
        }
    }
    const qsizetype last = kept.size() % 4;
    if (last == 1 || (last != 0 && last + padding < 4))
        return std::nullopt;
    return QByteArray::fromBase64(kept, QByteArray::OmitTrailingEquals);
}

TemplateValue base64Decode(const TemplateCall &call)
{
    QString encoding = QStringLiteral("utf-8");
    if (!wantString(call) || !call.read(1, encoding))
        return {};
    const std::optional<QByteArray> bytes = base64Bytes(call.value().string());
    if (!bytes)
        return call.fail(QStringLiteral("%1 is not base64").arg(shortened(call.value())));
    const QString name = encoding.toLower().remove(u'-').remove(u'_');
    if (name == u"ascii" || name == u"latin1" || name == u"iso88591")
        return QString::fromLatin1(*bytes);
    if (name != u"utf8")
        return call.fail(QStringLiteral("'%1' is not an encoding that is known here; take 'utf-8', "
                                        "'latin-1' or 'ascii'")
                             .arg(encoding));
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(*bytes);
    if (decoder.hasError())
        return call.fail(
            QStringLiteral("what %1 stands for is no text").arg(shortened(call.value())));
    return text;
}

TemplateValue slug(const TemplateCall &call)
{
    QString separator = QStringLiteral("_");
    if (!call.read(1, separator))
        return {};
    const QString text = textOf(call);
    if (text.isEmpty())
        return QString();
    if (!call.rendering().allowText(text.size() * (1 + separator.size())))
        return {};
    QString made = slugify(text);
    return separator == u"_" ? made : made.replace(u'_', separator);
}

TemplateValue ordinal(const TemplateCall &call)
{
    const QString text = textOf(call);
    const std::optional<qint64> lastTwo = pythonInteger(text.right(2));
    const std::optional<qint64> lastOne = pythonInteger(text.right(1));
    if (!lastTwo || !lastOne)
        return call.fail(QStringLiteral("expects an integer, not %1").arg(shortened(call.value())));
    const qint64 tens = ((*lastTwo % 100) + 100) % 100;
    if (tens >= 11 && tens <= 13)
        return QString(text + QLatin1String("th"));
    static constexpr const char *const suffixes[] = { "th", "st", "nd", "rd" };
    return QString(text + QLatin1String(*lastOne <= 3 ? suffixes[*lastOne] : "th"));
}

TemplateValue ord(const TemplateCall &call)
{
    if (!wantString(call))
        return {};
    const QList<uint> codes = call.value().string().left(4).toUcs4();
    if (codes.size() != 1)
        return call.fail(
            QStringLiteral("expects one character, not %1").arg(shortened(call.value())));
    return qint64(codes[0]);
}

constexpr TemplateBuiltin hashes[] = {
    { "md5", digest<QCryptographicHash::Md5>, "value" },
    { "sha1", digest<QCryptographicHash::Sha1>, "value" },
    { "sha256", digest<QCryptographicHash::Sha256>, "value" },
    { "sha512", digest<QCryptographicHash::Sha512>, "value" },
    { "slugify", slug, "value separator?" },
};

constexpr TemplateBuiltin filters[] = {
    { "base64_decode", base64Decode, "value encoding?" },
    { "base64_encode", base64Encode, "value" },
    { "ord", ord, "value" },
    { "ordinal", ordinal, "value" },
};

} // namespace

void declareHashes(TemplateBuiltins &builtins)
{
    builtins.addFilters(hashes);
    builtins.addFunctions(hashes);
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
