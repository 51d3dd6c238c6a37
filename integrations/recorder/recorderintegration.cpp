#include "integrations/recorder/recorderintegration.h"

#include "automation/core/filedescriptor.h"
#include "automation/core/hub.h"

#include <QFile>
#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::recorder {
namespace {

Q_LOGGING_CATEGORY(recorderLog, "hubkeep.recorder")

using namespace std::chrono_literals;

constexpr auto flushInterval = 1s;
constexpr auto dayCheckInterval = 1h; // timers stand still while a computer sleeps
constexpr auto purgePause = 50ms; // for everybody else, between two slices
constexpr size_t writtenEarly = 10'000; // gathered
constexpr int purgedAtOnce = 2000;

} // namespace

RecorderIntegration::RecorderIntegration() = default;

RecorderIntegration::~RecorderIntegration()
{
    if (!m_hub)
        return;
    m_hub->withdraw<RecorderIntegration>();
    m_events = Subscription();
    m_ending = true;
    m_thread.start([keeper = m_keeper, events = std::move(m_gathered)]() mutable {
        keeper->write(std::move(events));
        keeper->close();
    });
}

Result<void> RecorderIntegration::setUp(Hub &hub, const QVariantMap &config)
{
    const QString folder = hub.identity().dataFolder + QStringLiteral("/data");
    const Result<void> made = makeFolders(QFile::encodeName(folder));
    if (!made)
        return made;
    for (const char *name : { "purge_keep_days", "keep_days" })
        m_keepDays = std::max(1, config.value(QLatin1String(name), m_keepDays).toInt());
    m_filter = RecordFilter(config);
    m_keeper = std::make_shared<HistoryKeeper>(
        folder + QStringLiteral("/history.db"),
        [this](const QString &sentence) {
            if (m_ending) // nobody takes calls any more
                qCWarning(recorderLog).noquote() << sentence;
            else
                m_calls.post([sentence] { qCWarning(recorderLog).noquote() << sentence; });
        },
        [this] {
            if (!m_ending)
                m_calls.post([this] { writePresent(); });
        });
    m_hub = &hub;
    m_flushTimer.setSingleShot(true);
    m_flushTimer.setInterval(flushInterval);
    m_flushTimer.callOnTimeout([this] { flush(); });
    m_purgeTimer.setSingleShot(true);
    m_purgeTimer.callOnTimeout([this] { purgeSome(); });
    m_dayTimer.setInterval(dayCheckInterval);
    m_dayTimer.callOnTimeout([this] { purgeOnceADay(); });
    m_dayTimer.start();
    m_gathered = present(); // what those say who were there first
    m_events = hub.bus().subscribe({}, [this](const Event &event) { gather(event); });
    hub.provide(this);
    // The file is there when the hub is: a backup may be made at once.
    flush();
    m_thread.wait();
    purgeOnceADay();
    return {};
}

void RecorderIntegration::read(Reading reading, std::function<void(const Result<void> &)> done)
{
    if (m_readings >= mostReadings) {
        m_calls.post([done = std::move(done)] {
            done(Error { ErrorCode::Busy,
                QStringLiteral("Too many are reading the history; try again later") });
        });
        return;
    }
    ++m_readings;
    flush();
    m_thread.start(
        [this, keeper = m_keeper, reading = std::move(reading), done = std::move(done)]() mutable {
            const Result<History *> history = keeper->history();
            Result<void> result
                = history ? reading(**history, m_ending) : Result<void>(history.error());
            if (!result)
                keeper->take(result.error());
            m_calls.post([this, result = std::move(result), done = std::move(done)] {
                --m_readings;
                done(result);
            });
        });
}

void RecorderIntegration::gather(const Event &event)
{
    if (!m_filter.accepts(event))
        return;
    m_gathered.push_back(event);
    if (m_gathered.size() >= writtenEarly && !m_writing)
        flush();
    else if (m_gathered.size() >= HistoryKeeper::mostWaiting)
        flush(); // it drops the oldest
    else if (!m_flushTimer.isActive())
        m_flushTimer.start();
}

std::vector<Event> RecorderIntegration::present() const
{
    std::vector<Event> events;
    for (State &state : m_hub->states().all()) {
        const QDateTime time = state.lastUpdated;
        auto change = std::make_shared<StateChange>();
        change->entityId = state.entityId;
        change->newState = std::move(state);
        Event event { QString::fromLatin1(stateChangedEvent), {}, {}, time, std::move(change) };
        if (m_filter.accepts(event))
            events.push_back(std::move(event));
    }
    return events;
}

// Into a file that took another's place: what does not change any more would be missing in it.
void RecorderIntegration::writePresent()
{
    flush(); // what is newer first, so that none of it is written twice
    m_thread.start([keeper = m_keeper, states = present()]() mutable {
        keeper->writePresent(std::move(states));
    });
}

void RecorderIntegration::flush()
{
    m_flushTimer.stop();
    m_writing = true;
    m_thread.start([this, keeper = m_keeper, events = std::exchange(m_gathered, {})]() mutable {
        keeper->write(std::move(events));
        m_calls.post([this] {
            m_writing = false;
            if (backlog() > 0 && !m_flushTimer.isActive())
                m_flushTimer.start();
        });
    });
    purgeOnceADay();
}

void RecorderIntegration::purgeOnceADay()
{
    const QDateTime now = m_hub->clock().now();
    if (m_purged.isValid() && m_purged.addDays(1) > now)
        return;
    m_purged = now;
    m_purgeTimer.start(0ms);
}

void RecorderIntegration::purgeSome()
{
    m_thread.start([this, keeper = m_keeper, before = m_hub->clock().now().addDays(-m_keepDays)] {
        if (m_ending)
            return;
        const Result<History *> history = keeper->history();
        const Result<int> deleted
            = history ? (*history)->purge(before, purgedAtOnce) : Result<int>(history.error());
        if (!deleted)
            keeper->take(deleted.error());
        m_calls.post([this, deleted] {
            if (!deleted && deleted.error().code != ErrorCode::Corrupt) // that was said
                qCWarning(recorderLog).noquote() << deleted.error().message;
            if (deleted && *deleted == purgedAtOnce)
                m_purgeTimer.start(purgePause);
        });
    });
}

} // namespace hubkeep::recorder
