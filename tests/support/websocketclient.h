// A WebSocket client for tests: a real one, in the test's own thread, that waits for answers.

#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QWebSocket>

#include <functional>

namespace hubkeep::test {

class WebSocketClient
{
public:
    // Connects; with a token it waits for auth_ok.
    explicit WebSocketClient(const QUrl &url, const QString &token = {});

    // Sends fields as the next message and waits for what answers it: a result or a pong. Empty:
    // none came.
    QJsonObject ask(const QString &type, QJsonObject fields = {});
    int lastId() const { return m_id; }
    int nextId() { return ++m_id; }

    void send(const QByteArray &text) { m_socket.sendTextMessage(QString::fromUtf8(text)); }
    void sendBinary(const QByteArray &bytes) { m_socket.sendBinaryMessage(bytes); }

    // Waits for the first message for which this is true and takes it (and not those before).
    // Empty: none came.
    QJsonObject wait(const std::function<bool(const QJsonObject &)> &wanted, int ms = 5000);
    QJsonObject waitForType(const char *type, int ms = 5000);
    QJsonObject waitForEvent(int id, int ms = 5000); // its "event"
    bool waitForClose(int ms = 5000);

    bool isOpen() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    QWebSocket &socket() { return m_socket; }

    QList<QJsonObject> messages; // that nobody took, oldest first
    int frames = 0; // messages as they came over the wire
    int lists = 0; // of them, those with several in one

private:
    QWebSocket m_socket;
    int m_id = 0;
};

QJsonObject json(const char *document); // an object; requires JSON
QString text(const QJsonObject &object, const char *name);
QJsonObject resultOf(const QJsonObject &answer);

// The error of an answer, "" for none.
QString errorCode(const QJsonObject &answer);
QString errorMessage(const QJsonObject &answer);

} // namespace hubkeep::test
