#include "app/api/channel.h"
#include "app/api/fileanswer.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

namespace hubkeep::api {

namespace {

constexpr qint64 LargestBacklog = 8 * 1024 * 1024; // of a stream

// Status line and headers; length is nothing where the connection's end ends the content.
void writeHead(Responder::Channel &channel, int status, const HttpHeaders &headers,
    std::optional<qint64> length)
{
    GateConnection &connection = *channel.connection;
    channel.http.writeStatusLine(static_cast<QHttpServerResponder::StatusCode>(status));
    for (const auto &[name, value] : headers)
        channel.http.writeHeader(name, value);
    if (length && status != 204 && status != 304)
        channel.http.writeHeader("Content-Length", QByteArray::number(*length));
    if (!length)
        connection.closeAfterAnswer();
    if (!connection.keepsAlive())
        channel.http.writeHeader("Connection", "close");
    connection.write("\r\n");
}

void answer(std::unique_ptr<Responder::Channel> channel, int status, HttpHeaders headers,
    const QByteArray &type, const QByteArray &body)
{
    if (!channel || !channel->isOpen())
        return;
    if (!type.isEmpty())
        headers.prepend({ "Content-Type", type });
    writeHead(*channel, status, headers, body.size());
    if (!channel->connection->isHead())
        channel->connection->write(body);
    channel->connection->finishAnswer();
}

} // namespace

Responder::Responder(std::unique_ptr<Channel> channel)
    : m_channel(std::move(channel))
{
}

Responder::Responder(Responder &&) noexcept = default;

Responder &Responder::operator=(Responder &&other) noexcept
{
    std::swap(m_channel, other.m_channel);
    return *this;
}

Responder::~Responder()
{
    if (m_channel)
        fail(500, "internal", QStringLiteral("The request was left without an answer"));
}

void Responder::json(int status, const QJsonObject &object, const Headers &headers)
{
    answer(std::move(m_channel), status, headers, "application/json",
        QJsonDocument(object).toJson(QJsonDocument::Compact));
}

void Responder::json(int status, const QJsonArray &array)
{
    answer(std::move(m_channel), status, {}, "application/json",
        QJsonDocument(array).toJson(QJsonDocument::Compact));
}

void Responder::text(
    int status, const QByteArray &text, const QByteArray &contentType, const Headers &headers)
{
    answer(std::move(m_channel), status, headers, contentType, text);
}

void Responder::empty(int status, const Headers &headers)
{
    answer(std::move(m_channel), status, headers, {}, {});
}

void Responder::fail(const Error &error)
{
    const HttpError http = httpError(error);
    answer(std::move(m_channel), http.status, http.headers, "application/json",
        errorBody(http.code, http.message));
}

void Responder::fail(int status, const char *code, const QString &message)
{
    fail(status, code, message, {});
}

void Responder::fail(int status, const char *code, const QString &message, const Headers &headers)
{
    answer(std::move(m_channel), status, headers, "application/json", errorBody(code, message));
}

void Responder::file(const Request &request, const File &file)
{
    auto device = std::make_unique<QFile>(file.path);
    if (!device->open(QIODevice::ReadOnly))
        return fail({ device->error() == QFile::OpenError && !device->exists() ? ErrorCode::NotFound
                                                                               : ErrorCode::Io,
            QStringLiteral("Reading %1: %2").arg(file.filename, device->errorString()) });
    const FileAnswer answered = answerForFile(request, file, device->size());
    std::unique_ptr<Channel> channel = std::move(m_channel);
    if (!channel || !channel->isOpen())
        return;
    if (answered.status == 416) {
        m_channel = std::move(channel);
        return fail(416, "range_not_satisfiable",
            QStringLiteral("The file has %1 bytes").arg(device->size()), answered.headers);
    }
    const bool hasBody = answered.length > 0 && !channel->connection->isHead();
    if (hasBody && !device->seek(answered.offset)) {
        m_channel = std::move(channel);
        return fail({ ErrorCode::Io,
            QStringLiteral("Reading %1: %2").arg(file.filename, device->errorString()) });
    }
    writeHead(*channel, answered.status, answered.headers, answered.length);
    if (hasBody)
        channel->connection->sendDevice(std::move(device), answered.length, file.keep);
    else
        channel->connection->finishAnswer();
}

void Responder::device(
    int status, const QByteArray &contentType, std::unique_ptr<QIODevice> device, qint64 size)
{
    const std::unique_ptr<Channel> channel = std::move(m_channel);
    if (!channel || !channel->isOpen())
        return;
    writeHead(*channel, status, { { "Content-Type", contentType } }, size);
    if (size > 0 && !channel->connection->isHead())
        channel->connection->sendDevice(std::move(device), size, {});
    else
        channel->connection->finishAnswer();
}

Responder::Sink Responder::stream(const QByteArray &contentType)
{
    const std::shared_ptr<Channel> channel = std::move(m_channel);
    if (!channel || !channel->isOpen())
        return [](const QByteArray &) { return false; };
    writeHead(*channel, 200, { { "Content-Type", contentType }, { "Cache-Control", "no-store" } },
        std::nullopt);
    channel->connection->flush();
    if (channel->connection->isHead())
        channel->connection->finishAnswer();

    // The last copy of the sink ends the answer.
    const std::shared_ptr<void> end(nullptr, [channel](void *) {
        if (channel->isOpen())
            channel->connection->finishAnswer();
    });
    return [channel, end](const QByteArray &bytes) {
        if (!channel->isOpen())
            return false;
        GateConnection &connection = *channel->connection;
        if (connection.backlog() + bytes.size() > LargestBacklog) {
            connection.hangUp();
            return false;
        }
        connection.write(bytes);
        connection.flush();
        return true;
    };
}

} // namespace hubkeep::api
