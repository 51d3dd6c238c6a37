#include "tests/support/gatearena.h"

#include "app/api/requestsocket.h"

#include <QFile>

namespace hubkeep::test {

using namespace hubkeep::api;

namespace {

class Recorder final : public UploadTarget
{
public:
    Recorder(std::shared_ptr<UploadRecord> record, GateArena &arena)
        : m_record(std::move(record))
        , m_arena(arena)
    {
    }

    Result<void> write(const QByteArray &bytes) override
    {
        m_record->size += bytes.size();
        m_record->largestPiece = std::max(m_record->largestPiece, bytes.size());
        if (m_arena.refuseAfter >= 0 && m_record->size > m_arena.refuseAfter)
            return Error { ErrorCode::NoSpace, QStringLiteral("The disk is full") };
        if (m_arena.keepContent)
            m_record->content += bytes;
        return {};
    }

    void finish(Responder responder) override
    {
        m_record->finished = true;
        if (m_arena.answerUploads)
            responder.json(201, QJsonObject { { QStringLiteral("size"), m_record->size } });
        else
            m_record->responder.push_back(std::move(responder));
    }

    void drop(const QString &reason) override { m_record->dropped = reason; }

private:
    const std::shared_ptr<UploadRecord> m_record;
    GateArena &m_arena;
};

} // namespace

qint64 residentMemory()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return 0;
}

GateLimits GateArena::shortLimits()
{
    GateLimits limits;
    limits.headTime = std::chrono::milliseconds(200);
    limits.stallTime = std::chrono::milliseconds(300);
    limits.idleTime = std::chrono::milliseconds(400);
    limits.lingerTime = std::chrono::milliseconds(200);
    return limits;
}

GateArena::GateArena(const GateLimits &limits)
    : m_limits(limits)
    , m_handler([this](const Request &request, Responder responder) {
        handle(request, std::move(responder));
    })
    , m_opener([this](const Request &,
                   std::optional<qint64> size) -> Result<std::unique_ptr<UploadTarget>> {
        if (refuseUploads)
            return *refuseUploads;
        uploads.append(std::make_shared<UploadRecord>());
        uploads.last()->announced = size;
        return std::unique_ptr<UploadTarget>(std::make_unique<Recorder>(uploads.last(), *this));
    })
{
    Doorkeeper &doorkeeper = *this;
    m_gate = new RequestGate(doorkeeper, limits);
    m_gate->listen(QHostAddress(QHostAddress::LocalHost), 0);
    m_http.setMissingHandler(
        [](const QHttpServerRequest &request, QHttpServerResponder &&responder) {
            GateConnection *connection
                = qobject_cast<RequestSocket *>(responder.socket())->connection();
            Admission admission = connection->takeAdmission();
            admission.request.body = request.body();
            Responder answer(std::unique_ptr<Responder::Channel>(
                new Responder::Channel { connection, connection->serial(), std::move(responder) }));
            if (UploadTarget *upload = connection->upload())
                upload->finish(std::move(answer));
            else
                (*admission.handler)(admission.request, std::move(answer));
        });
    m_http.bind(m_gate);
}

GateArena::~GateArena()
{
    delete m_gate;
    qDeleteAll(webSockets);
}

void GateArena::refused(const HttpError &refusal, const QHostAddress &)
{
    refusals.append(refusal.status);
}

Admission GateArena::admit(const HttpHead &head, const QHostAddress &)
{
    Admission admission { .kind = Admission::Kind::Serve,
        .bodyLimit = m_limits.body,
        .handler = &m_handler,
        .opener = &m_opener };
    admission.request.path = QString::fromLatin1(head.path);
    admission.request.headers = head.headers;
    if (head.path == "/upload")
        admission.kind = Admission::Kind::Upload;
    else if (head.path == "/ws" && head.webSocket)
        admission.kind = Admission::Kind::WebSocket;
    else if (head.path == "/none")
        return { .refusal = { 404, "not_found", QStringLiteral("There is nothing") } };
    return admission;
}

void GateArena::handle(const Request &request, Responder responder)
{
    ++count;
    if (request.path == QLatin1String("/later"))
        later.push_back(std::move(responder));
    else if (request.path == QLatin1String("/file"))
        responder.file(request, file);
    else if (request.path == QLatin1String("/stream"))
        sink = responder.stream("text/event-stream");
    else if (request.path == QLatin1String("/forget"))
        return;
    else if (request.path == QLatin1String("/echo"))
        responder.text(200, request.body);
    else
        responder.text(200, QByteArray::number(count));
}

} // namespace hubkeep::test
