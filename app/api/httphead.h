// The head of a request, read as strictly as RFC 9112 permits: what two programs could
// understand in two ways is refused.
//
//     HeadScanner scanner;
//     const HeadScanner::Seen seen = scanner.scan(bytesSoFar);    // as often as bytes come
//     if (seen.length > 0)
//         std::variant<HttpHead, HttpError> head = parseHead(bytesSoFar.left(seen.length), limits);
//
// Values; any thread.

#pragma once

#include "app/api/httperror.h"

#include <QByteArrayView>
#include <QHash>

#include <optional>
#include <variant>

namespace hubkeep::api {

struct HeadLimits
{
    qsizetype size = 16 * 1024;
    qsizetype target = 8 * 1024;
    int headers = 100;
};

struct HttpHead
{
    QByteArray method;
    QByteArray target; // path and query, as on the wire
    QByteArray path;
    QByteArray query;
    QHash<QByteArray, QByteArray> headers; // names in lower case, repeated ones joined
    int minorVersion = 1;
    std::optional<qint64> contentLength;
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;
    bool webSocket = false; // asks for an upgrade to one

    bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
};

class HeadScanner
{
public:
    struct Seen
    {
        qsizetype length = 0; // of the head with its empty line; 0: not there yet
        std::optional<HttpError> refusal {};
    };
    // bytes: all that came of this head so far.
    Seen scan(QByteArrayView bytes, const HeadLimits &limits);

private:
    qsizetype m_offset = 0;
    bool m_targetEnded = false;
};

std::variant<HttpHead, HttpError> parseHead(QByteArrayView bytes, const HeadLimits &limits);

// A number of decimal digits that fits; "+1", " 1", "0x1" and "" are none.
std::optional<qint64> parseDigits(QByteArrayView text);

} // namespace hubkeep::api
