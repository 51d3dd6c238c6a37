// The door of the server. It reads every request before QHttpServer does, and lets in only
// what is well-formed, small enough, in time and admitted.
//
//     RequestGate gate(doorkeeper, limits);
//     server.bind(&gate);
//     gate.listen(address, port);
//
// What is refused: heads that two programs could read in two ways (request smuggling), heads
// and bodies over the limits, bodies that stop coming, clients that do not read their answers,
// connections beyond a number (503 with Retry-After, and no descriptor is kept for them).
// Bodies of uploads are streamed to their target and never seen by QHttpServer. Requests of
// one connection are answered in order, one at a time: the next is not read before the last
// one's answer went out.
//
// Main thread.

#pragma once

#include "app/api/httphead.h"
#include "app/api/uploads.h"

#include <QDeadlineTimer>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QTimer>

#include <chrono>
#include <deque>
#include <unordered_set>

class QTcpSocket;

namespace hubkeep::api {

class GateConnection;
class RequestSocket;

struct GateLimits
{
    HeadLimits head {};
    qsizetype body = 1024 * 1024;
    qsizetype strangersBody = 64 * 1024; // without a token, and of refused requests
    int connections = 1024; // fewer where the process may not open as many files
    int connectionsOfOneAddress = 1024; // halved for addresses other than loopback ones
    std::chrono::milliseconds headTime = std::chrono::seconds(10);
    std::chrono::milliseconds stallTime = std::chrono::seconds(30);
    std::chrono::milliseconds bodyTime = std::chrono::minutes(2); // the whole of an ordinary one
    std::chrono::milliseconds idleTime = std::chrono::seconds(75);
    std::chrono::milliseconds lingerTime = std::chrono::seconds(2);
};

// What is done with a request whose head came.
struct Admission
{
    enum class Kind { Serve, Upload, WebSocket, Refuse };
    Kind kind = Kind::Refuse;
    qsizetype bodyLimit = 0;
    bool anyBody = false; // JSON or not
    Request request {}; // but for its body
    const Handler *handler = nullptr;
    const UploadOpener *opener = nullptr;
    HttpError refusal {};
};

// Decides who gets in.
class Doorkeeper
{
public:
    virtual Admission admit(const HttpHead &head, const QHostAddress &peer) = 0;
    // The socket's request is still unread; takes it.
    virtual void takeWebSocket(QTcpSocket *socket) = 0;
    // The gate refused something by itself.
    virtual void refused(const HttpError &refusal, const QHostAddress &peer) = 0;

protected:
    ~Doorkeeper() = default;
};

class RequestGate final : public QTcpServer
{
    Q_OBJECT

public:
    // doorkeeper must outlive it.
    RequestGate(Doorkeeper &doorkeeper, const GateLimits &limits, QObject *parent = nullptr);
    ~RequestGate() override;

    void setTls(const QSslConfiguration &configuration) { m_tls = configuration; }

    // Takes no new connections, closes the idle ones, and the others after their answer.
    // drained() follows, at once where there are none.
    void retire();
    bool isRetiring() const { return m_retiring; }
    size_t connectionCount() const { return m_connections.size(); }

    // For connections.
    Doorkeeper &doorkeeper() const { return m_doorkeeper; }
    const GateLimits &limits() const { return m_limits; }
    void present(RequestSocket *socket); // to QHttpServer
    void forget(GateConnection *connection);

signals:
    void drained();

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    bool isFull(const QHostAddress &peer) const;
    void turnAway(int descriptor);
    void tick();

    Doorkeeper &m_doorkeeper;
    const GateLimits m_limits;
    std::optional<QSslConfiguration> m_tls;
    std::unordered_set<GateConnection *> m_connections;
    QHash<QHostAddress, int> m_ofAddress;
    // Clients that were turned away and still have to read why.
    struct TurnedAway
    {
        int descriptor;
        QDeadlineTimer until;
    };
    std::deque<TurnedAway> m_turnedAway;
    QTimer m_timer;
    bool m_retiring = false;
};

} // namespace hubkeep::api
