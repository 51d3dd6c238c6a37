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
constexpr size_t writtenAtOnce = 10'000;
constexpr size_t mostGathered = 100'000; // beyond, the oldest are lost
constexpr int purgedAtOnce = 2000;

} // namespace

RecorderIntegration::~RecorderIntegration()
{
    if (!m_hub)
        return;
    m_hub->withdraw<RecorderIntegration>();
    m_changes = Subscription();
    flushAll();
}

Result<void> RecorderIntegration::setUp(Hub &hub, const QVariantMap &config)
{
    const QString folder = hub.identity().dataFolder + QStringLiteral("/data");
    const Result<void> made = makeFolders(QFile::encodeName(folder));
    if (!made)
        return made;
    m_path = folder + QStringLiteral("/history.db");
    m_keepDays = std::max(1, config.value(QStringLiteral("keep_days"), m_keepDays).toInt());
    const Result<void> opened = open();
    if (!opened)
        return opened;
    m_hub = &hub;
    m_flushTimer.setSingleShot(true);
    m_flushTimer.setInterval(flushInterval);
    m_flushTimer.callOnTimeout([this] { flush(); });
    m_purgeTimer.setSingleShot(true);
    m_purgeTimer.callOnTimeout([this] { purgeSome(); });
    m_dayTimer.setInterval(dayCheckInterval);
    m_dayTimer.callOnTimeout([this] { purgeOnceADay(); });
    m_dayTimer.start();
    purgeOnceADay();
    // What those say who were there first.
    for (State state : hub.states().all()) {
        const QDateTime time = state.lastUpdated;
        const QString id = state.entityId;
        gather({ std::make_shared<const StateChange>(StateChange { id, {}, std::move(state) }),
            time });
    }
    m_changes
        = hub.bus().subscribe(QString::fromLatin1(stateChangedEvent), [this](const Event &event) {
              if (event.change)
                  gather({ event.change, event.timeFired });
          });
    hub.provide(this);
    return {};
}

Result<void> RecorderIntegration::open()
{
    m_history.reset();
    Result<std::unique_ptr<History>> history = History::open(m_path);
    if (!history)
        return history.error().in(QStringLiteral("Opening the history"));
    m_history = std::move(*history);
    if (!m_history->damagedCopy().isEmpty())
        qCWarning(recorderLog).noquote()
            << QStringLiteral("The history was damaged and begins anew; what was there is %1")
                   .arg(m_history->damagedCopy());
    return {};
}

Result<QList<QList<State>>> RecorderIntegration::history(
    const QStringList &entityIds, const QDateTime &from, const QDateTime &to)
{
    flushAll();
    if (!m_history)
        return Error { ErrorCode::Unavailable,
            QStringLiteral("The history %1 cannot be opened; the log says why").arg(m_path) };
    return m_history->states(entityIds, from, to);
}

void RecorderIntegration::gather(RecordedChange change)
{
    if (m_gathered.size() == mostGathered)
        flush();
    if (m_gathered.size() == mostGathered)
        m_gathered.erase(m_gathered.begin(), m_gathered.begin() + qsizetype(writtenAtOnce));
    m_gathered.push_back(std::move(change));
    if (!m_flushTimer.isActive())
        m_flushTimer.start();
}

void RecorderIntegration::flush()
{
    m_flushTimer.stop();
    Result<void> done = m_gathered.empty() ? Result<void>() : writeSome();
    if (!done && done.error().code == ErrorCode::Corrupt) {
        beginAgain(done.error());
        done = writeSome();
    }
    if (!done && !m_failing)
        qCWarning(recorderLog).noquote()
            << QStringLiteral("States wait to be recorded: %1").arg(done.error().message);
    m_failing = !done;
    if (!m_gathered.empty())
        m_flushTimer.start();
    purgeOnceADay();
}

void RecorderIntegration::flushAll()
{
    while (!m_gathered.empty()) {
        const size_t before = m_gathered.size();
        flush();
        if (m_gathered.size() == before)
            break;
    }
}

Result<void> RecorderIntegration::writeSome()
{
    if (!m_history) {
        const Result<void> opened = open();
        if (!opened)
            return opened;
    }
    const size_t count = std::min(m_gathered.size(), writtenAtOnce);
    const Result<void> done = m_history->write(std::span(m_gathered).first(count));
    if (done)
        m_gathered.erase(m_gathered.begin(), m_gathered.begin() + qsizetype(count));
    return done;
}

// Found out while it was used: opening it again would not see it in a large file.
void RecorderIntegration::beginAgain(const Error &error)
{
    m_history.reset();
    const Result<QString> aside = StateDatabase::setAside(m_path);
    qCWarning(recorderLog).noquote()
        << QStringLiteral("The history is damaged and begins anew; what was there is %1: %2")
               .arg(aside ? *aside : aside.error().message, error.message);
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
    if (!m_history)
        return;
    const Result<int> deleted
        = m_history->purge(m_hub->clock().now().addDays(-m_keepDays), purgedAtOnce);
    if (!deleted)
        qCWarning(recorderLog).noquote() << deleted.error().message;
    else if (*deleted == purgedAtOnce)
        m_purgeTimer.start(purgePause);
}

} // namespace hubkeep::recorder
