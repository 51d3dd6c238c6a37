// What a WebSocket client follows by history/stream or logbook/event_stream: first what was, then
// what happens, both read from the history, so that both are told in the same words and nothing
// is told twice or left out in between.
//
// What happens is read a moment later, and what happened by then with it. Where the history is
// busy, it is later still.
//
// Main thread; the session owns it, and the hub outlives it.

#pragma once

#include "app/api/jsonspool.h"
#include "automation/core/eventbus.h"
#include "integrations/recorder/history.h"

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QTimer>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace hubkeep::api {

class WebSocketSession;

class HistoryStream final : public QObject
{
public:
    struct Window
    {
        QDateTime from; // UTC
        QDateTime to; // not included
        bool isFirst = true;
    };
    struct Source
    {
        QString key; // of the events' list: "states"
        QByteArray nothing; // what is written where there is nothing: "{}"
        std::function<bool(const Event &event)> concerns; // whether to look into the history
        // On the history's thread, where it may outlive the stream.
        std::function<Result<void>(recorder::History &history, const Window &window,
            const std::atomic<bool> &ending, JsonSpool &spool)>
            write;
    };
    static constexpr qint64 largestMessage = 4 * 1024 * 1024;
    static constexpr int most = 16; // of one session: each reads the history over and over

    // Until `end`, which may be in the past.
    HistoryStream(WebSocketSession &session, qint64 id, Source source, const QDateTime &from,
        const QDateTime &end);

    // Answers the command once the past is read; where it cannot be, the stream ends.
    void start();

private:
    void read();
    void done(const Window &window, const QByteArray &text, const Result<void> &result);
    void readLater(std::chrono::milliseconds wait);

    WebSocketSession &m_session;
    const qint64 m_id;
    const Source m_source;
    const QDateTime m_from;
    const QDateTime m_end;
    QDateTime m_since; // what is told reaches until then; invalid: nothing is
    bool m_isReading = false;
    bool m_isToReadAgain = false;
    QTimer m_soon;
    Subscription m_events;
};

} // namespace hubkeep::api
