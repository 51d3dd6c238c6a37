#include "app/api/apiserver.h"

#include "app/api/channel.h"
#include "app/api/requestaudit.h"
#include "app/api/requestsocket.h"
#include "app/api/tls.h"

#include <QMetaMethod>
#include <QWebSocket>

namespace hubkeep::api {

namespace {

const QByteArray WebSocketPath = QByteArrayLiteral("/api/websocket");
constexpr auto Minute = std::chrono::minutes(1);

std::optional<Method> methodOf(const QByteArray &name)
{
    if (name == "GET" || name == "HEAD")
        return Method::Get;
    if (name == "POST")
        return Method::Post;
    if (name == "PUT")
        return Method::Put;
    if (name == "DELETE")
        return Method::Delete;
    return std::nullopt;
}

QByteArray allowHeader(const QList<Method> &methods)
{
    QStringList names;
    for (const Method method : methods) {
        names.append(toString(method));
        if (method == Method::Get)
            names.append(QStringLiteral("HEAD"));
    }
    return names.join(QStringLiteral(", ")).toLatin1();
}

QString bearerToken(const HttpHead &head)
{
    const QByteArray header = head.headers.value("authorization");
    return header.size() > 7 && qstrnicmp(header.constData(), "bearer ", 7) == 0
        ? QString::fromLatin1(header.mid(7).trimmed())
        : QString();
}

Result<QHostAddress> resolve(const QString &host)
{
    if (host == QLatin1String("localhost"))
        return QHostAddress(QHostAddress::LocalHost);
    const QHostAddress address(host);
    if (address.isNull())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Listening on %1: this is not an address; write 127.0.0.1, 0.0.0.0 or "
                           "one of this machine's own")
                .arg(host) };
    return address;
}

// What cannot be JSON. Clients that do not say what they send are taken at their body.
bool isReadableBody(const Request &request)
{
    if (request.body.isEmpty() || !request.path.startsWith(QLatin1String("/api/v1/")))
        return true;
    const QByteArray coding = request.header("content-encoding").trimmed().toLower();
    const QByteArray type = request.header("content-type").toLower().split(';').first().trimmed();
    static const QList<QByteArray> taken { {}, "application/json",
        "application/x-www-form-urlencoded", "text/plain", "application/octet-stream" };
    return (coding.isEmpty() || coding == "identity")
        && (taken.contains(type) || type.endsWith("+json"));
}

} // namespace

ApiServer::ApiServer(Router &router, Accounts &accounts, AuditLog &audit, const Clock &clock,
    const ApiServerOptions &options, QObject *parent)
    : QObject(parent)
    , m_router(router)
    , m_accounts(accounts)
    , m_audit(audit)
    , m_clock(clock)
    , m_options(options)
    , m_webSockets(QStringLiteral("HubKeep"), QWebSocketServer::NonSecureMode)
{
    m_http.setMissingHandler(
        [this](const QHttpServerRequest &request, QHttpServerResponder &&responder) {
            serve(request, std::move(responder));
        });
    m_webSockets.setMaxPendingConnections(m_options.webSockets);
    connect(&m_webSockets, &QWebSocketServer::newConnection, this, &ApiServer::acceptWebSocket);
}

ApiServer::~ApiServer()
{
    delete m_gate;
}

void ApiServer::addUploadRoute(const Route &route, UploadOpener opener)
{
    m_router.add(route, [](const Request &, Responder responder) {
        responder.fail(500, "internal", QStringLiteral("An upload went astray"));
    });
    m_uploads.emplace_back(route, std::move(opener));
}

