#include "integrations/recorder/historykeeper.h"

#include <algorithm>
#include <utility>

namespace hubkeep::recorder {
namespace {

constexpr size_t writtenAtOnce = 10'000;
constexpr qsizetype mostSaid = 1000; // entities whose attributes are too large

} // namespace

HistoryKeeper::HistoryKeeper(
    QString path, std::function<void(const QString &)> warn, std::function<void()> reopened)
    : m_path(std::move(path))
    , m_warn(std::move(warn))
    , m_reopened(std::move(reopened))
{
}

HistoryKeeper::~HistoryKeeper()
{
    Q_ASSERT(!m_history);
}

Result<void> HistoryKeeper::open()
{
    if (m_history && m_history->isInPlace())
        return {};
    if (m_history) {
        m_history.reset();
        m_warn(QStringLiteral("The history %1 was deleted or replaced while it was used; the "
                              "recorder goes on with what is there now")
                   .arg(m_path));
    }
    Result<std::unique_ptr<History>> history = History::open(m_path);
    if (!history)
        return history.error().in(QStringLiteral("Opening the history"));
    m_history = std::move(*history);
    if (std::exchange(m_wasOpen, true))
        m_reopened();
    if (!m_history->damagedCopy().isEmpty())
        m_warn(QStringLiteral("The history was damaged and begins anew; what was there is %1")
                   .arg(m_history->damagedCopy()));
    return {};
}

Result<History *> HistoryKeeper::history()
{
    const Result<void> opened = open();
    if (!opened)
        return opened.error();
    return m_history.get();
}

// Found out while it was used: opening it again would not see it in a large file.
void HistoryKeeper::take(const Error &error)
{
    if (error.code != ErrorCode::Corrupt)
        return;
    m_history.reset();
    const Result<QString> aside = StateDatabase::setAside(m_path);
    m_warn(QStringLiteral("The history is damaged and begins anew; what was there is %1: %2")
               .arg(aside ? *aside : aside.error().message, error.message));
}

void HistoryKeeper::write(std::vector<Event> events)
{
    for (size_t begin = 0; begin < events.size(); begin += writtenAtOnce) {
        const size_t end = std::min(begin + writtenAtOnce, events.size());
        m_waiting.emplace_back(std::make_move_iterator(events.begin() + ptrdiff_t(begin)),
            std::make_move_iterator(events.begin() + ptrdiff_t(end)));
    }
    m_count += events.size();
    Result<void> done = writeAll();
    if (!done && done.error().code == ErrorCode::Corrupt) {
        take(done.error());
        done = writeAll();
    }
    dropOldest();
    if (!done)
        tellOfFailure(done.error());
    else if (std::exchange(m_failing, false))
        m_warn(QStringLiteral("The recorder writes again%1")
                   .arg(m_lost == 0 ? QString()
                                    : QStringLiteral("; the oldest %1 changes were lost, because "
                                                     "it could not for too long")
                                          .arg(std::exchange(m_lost, 0))));
}

void HistoryKeeper::writePresent(std::vector<Event> states)
{
    if (open()) {
        std::erase_if(states, [this](const Event &event) {
            const Result<bool> has = m_history->has(*event.change->newState);
            return has && *has;
        });
    }
    write(std::move(states));
}

Result<void> HistoryKeeper::writeAll()
{
    const Result<void> opened = open(); // also where nothing waits: it is to be there
    if (!opened)
        return opened;
    while (!m_waiting.empty()) {
        const Result<void> done = m_history->write(m_waiting.front());
        tellOfLargeOnes();
        if (!done)
            return done;
        m_count -= m_waiting.front().size();
        m_waiting.pop_front();
    }
    return {};
}

void HistoryKeeper::dropOldest()
{
    while (m_count > mostWaiting) {
        m_count -= m_waiting.front().size();
        m_lost += m_waiting.front().size();
        m_waiting.pop_front();
    }
}

void HistoryKeeper::tellOfFailure(const Error &error)
{
    if (!std::exchange(m_failing, true))
        m_warn(QStringLiteral("States wait to be recorded: %1").arg(error.message));
}

void HistoryKeeper::tellOfLargeOnes()
{
    for (const QString &what : m_history->takeTooLarge()) {
        if (m_saidTooLarge.contains(what) || m_saidTooLarge.size() >= mostSaid)
            continue;
        m_saidTooLarge.insert(what);
        m_warn(QStringLiteral("What comes with %1 is too large to be recorded; it is recorded "
                              "without")
                   .arg(what));
    }
}

void HistoryKeeper::close()
{
    m_history.reset();
}

} // namespace hubkeep::recorder
