#include "app/api/httperror.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace hubkeep::api {

HttpError httpError(const Error &error)
{
    switch (error.code) {
    case ErrorCode::InvalidArgument:
        return { 400, "invalid_argument", error.message };
    case ErrorCode::NotFound:
        return { 404, "not_found", error.message };
    case ErrorCode::Busy:
        return { 409, "busy", error.message };
    case ErrorCode::Unauthorized:
        return { 401, "unauthorized", error.message,
            { { "WWW-Authenticate", "Bearer realm=\"HubKeep\"" } } };
    case ErrorCode::Forbidden:
        return { 403, "forbidden", error.message };
    case ErrorCode::TooLarge:
        return { 413, "too_large", error.message };
    case ErrorCode::NoSpace:
        return { 507, "no_space", error.message };
    case ErrorCode::Unavailable:
        return { 503, "unavailable", error.message };
    case ErrorCode::Corrupt:
        return { 422, "corrupt", error.message };
    case ErrorCode::Cancelled:
        return { 409, "cancelled", error.message };
    case ErrorCode::Io:
        return { 500, "io", error.message };
    case ErrorCode::Internal:
        break;
    }
    return { 500, "internal", error.message };
}

QByteArray errorBody(const QByteArray &code, const QString &message)
{
    const QJsonObject object {
        { QStringLiteral("message"), message },
        { QStringLiteral("code"), QString::fromLatin1(code) },
    };
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

const char *reasonPhrase(int status)
{
    static constexpr std::pair<int, const char *> phrases[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 206, "Partial Content" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 416, "Range Not Satisfiable" },
        { 417, "Expectation Failed" },
        { 422, "Unprocessable Content" },
        { 426, "Upgrade Required" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
        { 507, "Insufficient Storage" },
    };
    for (const auto &[number, phrase] : phrases) {
        if (number == status)
            return phrase;
    }
    return "Unknown";
}

} // namespace hubkeep::api