Result<quint16> ApiServer::listen(const QString &host, quint16 port, const TlsFiles &tls)
{
    const Result<QHostAddress> address = resolve(host);
    if (!address)
        return address.error();
    Doorkeeper &doorkeeper = *this;
    auto gate = std::make_unique<RequestGate>(doorkeeper, m_options.limits);
    if (!tls.certificate.isEmpty()) {
        const Result<QSslConfiguration> configuration = loadTls(tls.certificate, tls.key);
        if (!configuration)
            return configuration.error();
        gate->setTls(*configuration);
    }
    if (!gate->listen(*address, port)) {
        const bool taken = gate->serverError() == QAbstractSocket::AddressInUseError;
        return Error { taken ? ErrorCode::Busy : ErrorCode::Unavailable,
            QStringLiteral("Listening on %1 port %2: %3%4")
                .arg(host, QString::number(port), gate->errorString(),
                    taken ? QStringLiteral("; is another hub running there?") : QString()) };
    }
    for (const auto &[route, opener] : m_uploads) {
        const Router::Match match = m_router.match(route.method, route.pattern.toLatin1());
        m_openers[match.route] = opener;
    }
    m_gate = gate.release();
    connect(m_gate, &RequestGate::drained, this, &ApiServer::drained);
    m_http.bind(m_gate);
    return m_gate->serverPort();
}

void ApiServer::stop()
{
    if (m_gate)
        m_gate->retire();
    else
        QMetaObject::invokeMethod(this, &ApiServer::drained, Qt::QueuedConnection);
}

// ---- Admitting
// -----------------------------------------------------------------------------------

Admission ApiServer::admit(const HttpHead &head, const QHostAddress &peer)
{
    if (head.path == WebSocketPath)
        return admitWebSocket(head, peer);
    const std::optional<Method> method = methodOf(head.method);
    Router::Match match = m_router.match(method, head.path);

    Request request;
    request.method = method.value_or(Method::Get);
    request.isHead = head.method == "HEAD";
    request.path = QString::fromUtf8(QByteArray::fromPercentEncoding(head.path));
    request.caller.address = peer;
    if (!match.route && match.allowed.isEmpty())
        return { .kind = Admission::Kind::Refuse,
            .refusal = { 404, "not_found", QStringLiteral("There is nothing at this path") } };
    if (!match.route)
        return { .kind = Admission::Kind::Refuse,
            .refusal = { 405, "method_not_allowed",
                QStringLiteral("This path does not take %1").arg(QString::fromLatin1(head.method)),
                { { "Allow", allowHeader(match.allowed) } } } };

    if (const QString token = bearerToken(head); !token.isEmpty())
        request.caller.identity = m_accounts.identify(token);
    const bool known = request.caller.identity.has_value();
    if (match.route->access != Access::Open && !known)
        return refusal(
            httpError({ ErrorCode::Unauthorized,
                QStringLiteral("This needs a valid token; log in, or make one with `hubkeep "
                               "token create`") }),
            request);
    if (match.route->access == Access::Admin && !request.caller.isAdmin())
        return refusal(httpError({ ErrorCode::Forbidden,
                           QStringLiteral("This needs the role of an administrator") }),
            request);

    // As forms send it, so "+" is a space: curl --data-urlencode, URLSearchParams, urlencode().
    if (!head.query.isEmpty())
        request.query = QUrlQuery(QString::fromUtf8(QByteArray(head.query).replace('+', "%20")));
    request.headers = head.headers;
    request.captures = std::move(match.captures);
    const bool anyBody = match.route->body == Route::Body::Any;
    Admission admission { .kind = Admission::Kind::Serve,
        .bodyLimit = known || anyBody ? m_options.limits.body : m_options.limits.strangersBody,
        .anyBody = anyBody,
        .request = std::move(request),
        .handler = match.handler };
    if (const auto opener = m_openers.find(match.route); opener != m_openers.end()) {
        admission.kind = Admission::Kind::Upload;
        admission.opener = &opener->second;
    }
    return admission;
}

