#include "app/api/httperror.h"

#include "automation/core/errorcode.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace hubkeep::api {
namespace {

int statusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return 400;
    case ErrorCode::Unauthorized:
        return 401;
    case ErrorCode::Forbidden:
        return 403;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::Busy:
    case ErrorCode::Cancelled:
        return 409;
    case ErrorCode::TooLarge:
        return 413;
    case ErrorCode::Corrupt:
        return 422;
    case ErrorCode::Unavailable:
        return 503;
    case ErrorCode::NoSpace:
        return 507;
    case ErrorCode::Io:
    case ErrorCode::Internal:
        break;
    }
    return 500;
}

} // namespace

HttpError httpError(const Error &error)
{
    HttpError answer { statusOf(error.code), nameOf(error.code), error.message };
    if (error.code == ErrorCode::Unauthorized)
        answer.headers = { { "WWW-Authenticate", "Bearer realm=\"HubKeep\"" } };
    return answer;
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
