// The hub's WebSocket: what happens there, as it happens.
//
// It logs in with the token, asks again for what was subscribed after each reconnection, and tries
// again by itself after 1, 2, 4, … 30 seconds for as long as it is open. A token that is refused
// ends that: another try would be refused as well.
//
// GUI thread.

#pragma once

#include "qml/client/apiclient.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <QWebSocket>

#include <functional>
#include <map>

namespace hubkeep::desktop {

class LiveChannel : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Closed,
        Connecting, // for the first time, or again
        Open, // logged in; what was subscribed is being sent
        Waiting, // for the next try
        Refused, // the token
    };

    using Handler = std::function<void(const QJsonObject &)>;

    explicit LiveChannel(QObject *parent = nullptr);
    ~LiveChannel() override;

    void open(HubAddress hub);
    void close();
    // At once, where it waits.
    void retry();

    State state() const { return m_state; }
    // Until the next try, in Waiting.
    std::chrono::milliseconds untilRetry() const;
    // Why it is not open, for people; empty before the first failure.
    const std::optional<ApiError> &problem() const { return m_problem; }

    // Sends command (an object with "type") after each login and hands its events to handler, for
    // as long as this lives.
    void subscribe(QJsonObject command, Handler handler);
    // Sends it once, and hands the "result" or the error object on; not where the channel closes
    // first.
    void command(QJsonObject command, const QObject *context, Handler result);

signals:
    void stateChanged();

private:
    void connectNow();
    void receive(const QString &text);
    void loggedIn();
    void lost();
    void enter(State state);
    qint64 send(QJsonObject command);

    struct Subscription
    {
        QJsonObject command;
        Handler handler;
        qint64 id = 0; // of this connection
    };

    HubAddress m_hub;
    QWebSocket m_socket;
    QTimer m_retry;
    QTimer m_ping; // a connection that is gone is noticed within two of them
    bool m_pongMissing = false;
    int m_failures = 0;
    State m_state = State::Closed;
    std::optional<ApiError> m_problem;
    qint64 m_lastId = 0;
    std::list<Subscription> m_subscriptions;
    std::map<qint64, std::pair<QPointer<const QObject>, Handler>> m_results;
};

} // namespace hubkeep::desktop
