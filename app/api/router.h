// Which function answers which request, and who may ask.
//
//     router.add({ Method::Post, "/api/v1/backup/{id}/verify", Access::Admin },
//         [this](const Request &request, Responder responder) {
//             Result<StartedOperation> started = m_manager.verify(request.captured("id"));
//             if (!started)
//                 return responder.fail(started.error());
//             responder.json(202, { … });
//         });
//
// Every route is added this way and no other: the table is what the server answers by, what
// openapi.yaml is held against, and what the role tests go through. A path that exists for
// other methods answers 405 with Allow, HEAD is answered as GET without a body, and access is
// checked before a handler runs.
//
// Main thread.

#pragma once

#include "app/accounts.h"
#include "automation/core/context.h"

#include <QByteArray>
#include <QHash>
#include <QHostAddress>
#include <QJsonObject>
#include <QUrlQuery>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QIODevice;

namespace hubkeep::api {

enum class Method { Get, Post, Put, Delete };
QString toString(Method method); // "GET"

enum class Access {
    Open, // without a token
    User,
    Admin,
};

struct Caller
{
    std::optional<Accounts::Identity> identity; // nothing on open routes without a token
    QHostAddress address;

    bool isAdmin() const { return identity && identity->user.role == Role::Admin; }
    QString userId() const { return identity ? identity->user.id : QString(); }
    QString userName() const { return identity ? identity->user.name : QString(); }
};

// One request, its body at hand (uploads have a way of their own: uploads.h).
struct Request
{
    Method method = Method::Get;
    bool isHead = false; // of a Get: the answer's content is not sent
    QString path {}; // decoded
    QUrlQuery query {};
    QHash<QByteArray, QByteArray> headers {}; // names in lower case
    QByteArray body {};
    Caller caller {};
    QHash<QString, QString> captures {}; // decoded; never empty, never with "/" or NUL

    QString captured(const char *name) const { return captures.value(QString::fromLatin1(name)); }
    QByteArray header(const char *name) const { return headers.value(name); }
    QString parameter(const char *name) const
    {
        return query.queryItemValue(QString::fromLatin1(name), QUrl::FullyDecoded);
    }
    // InvalidArgument unless missing or within the range.
    Result<qint64> number(const char *name, qint64 fallback, qint64 least, qint64 most) const;

    // The body as an object; an empty body is an empty one. InvalidArgument: malformed, deeper
    // than 64 levels, not an object, or a field that is not among allowed (all named).
    Result<QJsonObject> json(const QStringList &allowed) const;
    Result<QJsonObject> anyJson() const;

    Context context() const { return Context::make(caller.userId()); }
};

// Answers one request, now or later, once. Dropping it unanswered answers 500. Movable; may
// outlive the connection, and then answers nobody.
class Responder
{
public:
    struct Channel; // the server's side
    explicit Responder(std::unique_ptr<Channel> channel);
    ~Responder();
    Responder(Responder &&) noexcept;
    Responder &operator=(Responder &&) noexcept;

    using Headers = QList<std::pair<QByteArray, QByteArray>>;

    void json(int status, const QJsonObject &object, const Headers &headers = {});
    void json(int status, const QJsonArray &array);
    void text(int status, const QByteArray &text, const QByteArray &contentType = "text/plain",
        const Headers &headers = {});
    void empty(int status, const Headers &headers = {});

    // {"message", "code"} with the status of httperror.cpp.
    void fail(const Error &error);
    void fail(int status, const char *code, const QString &message);
    void fail(int status, const char *code, const QString &message, const Headers &headers);

    // Sends a file as an attachment in bounded memory: Content-Length, ETag, one Range,
    // If-None-Match, If-Range. keep lives until it is sent.
    struct File
    {
        QString path;
        QString filename; // for Content-Disposition
        QByteArray contentType;
        QByteArray etag; // without quotes; empty: none
        std::shared_ptr<void> keep {};
    };
    void file(const Request &request, const File &file);

    // Sends size bytes of it, in bounded memory.
    void device(
        int status, const QByteArray &contentType, std::unique_ptr<QIODevice> device, qint64 size);

    // Sends bytes as they come, and says false once the client is gone or too slow
    // (a backlog of 8 MiB): GET /api/stream.
    using Sink = std::function<bool(const QByteArray &)>;
    Sink stream(const QByteArray &contentType);

private:
    std::unique_ptr<Channel> m_channel;
};

// An answer that comes later is shared by the functions that may give it.
inline std::shared_ptr<Responder> shared(Responder responder)
{
    return std::make_shared<Responder>(std::move(responder));
}

struct Route
{
    Method method = Method::Get;
    QString pattern; // "/api/v1/backup/{id}"; a literal part wins over a captured one
    Access access = Access::Admin;
    enum class Body {
        Json,
        Any, // of whatever type, and as large from strangers as from others
    };
    Body body = Body::Json;
};

using Handler = std::function<void(const Request &request, Responder responder)>;

class Router
{
public:
    // Requires: no route of that method and pattern yet.
    void add(Route route, Handler handler);

    struct Match
    {
        const Route *route = nullptr; // null: no such method, or no such path
        const Handler *handler = nullptr;
        QHash<QString, QString> captures {};
        QList<Method> allowed {}; // of the path; empty: there is no such path
    };
    // path as on the wire, still percent-encoded, without its query.
    Match match(std::optional<Method> method, const QByteArray &path) const;

    QList<Route> routes() const; // in the order in which they were added

private:
    struct Entry
    {
        Route route;
        QList<QString> parts;
        Handler handler;
    };
    std::vector<std::unique_ptr<Entry>> m_entries; // their addresses are handed out
};

} // namespace hubkeep::api
