#include "app/api/router.h"

#include "automation/core/nearest.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QStringDecoder>

namespace hubkeep::api {

namespace {

constexpr int DeepestJson = 64;

// Qt's parser goes to 1024 levels; nobody who calls us needs more than a handful, and every
// function that walks a document may recurse.
bool isDeeperThan(const QByteArray &json, int most)
{
    int depth = 0;
    bool inString = false;
    for (qsizetype i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            if (++depth > most)
                return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Nothing: a broken percent-encoding, or bytes that are no UTF-8.
std::optional<QString> decodePart(QByteArrayView part)
{
    QByteArray bytes;
    bytes.reserve(part.size());
    for (qsizetype i = 0; i < part.size(); ++i) {
        if (part[i] != '%') {
            bytes.append(part[i]);
            continue;
        }
        const int high = i + 2 < part.size() ? hexDigit(part[i + 1]) : -1;
        const int low = high < 0 ? -1 : hexDigit(part[i + 2]);
        if (low < 0)
            return std::nullopt;
        bytes.append(static_cast<char>(high * 16 + low));
        i += 2;
    }
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(bytes);
    if (decoder.hasError())
        return std::nullopt;
    return text;
}

bool isCapture(const QString &part)
{
    return part.startsWith(QLatin1Char('{')) && part.endsWith(QLatin1Char('}'));
}

bool mayBeCaptured(const QString &value)
{
    return !value.isEmpty() && value != QLatin1String(".") && value != QLatin1String("..")
        && !value.contains(QLatin1Char('/')) && !value.contains(QChar(u'\0'));
}

bool matches(const QList<QString> &pattern, const QList<QString> &path)
{
    if (pattern.size() != path.size())
        return false;
    for (qsizetype i = 0; i < path.size(); ++i) {
        if (isCapture(pattern[i]) ? !mayBeCaptured(path[i]) : pattern[i] != path[i])
            return false;
    }
    return true;
}

// A literal part wins over a captured one, the leftmost first.
bool isMoreLiteral(const QList<QString> &pattern, const QList<QString> &than)
{
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        if (isCapture(pattern[i]) != isCapture(than[i]))
            return !isCapture(pattern[i]);
    }
    return false;
}

} // namespace

QString toString(Method method)
{
    switch (method) {
    case Method::Get:
        return QStringLiteral("GET");
    case Method::Post:
        return QStringLiteral("POST");
    case Method::Put:
        return QStringLiteral("PUT");
    case Method::Delete:
        break;
    }
    return QStringLiteral("DELETE");
}

Result<qint64> Request::number(const char *name, qint64 fallback, qint64 least, qint64 most) const
{
    const QString key = QString::fromLatin1(name);
    if (!query.hasQueryItem(key))
        return fallback;
    bool isNumber = false;
    const qint64 value = parameter(name).toLongLong(&isNumber);
    if (!isNumber || value < least || value > most)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 has to be a whole number from %2 to %3")
                .arg(key, QString::number(least), QString::number(most)) };
    return value;
}

Result<QJsonObject> Request::anyJson() const
{
    if (body.trimmed().isEmpty())
        return QJsonObject();
    if (isDeeperThan(body, DeepestJson))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The body is nested deeper than %1 levels").arg(DeepestJson) };
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(body, &problem);
    if (problem.error != QJsonParseError::NoError)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The body is not JSON: %1 at byte %2")
                .arg(problem.errorString(), QString::number(problem.offset)) };
    if (!document.isObject())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The body has to be a JSON object") };
    return document.object();
}

Result<QJsonObject> Request::json(const QStringList &allowed) const
{
    Result<QJsonObject> object = anyJson();
    if (!object)
        return object;
    QStringList unknown;
    for (const QString &key : object->keys()) {
        if (!allowed.contains(key))
            unknown.append(key);
    }
    if (unknown.isEmpty())
        return object;
    const bool one = unknown.size() == 1;
    const QString names = unknown.mid(0, 20).join(QStringLiteral(", ")).left(500);
    return Error { ErrorCode::InvalidArgument,
        (one ? QStringLiteral("The field %1 is not known here")
             : QStringLiteral("The fields %1 are not known here"))
                .arg(names)
            + (allowed.isEmpty()
                    ? QString()
                    : QStringLiteral("; there is ") + allowed.join(QStringLiteral(", "))) };
}

void Router::add(Route route, Handler handler)
{
    const QList<QString> parts = route.pattern.split(QLatin1Char('/'));
    Q_ASSERT(std::none_of(m_entries.begin(), m_entries.end(), [&route](const auto &entry) {
        return entry->route.method == route.method && entry->route.pattern == route.pattern;
    }));
    m_entries.push_back(
        std::make_unique<Entry>(Entry { std::move(route), parts, std::move(handler) }));
}

Router::Match Router::match(std::optional<Method> method, const QByteArray &path) const
{
    QList<QString> parts;
    for (qsizetype begin = 0; begin <= path.size();) {
        const qsizetype slash = path.indexOf('/', begin);
        const qsizetype end = slash < 0 ? path.size() : slash;
        std::optional<QString> part = decodePart(QByteArrayView(path).sliced(begin, end - begin));
        if (!part)
            return {};
        parts.append(std::move(*part));
        begin = end + 1;
    }

    Match best;
    const Entry *found = nullptr;
    for (const auto &entry : m_entries) {
        if (!matches(entry->parts, parts))
            continue;
        if (!best.allowed.contains(entry->route.method))
            best.allowed.append(entry->route.method);
        if (entry->route.method == method && (!found || isMoreLiteral(entry->parts, found->parts)))
            found = entry.get();
    }
    if (!found)
        return best;
    best.route = &found->route;
    best.handler = &found->handler;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const QString &pattern = found->parts[i];
        if (isCapture(pattern))
            best.captures.insert(pattern.mid(1, pattern.size() - 2), parts[i]);
    }
    return best;
}

QList<Route> Router::routes() const
{
    QList<Route> routes;
    for (const auto &entry : m_entries)
        routes.append(entry->route);
    return routes;
}

} // namespace hubkeep::api
