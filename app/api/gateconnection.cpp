#include "app/api/gateconnection.h"

#include "app/api/requestsocket.h"

#include <QSslSocket>

#include <sys/socket.h>

namespace hubkeep::api {

namespace {

constexpr qint64 ReadPiece = 64 * 1024;
constexpr qint64 ReadAtOnce = 1024 * 1024; // of an upload, before others have their turn
constexpr qint64 MostUnread = 256 * 1024; // of answers, before the next request is read
constexpr qint64 SendPiece = 256 * 1024;
constexpr int MostBlankLines = 2; // before a request line: RFC 9112, 2.2

} // namespace

GateConnection::GateConnection(QTcpSocket *socket, const QHostAddress &peer, RequestGate &gate)
    : m_socket(socket)
    , m_peer(peer)
    , m_gate(gate)
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(ReadPiece);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(m_socket, &QTcpSocket::readyRead, this, &GateConnection::onReadyRead);
    connect(m_socket, &QTcpSocket::bytesWritten, this, &GateConnection::onBytesWritten);
    connect(m_socket, &QTcpSocket::disconnected, this, &GateConnection::gone);
}

GateConnection::~GateConnection()
{
    if (m_socket)
        m_socket->disconnect(this);
    gone();
}

void GateConnection::start(const std::optional<QSslConfiguration> &tls)
{
    setTime(m_gate.limits().headTime);
    if (!tls) {
        m_state = State::Head;
        return;
    }
    auto *socket = static_cast<QSslSocket *>(m_socket);
    connect(socket, &QSslSocket::encrypted, this, [this] {
        if (m_state == State::Handshake)
            m_state = State::Head;
    });
    socket->setSslConfiguration(*tls);
    socket->startServerEncryption();
}

Admission GateConnection::takeAdmission()
{
    m_admitted = false;
    return std::exchange(m_admission, {});
}

// ---- Reading
// -------------------------------------------------------------------------------------

void GateConnection::onReadyRead()
{
    if (m_reading)
        return;
    m_reading = true;
    while (advance()) { }
    m_reading = false;
}

// One step; false where there is nothing more to do for now.
bool GateConnection::advance()
{
    switch (m_state) {
    case State::Head:
        return readHead();
    case State::Body:
        return readBody();
    case State::Upload:
        return readUpload();
    case State::Draining:
    case State::Closing:
        drain();
        return false;
    case State::Handshake:
    case State::Serving:
    case State::Gone:
        break;
    }
    return false;
}

bool GateConnection::readHead()
{
    const GateLimits &limits = m_gate.limits();
    if (m_socket->bytesAvailable() == 0 || backlog() > MostUnread)
        return false;
    const QByteArray bytes = m_socket->peek(limits.head.size + 1);
    if (m_blankLines < MostBlankLines && bytes.startsWith("\r\n")) {
        m_socket->skip(2);
        m_scanner = {};
        ++m_blankLines;
        return true;
    }
    if (!std::exchange(m_headBegan, true))
        setTime(limits.headTime);
    const HeadScanner::Seen seen = m_scanner.scan(bytes, limits.head);
    if (seen.refusal)
        return refuse(*seen.refusal);
    if (seen.length == 0)
        return false;
    auto parsed = parseHead(QByteArrayView(bytes).first(seen.length), limits.head);
    if (const auto *refusal = std::get_if<HttpError>(&parsed))
        return refuse(*refusal);
    return begin(std::move(std::get<HttpHead>(parsed)), seen.length);
}

