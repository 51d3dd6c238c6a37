// Asks a hub over its REST interface.
//
//     ApiClient client;
//     client.setHub({ QUrl("https://nas.lan:8420"), token, fingerprint });
//     client.get("/api/v1/backup", this, [](const ApiAnswer &answer) {
//         if (answer.error) show(answer.error->message);
//     });
//
// GUI thread; nothing blocks. A callback is called once, later, or never where its context is gone
// or the hub was changed in between.

#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QNetworkAccessManager>
#include <QObject>
#include <QString>
#include <QUrl>

#include <functional>
#include <optional>

namespace hubkeep::desktop {

// Where a hub is, and by which right it is asked.
struct HubAddress
{
    QUrl url; // scheme, host and port; no path
    QString token;
    // The SHA-256 of the certificate that a person has confirmed, in lower-case hex; empty where
    // the system's authorities have to know it.
    QString fingerprint;

    bool operator==(const HubAddress &) const = default;
};

struct ApiError
{
    enum class Kind {
        Unreachable, // nobody answers there
        Untrusted, // somebody answers whose certificate nobody vouches for
        Unauthorized, // the token is not known (401)
        Forbidden, // it is, but is no administrator's (403)
        Refused, // the hub said no, and why
        Unreadable, // what answers is no hub
    };
    Kind kind = Kind::Refused;
    int status = 0; // HTTP's; 0 where none came
    QString code; // the hub's own, "not_found"; empty where none came
    QString message; // a sentence for people
    QString fingerprint; // of Untrusted: what was presented
};

struct ApiAnswer
{
    QJsonValue body; // an object or a list; undefined where there was none
    QByteArray bytes; // the body as it came
    QString contentType; // without parameters, lower case
    std::optional<ApiError> error;
};

class ApiClient : public QObject
{
    Q_OBJECT

public:
    using Callback = std::function<void(const ApiAnswer &)>;

    explicit ApiClient(QObject *parent = nullptr);
    ~ApiClient() override;

    // Forgets the answers that are still to come.
    void setHub(HubAddress hub);
    const HubAddress &hub() const { return m_hub; }

    void get(const QString &path, const QObject *context, Callback callback);
    // method: "GET", "POST", "PUT" or "DELETE". A body that is undefined is not sent. A body that
    // is a text is sent as YAML.
    void send(const QByteArray &method, const QString &path, const QJsonValue &body,
        const QObject *context, Callback callback,
        const QHash<QByteArray, QByteArray> &headers = {});
    // Streams an answer into a new file, which appears whole or not at all. progress may be empty;
    // it gets bytes so far and in all (-1: unknown). accept: the media type to ask for; empty for
    // the hub's choice.
    void download(const QString &path, const QString &file, const QByteArray &accept,
        const QObject *context, std::function<void(qint64, qint64)> progress, Callback callback);

private:
    QNetworkRequest request(const QString &path) const;
    void watchCertificate(QNetworkReply *reply);
    ApiAnswer answerOf(QNetworkReply *reply, QByteArray bytes) const;

    QNetworkAccessManager m_network;
    HubAddress m_hub;
    quint64 m_generation = 0; // of the hub's address
};

// The SHA-256 of a certificate in lower-case hex.
QString fingerprintOf(const QSslCertificate &certificate);

} // namespace hubkeep::desktop
