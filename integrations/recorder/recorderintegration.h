// Keeps every change of a state, and every event, in data/history.db:
// "recorder: {keep_days: 10, exclude: {domains: [sensor]}}".
//
//     hub.find<RecorderIntegration>()->read(
//         [found](History &history, const std::atomic<bool> &ending) {
//             return history.states(…);                       // on the history's thread
//         },
//         [found](const Result<void> &done) { … });           // on the main one
//
// All that touches the file happens on a thread of its own, so that a slow disk, or another
// program that holds the file, never stops the main loop. Changes are gathered and written in one
// commit a second; what has gathered is written when the integration goes, and before anything is
// read. Once a day and at the start, what is older than keep_days goes. HistoryKeeper says what
// happens to a file that is damaged, gone or full.
//
// Main thread.

#pragma once

#include "automation/core/eventbus.h"
#include "automation/core/integration.h"
#include "automation/core/mainthreadcalls.h"
#include "automation/core/workthread.h"
#include "integrations/recorder/historykeeper.h"
#include "integrations/recorder/recordfilter.h"

#include <QTimer>

#include <atomic>
#include <functional>
#include <vector>

namespace hubkeep::recorder {

class RecorderIntegration final : public Integration
{
public:
    static constexpr int mostReadings = 32; // that wait at a time

    RecorderIntegration();
    ~RecorderIntegration() override;

    QString name() const override { return QStringLiteral("recorder"); }
    Result<void> setUp(Hub &hub, const QVariantMap &config) override;

    // Runs on the history's thread; returns early with Cancelled once ending is true.
    using Reading = std::function<Result<void>(History &history, const std::atomic<bool> &ending)>;
    // Calls reading, then done on the main thread; done alone where it could not be read, and
    // nothing where the recorder has gone by then. Busy where too many wait already.
    void read(Reading reading, std::function<void(const Result<void> &done)> done);

    // How many changes are not in the file yet.
    size_t backlog() const { return m_gathered.size() + m_keeper->waiting(); }

private:
    void gather(const Event &event);
    std::vector<Event> present() const; // every state that there is
    void writePresent();
    void flush();
    void purgeOnceADay();
    void purgeSome();

    Hub *m_hub = nullptr;
    int m_keepDays = 10;
    RecordFilter m_filter;
    std::vector<Event> m_gathered;
    bool m_writing = false; // a write is under way
    int m_readings = 0; // that are under way
    QDateTime m_purged; // when it was last begun
    QTimer m_flushTimer;
    QTimer m_dayTimer;
    QTimer m_purgeTimer;
    Subscription m_events;
    std::atomic<bool> m_ending = false;
    std::shared_ptr<HistoryKeeper> m_keeper; // the thread's
    MainThreadCalls m_calls;
    WorkThread m_thread; // last: it uses what is above
};

} // namespace hubkeep::recorder
