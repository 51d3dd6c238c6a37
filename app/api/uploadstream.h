// The body of one upload on its way to its target: counts it, takes the chunked coding and
// multipart/form-data off it, and knows whether it came whole.
//
// Main thread.

#pragma once

#include "app/api/chunkeddecoder.h"
#include "app/api/httphead.h"
#include "app/api/multipartreader.h"
#include "app/api/uploads.h"

namespace hubkeep::api {

class UploadStream
{
public:
    // Fails where the Content-Type says multipart but no boundary.
    static std::variant<std::unique_ptr<UploadStream>, HttpError> open(const HttpHead &head);
    ~UploadStream(); // drops what did not come whole

    void setTarget(std::unique_ptr<UploadTarget> target) { m_target = std::move(target); }

    // Takes bytes off the front, up to the end of the body. A refusal drops the upload.
    std::optional<HttpError> feed(QByteArrayView &bytes);
    bool atEnd() const { return m_chunked ? m_decoder.atEnd() : m_left == 0; }

    // Once atEnd(): the target, or why it is not whole.
    std::variant<std::unique_ptr<UploadTarget>, HttpError> finish();
    void drop(const QString &reason);

private:
    UploadStream() = default;
    std::optional<HttpError> pass(QByteArrayView content);
    HttpError refuse(HttpError refusal);

    std::unique_ptr<UploadTarget> m_target;
    bool m_chunked = false;
    qint64 m_left = 0;
    ChunkedDecoder m_decoder;
    QByteArray m_decoded;
    std::optional<MultipartReader> m_multipart;
};

} // namespace hubkeep::api
