// Talks to a running hub, for commands that ask it to do their work.
//
//     Result<HubClient> hub = HubClient::running(dataFolder);
//     Result<QJsonObject> status = hub->get("/api/v1/backup/status");
//
// Blocking, with an event loop of its own: this is a command line. A signal that cancels the
// command's JobControl ends a request with Cancelled.

#pragma once

#include "app/datafolder.h"
#include "automation/core/jobcontrol.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <memory>

class QNetworkAccessManager;
class QNetworkReply;
class QNetworkRequest;

namespace hubkeep::cli {

class HubClient
{
public:
    HubClient(RunningHub hub, JobControl &control);
    ~HubClient();
    HubClient(HubClient &&) noexcept;

    // The hub that works in that folder; NotFound where there is none.
    static Result<HubClient> running(const QString &dataFolder, JobControl &control);

    // The answer's document. An error of the hub's comes with the code that its status
    // stands for and its own sentence.
    Result<QJsonDocument> get(const QString &path);
    Result<QJsonDocument> post(const QString &path, const QJsonObject &body = {});
    Result<QJsonDocument> remove(const QString &path);

    const RunningHub &hub() const { return m_hub; }
    const QString &url() const { return m_hub.url; }

private:
    QNetworkRequest request(const QString &path) const;
    Result<QJsonDocument> wait(QNetworkReply *reply);

    RunningHub m_hub;
    JobControl &m_control;
    std::unique_ptr<QNetworkAccessManager> m_network;
};

} // namespace hubkeep::cli
