// One hub as the window sees it: whether it is there, what its entities say, its backups, what it
// works on.
//
//     Label { text: hub.verdict.sentence }
//
// It keeps itself up to date over the live channel; what pages want beyond that they ask for by an
// ApiCall. GUI thread.

#pragma once

#include "qml/client/apiclient.h"
#include "qml/client/livechannel.h"
#include "qml/client/safety.h"
#include "qml/models/backuplist.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <QtQmlIntegration>

namespace hubkeep::desktop {

class HubConnection : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Hubs has them.")
    Q_PROPERTY(QString name READ name NOTIFY nameChanged)
    Q_PROPERTY(QString url READ url NOTIFY addressChanged)
    Q_PROPERTY(Status status READ status NOTIFY statusChanged)
    // Why it is not online, for people; empty where it is.
    Q_PROPERTY(QString problem READ problem NOTIFY statusChanged)
    // Of a certificate that nobody vouches for; for asking whether to trust it.
    Q_PROPERTY(QString fingerprint READ fingerprint NOTIFY statusChanged)
    Q_PROPERTY(int retrySeconds READ retrySeconds NOTIFY retrySecondsChanged)
    Q_PROPERTY(bool admin READ isAdmin NOTIFY userChanged)
    Q_PROPERTY(QString userName READ userName NOTIFY userChanged)
    Q_PROPERTY(hubkeep::desktop::Verdict verdict READ verdict NOTIFY verdictChanged)
    // What works now, as GET /api/v1/backup/status says; empty while nothing does.
    Q_PROPERTY(QJsonObject job READ job NOTIFY jobChanged)
    Q_PROPERTY(bool working READ isWorking NOTIFY jobChanged)
    // How the last operation ended, in the same form; empty before the first.
    Q_PROPERTY(QJsonObject lastJob READ lastJob NOTIFY jobChanged)
    // By entity id: {"state", "attributes"}.
    Q_PROPERTY(QJsonObject entities READ entities NOTIFY entitiesChanged)
    Q_PROPERTY(hubkeep::desktop::BackupList *backups READ backups CONSTANT)
    // The list of backups was read at least once.
    Q_PROPERTY(bool loaded READ isLoaded NOTIFY loadedChanged)

public:
    enum Status { Closed, Connecting, Online, Offline, Unauthorized, Untrusted };
    Q_ENUM(Status)

    explicit HubConnection(QObject *parent = nullptr);
    ~HubConnection() override;

    void open(HubAddress hub, const QString &name);
    Q_INVOKABLE void close();
    Q_INVOKABLE void retry();
    // Reads the list of backups and the status anew.
    Q_INVOKABLE void refresh();

    ApiClient &client() { return m_client; }
    const HubAddress &address() const { return m_client.hub(); }

    QString name() const { return m_name; }
    QString url() const { return m_client.hub().url.toString(); }
    Status status() const { return m_status; }
    QString problem() const { return m_error ? m_error->message : QString(); }
    QString fingerprint() const { return m_error ? m_error->fingerprint : QString(); }
    int retrySeconds() const;
    bool isAdmin() const { return m_admin; }
    QString userName() const { return m_userName; }
    const Verdict &verdict() const { return m_verdict; }
    const QJsonObject &job() const { return m_job; }
    bool isWorking() const { return !m_job.isEmpty(); }
    const QJsonObject &lastJob() const { return m_lastJob; }
    const QJsonObject &entities() const { return m_entities; }
    BackupList *backups() { return &m_backups; }
    bool isLoaded() const { return m_loaded; }

    // "" where there is no such entity, or nobody knows.
    Q_INVOKABLE QString state(const QString &entityId) const;

signals:
    void nameChanged();
    void addressChanged();
    void statusChanged();
    void retrySecondsChanged();
    void userChanged();
    void verdictChanged();
    void jobChanged();
    void entitiesChanged();
    void loadedChanged();
    // An operation ended; job is lastJob.
    void jobEnded(const QJsonObject &job);

private:
    void followChannel();
    void whoAmI();
    void takeEntities(const QJsonObject &event);
    void readBackups();
    void readStatus();
    void takeStatus(const QJsonObject &status);
    void fail(const ApiError &error);
    void enter(Status status, std::optional<ApiError> error = {});
    void judge();

    ApiClient m_client;
    LiveChannel m_channel;
    BackupList m_backups;
    QTimer m_statusTimer; // while something works
    QTimer m_refreshTimer; // several changes at once are one reading
    QTimer m_countdown;
    QString m_name;
    Status m_status = Closed;
    std::optional<ApiError> m_error;
    bool m_admin = false;
    QString m_userName;
    bool m_loaded = false;
    QJsonObject m_entities;
    QJsonObject m_job;
    QJsonObject m_lastJob;
    Verdict m_verdict;
};

} // namespace hubkeep::desktop
