#include "app/api/uploadstream.h"

namespace hubkeep::api {

namespace {

// A target hears of everything it is written once, whatever the client called its body.
constexpr qsizetype LargestPiece = 64 * 1024;

} // namespace

std::variant<std::unique_ptr<UploadStream>, HttpError> UploadStream::open(const HttpHead &head)
{
    std::unique_ptr<UploadStream> stream(new UploadStream);
    stream->m_chunked = head.chunked;
    stream->m_left = head.contentLength.value_or(0);
    const QByteArray type = head.headers.value("content-type");
    if (type.toLower().startsWith("multipart/form-data")) {
        const std::optional<QByteArray> boundary = MultipartReader::boundaryOf(type);
        if (!boundary)
            return HttpError { 400, "bad_request",
                QStringLiteral("multipart/form-data needs a boundary of 1 to 70 characters") };
        stream->m_multipart.emplace(*boundary);
    }
    return stream;
}

UploadStream::~UploadStream()
{
    drop(QStringLiteral("The connection was closed before the upload was complete"));
}

void UploadStream::drop(const QString &reason)
{
    if (m_target)
        std::exchange(m_target, nullptr)->drop(reason);
}

HttpError UploadStream::refuse(HttpError refusal)
{
    drop(refusal.message);
    return refusal;
}

std::optional<HttpError> UploadStream::feed(QByteArrayView &bytes)
{
    while (!bytes.empty() && !atEnd()) {
        QByteArrayView piece = bytes.first(std::min(bytes.size(), LargestPiece));
        if (m_chunked) {
            m_decoded.resize(0);
            QByteArrayView rest = piece;
            if (!m_decoder.feed(rest, m_decoded))
                return refuse({ 400, "bad_request",
                    QStringLiteral("The chunked coding of the body is broken") });
            bytes = bytes.sliced(piece.size() - rest.size());
            piece = m_decoded;
        } else {
            piece = piece.first(std::min<qint64>(piece.size(), m_left));
            m_left -= piece.size();
            bytes = bytes.sliced(piece.size());
        }
        if (const auto refusal = pass(piece))
            return refusal;
    }
    return std::nullopt;
}

std::optional<HttpError> UploadStream::pass(QByteArrayView content)
{
    Result<void> written;
    const auto write = [this, &written](QByteArrayView piece) {
        if (written && !piece.empty())
            written = m_target->write(QByteArray::fromRawData(piece.data(), piece.size()));
    };
    if (!m_multipart)
        write(content);
    else if (!m_multipart->feed(content, write))
        return refuse({ 400, "bad_request",
            QStringLiteral("The parts of the multipart body have no proper headers") });
    if (!written)
        return refuse(httpError(written.error()));
    return std::nullopt;
}

std::variant<std::unique_ptr<UploadTarget>, HttpError> UploadStream::finish()
{
    if (m_multipart && !m_multipart->sawFile())
        return refuse({ 400, "bad_request",
            QStringLiteral("The multipart body has no part with a file name") });
    if (m_multipart && !m_multipart->atEnd())
        return refuse({ 400, "bad_request",
            QStringLiteral("The multipart body ends before its last boundary") });
    return std::move(m_target);
}

} // namespace hubkeep::api
