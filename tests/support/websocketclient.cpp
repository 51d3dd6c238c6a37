#include "tests/support/websocketclient.h"

#include <QJsonDocument>
#include <QTest>

namespace hubkeep::test {

WebSocketClient::WebSocketClient(const QUrl &url, const QString &token)
{
    QObject::connect(
        &m_socket, &QWebSocket::textMessageReceived, &m_socket, [this](const QString &text) {
            ++frames;
            const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
            if (!document.isArray())
                return messages.append(document.object());
            ++lists;
            for (const QJsonValue element : document.array())
                messages.append(element.toObject());
        });
    m_socket.open(url);
    if (token.isEmpty())
        return;
    waitForType("auth_required");
    send("{\"type\":\"auth\",\"access_token\":\"" + token.toUtf8() + "\"}");
    waitForType("auth_ok");
}

QJsonObject WebSocketClient::ask(const QString &type, QJsonObject fields)
{
    const int id = nextId();
    fields.insert(QStringLiteral("id"), id);
    fields.insert(QStringLiteral("type"), type);
    send(QJsonDocument(fields).toJson(QJsonDocument::Compact));
    return wait([id](const QJsonObject &message) {
        const QString kind = message.value(QStringLiteral("type")).toString();
        return message.value(QStringLiteral("id")).toInt() == id
            && (kind == QLatin1String("result") || kind == QLatin1String("pong"));
    });
}

QJsonObject WebSocketClient::wait(const std::function<bool(const QJsonObject &)> &wanted, int ms)
{
    const auto find = [&] { return std::find_if(messages.begin(), messages.end(), wanted); };
    if (!QTest::qWaitFor([&] { return find() != messages.end(); }, ms))
        return {};
    const auto found = find();
    const QJsonObject message = *found;
    messages.erase(found);
    return message;
}

QJsonObject WebSocketClient::waitForType(const char *type, int ms)
{
    return wait(
        [type](const QJsonObject &message) {
            return message.value(QStringLiteral("type")).toString() == QLatin1String(type);
        },
        ms);
}

QJsonObject WebSocketClient::waitForEvent(int id, int ms)
{
    return wait(
        [id](const QJsonObject &message) {
            return message.value(QStringLiteral("id")).toInt() == id
                && message.value(QStringLiteral("type")).toString() == QLatin1String("event");
        },
        ms)
        .value(QStringLiteral("event"))
        .toObject();
}

bool WebSocketClient::waitForClose(int ms)
{
    return QTest::qWaitFor(
        [this] { return m_socket.state() == QAbstractSocket::UnconnectedState; }, ms);
}

QJsonObject json(const char *document)
{
    QJsonParseError error;
    const QJsonObject object = QJsonDocument::fromJson(document, &error).object();
    if (error.error != QJsonParseError::NoError)
        qFatal("This is not JSON: %s", document);
    return object;
}

QString text(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString();
}

QJsonObject resultOf(const QJsonObject &answer)
{
    return answer.value(QStringLiteral("result")).toObject();
}

QString errorCode(const QJsonObject &answer)
{
    return answer.value(QStringLiteral("error"))
        .toObject()
        .value(QStringLiteral("code"))
        .toString();
}

QString errorMessage(const QJsonObject &answer)
{
    return answer.value(QStringLiteral("error"))
        .toObject()
        .value(QStringLiteral("message"))
        .toString();
}

} // namespace hubkeep::test
