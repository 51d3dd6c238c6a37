// A question that a page asks its hub, with the states that a page has to show: busy, failed,
// answered.
//
//     ApiCall { id: drills; hub: page.hub }
//     Component.onCompleted: drills.get("/api/v1/drills")
//     BusyIndicator { running: drills.busy }
//     Label { visible: drills.failed; text: drills.message }
//
// A new question takes the place of one that is not answered yet. Whoever owns it may go at any
// time. GUI thread.

#pragma once

#include "qml/client/hubconnection.h"

#include <QJsonValue>
#include <QObject>
#include <QPointer>
#include <QUrl>
#include <QVariant>
#include <QtQmlIntegration>

namespace hubkeep::desktop {

class ApiCall : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(hubkeep::desktop::HubConnection *hub READ hub WRITE setHub NOTIFY hubChanged)
    Q_PROPERTY(bool busy READ isBusy NOTIFY changed)
    Q_PROPERTY(bool failed READ hasFailed NOTIFY changed)
    Q_PROPERTY(bool answered READ isAnswered NOTIFY changed)
    // Of a failure: a sentence, and the hub's code for it.
    Q_PROPERTY(QString message READ message NOTIFY changed)
    Q_PROPERTY(QString code READ code NOTIFY changed)
    Q_PROPERTY(int httpStatus READ httpStatus NOTIFY changed)
    // The last answer: an object, a list, or a text where the hub sent no JSON. It stays while
    // another question is asked.
    Q_PROPERTY(QVariant result READ result NOTIFY changed)
    // Of a download: 0 to 1, -1 where nobody knows.
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)

public:
    using QObject::QObject;

    HubConnection *hub() const { return m_hub; }
    void setHub(HubConnection *hub);
    bool isBusy() const { return m_busy; }
    bool hasFailed() const { return m_error.has_value(); }
    bool isAnswered() const { return m_result.isValid(); }
    QString message() const { return m_error ? m_error->message : QString(); }
    QString code() const { return m_error ? m_error->code : QString(); }
    int httpStatus() const { return m_error ? m_error->status : 0; }
    QVariant result() const { return m_result; }
    double progress() const { return m_progress; }

    Q_INVOKABLE void get(const QString &path);
    // A picture, as result: a data: URL for an Image. What the bytes are is for the Image to find
    // out.
    Q_INVOKABLE void getPicture(const QString &path);
    // body: an object or a list, or a text, which goes as it is; undefined for none.
    Q_INVOKABLE void post(const QString &path, const QVariant &body = {})
    {
        send("POST", path, body);
    }
    // etag: of what was read; the hub refuses (412) where somebody wrote in between. Empty:
    // whatever is there.
    Q_INVOKABLE void put(const QString &path, const QVariant &body = {}, const QString &etag = {})
    {
        send("PUT", path, body, etag);
    }
    Q_INVOKABLE void remove(const QString &path) { send("DELETE", path, {}); }
    // Into a file of this computer, which appears whole or not at all. accept: the media type,
    // where the hub has several.
    Q_INVOKABLE void download(const QString &path, const QUrl &file, const QString &accept = {});
    // Forgets the answer.
    Q_INVOKABLE void clear();

signals:
    void hubChanged();
    void changed();
    void progressChanged();
    void done(const QVariant &result);
    void refused(const QString &message);

private:
    void send(const QByteArray &method, const QString &path, const QVariant &body,
        const QString &etag = {});
    quint64 begin();
    void take(quint64 question, const ApiAnswer &answer);

    QPointer<HubConnection> m_hub;
    quint64 m_question = 0; // the one that waits
    bool m_busy = false;
    bool m_isPicture = false; // what is asked for
    std::optional<ApiError> m_error;
    QVariant m_result;
    double m_progress = -1;
};

} // namespace hubkeep::desktop