bool GateConnection::begin(HttpHead head, qsizetype length)
{
    const GateLimits &limits = m_gate.limits();
    m_scanner = {};
    m_headBegan = false;
    m_blankLines = 0;
    m_head = std::move(head);
    m_head.keepAlive = m_head.keepAlive && !m_gate.isRetiring();
    m_admission = m_gate.doorkeeper().admit(m_head, m_peer);
    m_admitted = true;
    if (m_admission.kind == Admission::Kind::WebSocket) {
        QTcpSocket *socket = std::exchange(m_socket, nullptr);
        socket->disconnect(this);
        socket->setParent(nullptr);
        socket->setReadBufferSize(0);
        m_gate.doorkeeper().takeWebSocket(socket);
        gone();
        return false;
    }
    m_socket->skip(length);
    if (m_admission.kind == Admission::Kind::Upload)
        return beginUpload();

    const bool refused = m_admission.kind == Admission::Kind::Refuse;
    if (refused)
        m_admission.bodyLimit = limits.strangersBody;
    const bool tooLarge = m_head.contentLength.value_or(0) > m_admission.bodyLimit;
    if (refused && (tooLarge || (m_head.expectsContinue && m_head.hasBody())))
        return refuse(m_admission.refusal);
    if (tooLarge)
        return refuse({ 413, "too_large",
            QStringLiteral("The body is larger than %1 bytes").arg(m_admission.bodyLimit) });
    m_body.clear();
    m_decoder = {};
    if (!m_head.hasBody()) {
        complete();
        return false;
    }
    if (m_head.expectsContinue)
        m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
    m_state = State::Body;
    setTime(limits.stallTime);
    m_bodyDeadline.setRemainingTime(limits.bodyTime);
    return true;
}

bool GateConnection::readBody()
{
    if (m_socket->bytesAvailable() == 0)
        return false;
    setTime(m_gate.limits().stallTime);
    if (m_head.chunked) {
        const QByteArray bytes = m_socket->peek(ReadPiece);
        QByteArrayView rest = bytes;
        if (!m_decoder.feed(rest, m_body))
            return refuse(
                { 400, "bad_request", QStringLiteral("The chunked coding of the body is broken") });
        m_socket->skip(bytes.size() - rest.size());
        if (m_body.size() > m_admission.bodyLimit)
            return refuse({ 413, "too_large",
                QStringLiteral("The body is larger than %1 bytes").arg(m_admission.bodyLimit) });
        if (!m_decoder.atEnd())
            return true;
    } else {
        m_body += m_socket->read(std::min(ReadPiece, *m_head.contentLength - m_body.size()));
        if (m_body.size() < *m_head.contentLength)
            return true;
    }
    complete();
    return false;
}

// The request is whole: serves it, or says why not.
void GateConnection::complete()
{
    if (m_admission.kind != Admission::Kind::Refuse)
        return deliver(m_body.size());
    m_admitted = false;
    writeRefusal(m_admission.refusal);
    if (!m_head.keepAlive)
        return closeGently();
    m_state = State::Serving;
    nextRequest();
}

void GateConnection::deliver(qsizetype length)
{
    m_state = State::Serving;
    m_deadline = QDeadlineTimer::Forever;
    ++m_serial;
    if (!m_requestSocket) {
        m_requestSocket = new RequestSocket(*this, m_peer, &m_gate);
        m_gate.present(m_requestSocket);
    }
    QByteArray request = m_head.method + " / HTTP/1.1\r\nHost: hubkeep\r\nContent-Length: "
        + QByteArray::number(length) + "\r\n\r\n" + m_body;
    m_body.clear();
    const QPointer<GateConnection> self(this);
    m_requestSocket->deliver(request);
    if (self && m_admitted && m_state == State::Serving) {
        m_admitted = false;
        refuse({ 500, "internal", QStringLiteral("The request was not understood") });
    }
}

// ---- Uploads
// -------------------------------------------------------------------------------------

bool GateConnection::beginUpload()
{
    if (!m_head.chunked && !m_head.contentLength)
        return refuse({ 411, "length_required",
            QStringLiteral("An upload needs Content-Length, or chunked coding") });
    auto opened = UploadStream::open(m_head);
    if (const auto *refusal = std::get_if<HttpError>(&opened))
        return refuse(*refusal);
    Result<std::unique_ptr<UploadTarget>> target
        = (*m_admission.opener)(m_admission.request, m_head.contentLength);
    if (!target)
        return refuse(httpError(target.error()));
    m_upload = std::move(std::get<std::unique_ptr<UploadStream>>(opened));
    m_upload->setTarget(std::move(*target));
    if (m_head.expectsContinue)
        m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
    m_state = State::Upload;
    setTime(m_gate.limits().stallTime);
    return true;
}