Admission ApiServer::admitWebSocket(const HttpHead &head, const QHostAddress &peer)
{
    Request request;
    request.path = QString::fromLatin1(WebSocketPath);
    request.caller.address = peer;
    if (head.method != "GET")
        return { .kind = Admission::Kind::Refuse,
            .refusal = { 405, "method_not_allowed",
                QStringLiteral("This path takes WebSockets only"), { { "Allow", "GET" } } } };
    if (!head.webSocket || head.hasBody() || !head.headers.contains("sec-websocket-key"))
        return { .kind = Admission::Kind::Refuse,
            .refusal = { 426, "upgrade_required", QStringLiteral("This path takes WebSockets only"),
                { { "Upgrade", "websocket" }, { "Connection", "Upgrade" } } } };
    if (m_webSocketCount >= m_options.webSockets)
        return { .kind = Admission::Kind::Refuse,
            .refusal = { 503, "unavailable", QStringLiteral("There are too many WebSockets"),
                { { "Retry-After", "5" } } } };
    return { .kind = Admission::Kind::WebSocket, .request = std::move(request) };
}

Admission ApiServer::refusal(const HttpError &error, const Request &request)
{
    AuditEntry entry = auditEntry(request, QStringLiteral("request"),
        toString(request.method) + QLatin1Char(' ') + request.path.left(200));
    entry.result = QStringLiteral("refused");
    entry.detail = error.message;
    recordRefusal(entry);
    return { .kind = Admission::Kind::Refuse, .refusal = error };
}

void ApiServer::refused(const HttpError &refusal, const QHostAddress &peer)
{
    recordRefusal({ .address = peer.toString(),
        .action = QStringLiteral("request"),
        .result = QStringLiteral("refused"),
        .detail = refusal.message });
}

// A flood of refusals must not wash the log's older entries away, nor fill the disk.
void ApiServer::recordRefusal(const AuditEntry &entry)
{
    const QDateTime now = m_clock.now();
    if (!m_minute.isValid() || now < m_minute
        || m_minute.addMSecs(std::chrono::milliseconds(Minute).count()) <= now) {
        if (m_refusals > m_options.auditedRefusals)
            m_audit.record({ .action = QStringLiteral("request"),
                .result = QStringLiteral("refused"),
                .detail = QStringLiteral("%1 more calls were refused within a minute")
                              .arg(m_refusals - m_options.auditedRefusals) });
        m_minute = now;
        m_refusals = 0;
    }
    if (++m_refusals <= m_options.auditedRefusals)
        m_audit.record(entry);
}

// ---- Serving
// -------------------------------------------------------------------------------------

void ApiServer::serve(const QHttpServerRequest &request, QHttpServerResponder &&responder)
{
    auto *socket = qobject_cast<RequestSocket *>(responder.socket());
    GateConnection *connection = socket ? socket->connection() : nullptr;
    if (!connection)
        return;
    Admission admission = connection->takeAdmission();
    Responder answer(std::unique_ptr<Responder::Channel>(
        new Responder::Channel { connection, connection->serial(), std::move(responder) }));
    if (UploadTarget *upload = connection->upload())
        return upload->finish(std::move(answer));
    admission.request.body = request.body();
    if (!admission.anyBody && !isReadableBody(admission.request))
        return answer.fail(415, "unsupported_media_type",
            QStringLiteral("The body has to be JSON, as it is: send it with the Content-Type "
                           "application/json and without a Content-Encoding"));
    (*admission.handler)(admission.request, std::move(answer));
}

void ApiServer::takeWebSocket(QTcpSocket *socket)
{
    ++m_webSocketCount;
    connect(socket, &QObject::destroyed, this, [this] { --m_webSocketCount; });
    m_webSockets.handleConnection(socket);
    emit socket->readyRead();
}

void ApiServer::acceptWebSocket()
{
    while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
        static const QMetaMethod signal = QMetaMethod::fromSignal(&ApiServer::webSocketConnected);
        if (isSignalConnected(signal))
            emit webSocketConnected(socket, socket->peerAddress());
        else
            delete socket;
    }
}

} // namespace hubkeep::api

#include "moc_apiserver.cpp"
