// A hub on a port of its own, as the application builds it, but with nothing in it: users anna
// (administrator) and ulf, an empty state store, some actions, the WebSocket and Home
// Assistant's REST API. TestBackups adds the backup integration to one.

#pragma once

#include "app/accounts.h"
#include "app/api/apiserver.h"
#include "app/api/homeassistantcontroller.h"
#include "app/api/websocketapi.h"
#include "app/auditlog.h"
#include "automation/core/hub.h"

#include <QNetworkAccessManager>
#include <QTemporaryDir>
#include <QUrl>

namespace hubkeep::test {

struct HttpAnswer
{
    int status = 0;
    QByteArray body;
    QHash<QByteArray, QByteArray> headers; // names in lower case

    QJsonObject object() const;
    QJsonArray array() const;
};

class TestHub
{
public:
    explicit TestHub(const api::WebSocketApi::Limits &limits = {},
        std::chrono::milliseconds streamPing = std::chrono::seconds(50));
    ~TestHub();

    QUrl url(const QString &path) const;
    QUrl webSocketUrl() const;

    // Waits for the answer. An empty token sends none.
    HttpAnswer http(const char *method, const QString &path, const QString &token,
        const QByteArray &body = {}, const QByteArray &contentType = "application/json");

    QList<AuditEntry> audited(); // newest first

    QTemporaryDir folder;
    SystemClock clock;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Accounts> accounts;
    std::unique_ptr<AuditLog> audit;
    std::unique_ptr<Hub> hub;
    QList<ConfigurationProblem> problems; // what checking the configuration finds
    User anna, ulf;
    NewToken annasToken, ulfsToken;
    QString admin, user; // their secrets
    api::Router router;
    std::unique_ptr<api::HomeAssistantController> controller;
    std::unique_ptr<api::WebSocketApi> webSockets;
    std::unique_ptr<api::ApiServer> server;
    quint16 port = 0;

private:
    void addActions();

    QNetworkAccessManager m_network;
};

} // namespace hubkeep::test