bool GateConnection::readUpload()
{
    for (qint64 read = 0; !m_upload->atEnd();) {
        const QByteArray bytes = m_socket->peek(ReadPiece);
        if (bytes.isEmpty())
            return false;
        setTime(m_gate.limits().stallTime);
        QByteArrayView rest = bytes;
        const std::optional<HttpError> refusal = m_upload->feed(rest);
        if (refusal)
            return refuse(*refusal);
        m_socket->skip(bytes.size() - rest.size());
        read += bytes.size();
        if (read >= ReadAtOnce && m_socket->bytesAvailable() > 0) {
            QMetaObject::invokeMethod(this, &GateConnection::onReadyRead, Qt::QueuedConnection);
            return false;
        }
    }
    auto finished = m_upload->finish();
    if (const auto *refusal = std::get_if<HttpError>(&finished))
        return refuse(*refusal);
    m_finishedUpload = std::move(std::get<std::unique_ptr<UploadTarget>>(finished));
    m_upload.reset();
    deliver(0);
    return false;
}

// ---- Answering
// -----------------------------------------------------------------------------------

void GateConnection::flush()
{
    if (m_out.isEmpty() || !m_socket)
        return;
    if (m_socket->bytesToWrite() == 0)
        setTime(m_gate.limits().stallTime);
    m_socket->write(m_out);
    m_out.resize(0);
}

qint64 GateConnection::backlog() const
{
    if (!m_socket)
        return 0;
    auto *tls = qobject_cast<QSslSocket *>(m_socket);
    return m_out.size() + m_socket->bytesToWrite() + (tls ? tls->encryptedBytesToWrite() : 0);
}

void GateConnection::finishAnswer()
{
    if (m_state != State::Serving)
        return;
    flush();
    if (m_out.capacity() > ReadPiece)
        m_out = QByteArray();
    m_device.reset();
    m_keep.reset();
    if (std::unique_ptr<UploadTarget> upload = std::move(m_finishedUpload))
        QMetaObject::invokeMethod( // it may be the one who answers
            this, [gone = std::shared_ptr(std::move(upload))] {}, Qt::QueuedConnection);
    if (!m_head.keepAlive || m_gate.isRetiring())
        return closeGently();
    nextRequest();
}

void GateConnection::nextRequest()
{
    m_state = State::Head;
    if (backlog() == 0)
        setTime(m_gate.limits().idleTime);
    if (m_socket->bytesAvailable() > 0)
        QMetaObject::invokeMethod(this, &GateConnection::onReadyRead, Qt::QueuedConnection);
}

void GateConnection::sendDevice(
    std::unique_ptr<QIODevice> device, qint64 size, std::shared_ptr<void> keep)
{
    flush();
    m_device = std::move(device);
    m_deviceLeft = size;
    m_keep = std::move(keep);
    setTime(m_gate.limits().stallTime);
    pump();
}

void GateConnection::pump()
{
    while (m_device && m_deviceLeft > 0 && backlog() < SendPiece) {
        const QByteArray piece = m_device->read(std::min(SendPiece, m_deviceLeft));
        if (piece.isEmpty())
            return hangUp(); // all that is left to say that the content is not whole
        m_deviceLeft -= piece.size();
        m_socket->write(piece);
    }
    if (m_device && m_deviceLeft == 0)
        finishAnswer();
}

