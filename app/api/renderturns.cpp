#include "app/api/renderturns.h"

#include <QLoggingCategory>

#include <algorithm>
#include <utility>

namespace hubkeep::api {
namespace {

Q_LOGGING_CATEGORY(templateLog, "hubkeep.websocket.templates")

using namespace std::chrono_literals;

constexpr auto lookAgain = 50ms; // whether those who used their time have some again
constexpr auto sayAgain = 1min;

} // namespace

RenderTurns::RenderTurns(const Clock &clock, const Limits &limits, ProcessorTime processorTime)
    : m_clock(clock)
    , m_limits(limits)
    , m_processorTime(std::move(processorTime))
{
    m_timer.setSingleShot(true);
    m_timer.callOnTimeout([this] { turn(); });
}

std::unique_ptr<RenderTurns::Seat> RenderTurns::take(const User &user, Calls calls)
{
    const auto [found, isNew] = m_accounts.try_emplace(user.id);
    Account &account = found->second;
    if (isNew) {
        account.left = m_limits.saved;
        account.filled = m_clock.uptime();
    }
    account.name = user.name;
    if (account.seats >= m_limits.seats)
        return nullptr;
    return std::make_unique<Seat>(*this, account, std::move(calls));
}

void RenderTurns::fill(Account &account) const
{
    const auto now = m_clock.uptime();
    const auto passed = std::clamp<std::chrono::milliseconds>(now - account.filled, 0ms, 1h);
    account.filled = now;
    const std::chrono::nanoseconds more
        = std::chrono::microseconds(passed.count() * m_limits.perSecond.count());
    account.left = std::min<std::chrono::nanoseconds>(account.left + more, m_limits.saved);
}

// Whose turn it is: the next in order that waits and has time. Null: nobody's.
RenderTurns::Account *RenderTurns::next()
{
    const auto isReady = [this](Account &account) {
        if (account.waiting.empty())
            return false;
        fill(account);
        if (account.left <= 0ns)
            makeWait(account);
        return account.left > 0ns;
    };
    const auto after = m_accounts.upper_bound(m_last);
    for (const auto &[begin, end] :
        { std::pair(after, m_accounts.end()), std::pair(m_accounts.begin(), after) }) {
        for (auto it = begin; it != end; ++it) {
            if (!isReady(it->second))
                continue;
            m_last = it->first;
            return &it->second;
        }
    }
    return nullptr;
}

void RenderTurns::turn()
{
    if (Account *account = next()) {
        Seat *seat = account->waiting.front();
        account->waiting.pop_front();
        seat->m_isWaiting = false;
        seat->m_isLate = false;
        const auto render = seat->m_calls.render; // which may drop the seat
        const auto before = m_processorTime();
        render();
        account->left -= m_processorTime() - before;
        m_timer.start(0ms);
        return;
    }
    const bool somebodyWaits = std::any_of(m_accounts.begin(), m_accounts.end(),
        [](const auto &entry) { return !entry.second.waiting.empty(); });
    if (somebodyWaits)
        m_timer.start(lookAgain);
}

void RenderTurns::makeWait(Account &account)
{
    for (Seat *seat : account.waiting) {
        if (!std::exchange(seat->m_isLate, true))
            seat->m_calls.late();
    }
    const auto now = m_clock.uptime();
    if (account.said >= 0ms && now - account.said < sayAgain)
        return;
    account.said = now;
    qCWarning(templateLog).noquote()
        << QStringLiteral("The templates that %1 follows take more than %2 ms of the processor's "
                          "time a second; they are rendered later than they should be")
               .arg(account.name)
               .arg(m_limits.perSecond.count());
}

RenderTurns::Seat::Seat(RenderTurns &turns, Account &account, Calls calls)
    : m_turns(turns)
    , m_account(account)
    , m_calls(std::move(calls))
{
    ++m_account.seats;
}

RenderTurns::Seat::~Seat()
{
    --m_account.seats;
    if (m_isWaiting)
        std::erase(m_account.waiting, this);
}

void RenderTurns::Seat::ask()
{
    if (std::exchange(m_isWaiting, true))
        return;
    m_account.waiting.push_back(this);
    if (!m_turns.m_timer.isActive() || m_account.left > 0ns)
        m_turns.m_timer.start(0ms);
}

} // namespace hubkeep::api
