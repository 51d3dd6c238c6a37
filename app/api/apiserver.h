// The hub's HTTP server: the gate in front, QHttpServer behind it, and the router's table in
// between. Checks who calls before anything else happens, and writes refusals down.
//
//     Router router;                     // controllers add their routes
//     ApiServer server(router, accounts, audit, clock);
//     server.addUploadRoute({ Method::Post, "/api/v1/backup/upload" }, opener);
//     Result<quint16> port = server.listen("127.0.0.1", 8420);
//     connect(&server, &ApiServer::webSocketConnected, …);
//
// Main thread. Destroy it before what the handlers use; Responders may live on, and answer
// nobody then.

#pragma once

#include "app/api/requestgate.h"
#include "app/auditlog.h"

#include <QHttpServer>
#include <QObject>
#include <QWebSocketServer>

#include <map>

class QWebSocket;

namespace hubkeep::api {

struct TlsFiles
{
    QString certificate; // PEM, the chain after it; empty: no TLS
    QString key; // PEM
};

struct ApiServerOptions
{
    GateLimits limits {};
    int webSockets = 4096; // open at once
    int auditedRefusals = 60; // a minute; beyond them only their number is written down
};

class ApiServer final : public QObject, private Doorkeeper
{
    Q_OBJECT

public:
    // All must outlive it. Routes are added to router before listen().
    ApiServer(Router &router, Accounts &accounts, AuditLog &audit, const Clock &clock,
        const ApiServerOptions &options = {}, QObject *parent = nullptr);
    ~ApiServer() override;

    // Adds the route to the router, and where its bodies go.
    void addUploadRoute(const Route &route, UploadOpener opener);

    // The port, where 0 was asked for. The error says what to change: the address is taken or
    // not ours, the certificate or its key cannot be used.
    Result<quint16> listen(const QString &host, quint16 port, const TlsFiles &tls = {});

    // Refuses new connections and lets the answers under way finish; drained() follows.
    // What is still open when this object goes is cut off.
    void stop();

    // For others that refuse: written down unless there were too many in this minute.
    void recordRefusal(const AuditEntry &entry);

signals:
    // /api/websocket, not authenticated yet. The receiver takes the socket over, or deletes it.
    void webSocketConnected(QWebSocket *socket, const QHostAddress &peer);
    void drained();

private:
    Admission admit(const HttpHead &head, const QHostAddress &peer) override;
    Admission admitWebSocket(const HttpHead &head, const QHostAddress &peer);
    Admission refusal(const HttpError &error, const Request &request);
    void takeWebSocket(QTcpSocket *socket) override;
    void refused(const HttpError &refusal, const QHostAddress &peer) override;
    void serve(const QHttpServerRequest &request, QHttpServerResponder &&responder);
    void acceptWebSocket();

    Router &m_router;
    Accounts &m_accounts;
    AuditLog &m_audit;
    const Clock &m_clock;
    const ApiServerOptions m_options;
    std::map<const Route *, UploadOpener> m_openers; // by the router's route
    std::vector<std::pair<Route, UploadOpener>> m_uploads;
    QHttpServer m_http;
    QWebSocketServer m_webSockets;
    int m_webSocketCount = 0;
    RequestGate *m_gate = nullptr; // m_http's

    QDateTime m_minute; // when counting refusals began
    int m_refusals = 0;
};

} // namespace hubkeep::api
