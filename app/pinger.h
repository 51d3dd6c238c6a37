// Tells a dead-man's switch of the backups: POSTs that are tried a few times and then given up,
// for what does not come is what such a switch raises its alarm about.
//
// Main thread; timers outlive it.

#pragma once

#include "automation/core/timerqueue.h"
#include "integrations/notify/httpclient.h"

#include <QByteArray>
#include <QString>

#include <list>
#include <memory>

namespace hubkeep {

class Pinger
{
public:
    explicit Pinger(TimerQueue &timers)
        : m_timers(timers)
    {
    }

    void ping(const QString &url, const QByteArray &body);

private:
    struct Sending
    {
        QString url;
        QByteArray body;
        int tries = 0;
        std::unique_ptr<notify::HttpExchange> exchange {};
        Timer wait {};
    };
    using Place = std::list<Sending>::iterator;

    void send(Place sending);
    void take(Place sending, const notify::Attempt &attempt);

    TimerQueue &m_timers;
    notify::HttpClient m_client;
    std::list<Sending> m_sendings;
};

} // namespace hubkeep
