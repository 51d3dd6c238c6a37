#include "integrations/notify/secrets.h"

#include <QRegularExpression>
#include <QSet>
#include <QUrl>

#include <algorithm>

namespace hubkeep::notify {
namespace {

const QString mask = QStringLiteral("***");

// Shorter ones say little, and would be found in every other word.
constexpr qsizetype shortestSecret = 4;
constexpr qsizetype shortestPiece = 6; // of something longer

QString option(const QVariantMap &options, const char *name)
{
    return options.value(QString::fromLatin1(name)).toString();
}

class Collector
{
public:
    void add(const QString &secret, qsizetype shortest = shortestSecret)
    {
        if (secret.size() < shortest)
            return;
        m_secrets.insert(secret);
        m_secrets.insert(QString::fromLatin1(QUrl::toPercentEncoding(secret)));
        m_secrets.insert(QUrl::fromPercentEncoding(secret.toUtf8()));
        m_secrets.insert(QString::fromLatin1(secret.toUtf8().toBase64()));
    }

    void addPieces(const QString &secret, const QString &separators)
    {
        add(secret);
        const QRegularExpression separator(u'[' + QRegularExpression::escape(separators) + u']');
        for (const QString &piece : secret.split(separator, Qt::SkipEmptyParts))
            add(piece, shortestPiece);
    }

    QStringList longestFirst() const
    {
        QStringList list(m_secrets.cbegin(), m_secrets.cend());
        std::sort(list.begin(), list.end(), [](const QString &a, const QString &b) {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        });
        return list;
    }

private:
    QSet<QString> m_secrets;
};

void addUrl(Collector &collector, const QString &text)
{
    const QUrl url(text);
    collector.add(url.password());
    collector.add(url.userInfo());
    collector.add(url.query(QUrl::FullyEncoded));
    collector.addPieces(url.path(QUrl::FullyEncoded), QStringLiteral("/"));
    collector.addPieces(url.query(QUrl::FullyEncoded), QStringLiteral("&="));
    collector.add(url.path(QUrl::FullyEncoded) + u'?' + url.query(QUrl::FullyEncoded));
}

// Anything after the scheme may be one: "discord://id/token".
void addAppriseUrl(Collector &collector, const QString &text)
{
    collector.add(text);
    const qsizetype end = text.indexOf(QLatin1String("://"));
    collector.addPieces(end < 0 ? text : text.mid(end + 3), QStringLiteral("/:@?&="));
}

QString maskedUrl(const QString &text, bool keepsPath)
{
    QUrl url(text);
    const bool hasMore
        = !url.userInfo().isEmpty() || url.hasQuery() || (!keepsPath && url.path().size() > 1);
    if (!hasMore)
        return text;
    url.setUserInfo(QString());
    url.setQuery(QString());
    if (!keepsPath)
        url.setPath(QString());
    const QString shown = url.toString(QUrl::FullyEncoded);
    return keepsPath ? shown + u'?' + mask : shown + u'/' + mask;
}

bool isMasked(const QVariant &value, const QVariant &shown)
{
    return !value.isValid() || value.isNull()
        || (shown.isValid() && value.toString() == shown.toString()
            && value.toString().contains(mask));
}

bool isAlwaysShown(const QString &key)
{
    return key == u"name" || key == u"type";
}

Error nothingBehind(const QString &key)
{
    return { ErrorCode::InvalidArgument,
        QStringLiteral("The field '%1' is masked, and there is nothing yet that it could keep; "
                       "write it out")
            .arg(key) };
}

} // namespace

Secrets Secrets::of(const NotifierConfig &config)
{
    Collector collector;
    const QVariantMap &options = config.options;
    collector.add(option(options, "token"));
    collector.add(option(options, "password"));
    collector.add(option(options, "username") + u':' + option(options, "password"));
    const QVariantMap headers = options.value(QStringLiteral("headers")).toMap();
    for (const QVariant &value : headers)
        collector.addPieces(value.toString(), QStringLiteral(" ;,="));
    if (config.type == QLatin1String("apprise"))
        addAppriseUrl(collector, option(options, "url"));
    else if (options.contains(QStringLiteral("url")))
        addUrl(collector, option(options, "url"));
    for (const QString &key : config.secret) {
        if (!isAlwaysShown(key) && options.value(key).typeId() == QMetaType::QString
            && key != u"url")
            collector.add(options.value(key).toString());
    }
    Secrets secrets;
    secrets.m_secrets = collector.longestFirst();
    return secrets;
}

QString Secrets::redacted(QString text) const
{
    for (const QString &secret : m_secrets)
        text.replace(secret, mask);
    return text;
}

QVariantMap masked(const NotifierConfig &config)
{
    QVariantMap options = config.options;
    for (const char *name : { "token", "password" }) {
        const QString key = QString::fromLatin1(name);
        if (options.contains(key))
            options[key] = mask;
    }
    const QString headersKey = QStringLiteral("headers");
    if (options.contains(headersKey)) {
        QVariantMap headers = options.value(headersKey).toMap();
        for (QVariant &value : headers)
            value = mask;
        options[headersKey] = headers;
    }
    const QString urlKey = QStringLiteral("url");
    if (options.contains(urlKey)) {
        const QString url = option(options, "url");
        if (config.type == QLatin1String("apprise"))
            options[urlKey]
                = QString(url.section(QLatin1String("://"), 0, 0) + QLatin1String("://") + mask);
        else
            options[urlKey] = maskedUrl(
                url, config.type == QLatin1String("ntfy") && !config.secret.contains(urlKey));
    }
    for (const QString &key : config.secret) {
        if (!isAlwaysShown(key) && key != urlKey && key != headersKey && options.contains(key))
            options[key] = mask;
    }
    return options;
}

Result<QVariantMap> unmasked(QVariantMap options, const std::optional<NotifierConfig> &known)
{
    const QVariantMap before = known ? known->options : QVariantMap();
    const QVariantMap shown = known ? masked(*known) : QVariantMap();
    QStringList keys { QStringLiteral("token"), QStringLiteral("password"), QStringLiteral("url") };
    for (const QString &key : known ? known->secret : QStringList()) {
        if (!isAlwaysShown(key) && key != u"headers" && !keys.contains(key))
            keys.append(key);
    }
    for (const QString &key : std::as_const(keys)) {
        if (!options.contains(key))
            continue;
        const QVariant value = options.value(key);
        if (isMasked(value, shown.value(key))) {
            if (before.contains(key))
                options[key] = before.value(key);
            else
                options.remove(key); // null: there was none, and there is none
        } else if (value.toString() == mask
            || (key == QLatin1String("url") && value.toString().contains(mask))) {
            return nothingBehind(key);
        }
    }
    const QString headersKey = QStringLiteral("headers");
    if (options.value(headersKey).typeId() == QMetaType::QVariantMap) {
        const QVariantMap old = before.value(headersKey).toMap();
        QVariantMap headers = options.value(headersKey).toMap();
        for (auto it = headers.begin(); it != headers.end(); ++it) {
            if (it->isValid() && !it->isNull() && it->toString() != mask)
                continue;
            if (!old.contains(it.key()))
                return nothingBehind(headersKey + u'.' + it.key());
            *it = old.value(it.key());
        }
        options[headersKey] = headers;
    } else if (options.contains(headersKey) && options.value(headersKey).isNull()) {
        if (before.contains(headersKey))
            options[headersKey] = before.value(headersKey);
        else
            options.remove(headersKey);
    }
    return options;
}

} // namespace hubkeep::notify