void GateConnection::onBytesWritten()
{
    if (m_state == State::Gone)
        return;
    const bool empty = backlog() == 0;
    if (m_state == State::Serving)
        m_deadline = empty && !m_device ? QDeadlineTimer(QDeadlineTimer::Forever)
                                        : QDeadlineTimer(m_gate.limits().stallTime);
    else if (m_state == State::Closing && !empty)
        setTime(m_gate.limits().stallTime);
    else if (m_state == State::Head && !m_headBegan)
        setTime(empty ? m_gate.limits().idleTime : m_gate.limits().stallTime);

    if (m_state == State::Closing && empty)
        closeGently();
    else if (m_state == State::Serving)
        pump();
    else if (m_state == State::Head && m_socket->bytesAvailable() > 0)
        onReadyRead();
}

// ---- Refusing and closing
// ------------------------------------------------------------------------

void GateConnection::writeRefusal(const HttpError &refusal)
{
    const QByteArray body = errorBody(refusal.code, refusal.message);
    m_out += "HTTP/1.1 " + QByteArray::number(refusal.status) + ' ' + reasonPhrase(refusal.status)
        + "\r\nContent-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size())
        + "\r\n";
    for (const auto &[name, value] : refusal.headers)
        m_out += name + ": " + value + "\r\n";
    if (!m_head.keepAlive)
        m_out += "Connection: close\r\n";
    m_out += "\r\n";
    if (!isHead())
        m_out += body;
    flush();
}

bool GateConnection::refuse(const HttpError &refusal)
{
    if (!m_admitted || m_admission.kind != Admission::Kind::Refuse)
        m_gate.doorkeeper().refused(refusal, m_peer);
    if (!m_admitted)
        m_head = {}; // of an earlier request
    m_admitted = false;
    m_head.keepAlive = false;
    if (m_upload) {
        m_upload->drop(refusal.message);
        m_upload.reset();
    }
    writeRefusal(refusal);
    closeGently();
    return false;
}

// Lets the client read what it was told. Closing while it still sends would tear the answer
// away from it, so what it sends is read over for a while.
void GateConnection::closeGently()
{
    if (m_state == State::Gone)
        return;
    m_state = State::Closing;
    if (backlog() > 0) {
        setTime(m_gate.limits().stallTime);
        return;
    }
    m_state = State::Draining;
    setTime(m_gate.limits().lingerTime);
    if (qobject_cast<QSslSocket *>(m_socket)) {
        m_socket->disconnectFromHost();
        return;
    }
    ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
    drain();
}

void GateConnection::drain()
{
    while (m_socket && m_socket->skip(ReadPiece) > 0) { }
}

void GateConnection::hangUp()
{
    if (m_state != State::Gone && m_socket)
        m_socket->abort();
}

void GateConnection::retire()
{
    if (m_state == State::Head || m_state == State::Handshake)
        closeGently();
    else
        m_head.keepAlive = false;
}

void GateConnection::expire()
{
    const bool bodyTooLong = m_state == State::Body && m_bodyDeadline.hasExpired();
    if (!m_deadline.hasExpired() && !bodyTooLong)
        return;
    switch (m_state) {
    case State::Head:
        if (!m_headBegan) {
            closeGently();
            break;
        }
        refuse({ 408, "too_slow", QStringLiteral("The head of the request took too long") });
        break;
    case State::Body:
    case State::Upload:
        refuse({ 408, "too_slow", QStringLiteral("The body of the request took too long") });
        break;
    case State::Handshake:
    case State::Serving:
    case State::Closing:
    case State::Draining:
        hangUp();
        break;
    case State::Gone:
        break;
    }
}

void GateConnection::gone()
{
    if (std::exchange(m_state, State::Gone) == State::Gone)
        return;
    if (m_upload) {
        m_upload->drop(QStringLiteral("The client left before the upload was complete"));
        m_upload.reset();
    }
    m_finishedUpload.reset();
    m_device.reset();
    m_keep.reset();
    if (m_requestSocket)
        m_requestSocket->hangUp();
    m_gate.forget(this);
    deleteLater();
}

} // namespace hubkeep::api

#include "moc_gateconnection.cpp"
