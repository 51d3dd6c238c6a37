#include "integrations/notify/dispatcher.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <utility>

namespace hubkeep::notify {
namespace {

Q_LOGGING_CATEGORY(notifyLog, "hubkeep.notify")

using namespace std::chrono_literals;

constexpr std::chrono::seconds patience = 10s;
constexpr std::chrono::seconds shortestPause = 30s;
constexpr std::chrono::seconds firstPause = 40s; // at most
constexpr std::chrono::seconds longestPause = 1h;
constexpr std::chrono::seconds tryingFor = 48h;

// Between three quarters of it and the whole, so that not all of a machine's hubs ask at once.
std::chrono::seconds pauseAfter(int attempts)
{
    const auto whole = std::min(longestPause, firstPause * (1 << std::clamp(attempts - 1, 0, 10)));
    const double part = 0.75 + 0.25 * QRandomGenerator::global()->generateDouble();
    return std::max(shortestPause, std::chrono::seconds(qint64(double(whole.count()) * part)));
}

QDateTime plus(const QDateTime &time, std::chrono::seconds seconds)
{
    return time.addSecs(seconds.count());
}

void warn(const Result<void> &done, const char *doing)
{
    if (!done)
        qCWarning(notifyLog).noquote() << done.error().in(QString::fromLatin1(doing)).message;
}

Delivery notYet(const QString &why)
{
    qCWarning(notifyLog).noquote() << why;
    return { Delivery::State::Queued, why };
}

} // namespace

Dispatcher::Dispatcher(Parts parts)
    : m_parts(std::move(parts))
    , m_store(m_parts.state)
{
    connect(&m_parts.timers, &TimerQueue::clockChanged, this, [this] {
        for (const auto &[name, lane] : m_lanes)
            advanceSoon(name);
    });
}

Dispatcher::~Dispatcher() = default;

Result<void> Dispatcher::load()
{
    const Result<QList<QueuedNotification>> list = m_store.load();
    if (!list)
        return list.error();
    for (const QueuedNotification &queued : *list) {
        const qsizetype bytes = toBytes(queued.notification).size();
        m_lanes[queued.notifier].entries.push_back({ ++m_lastSerial, queued, bytes });
        m_bytes += bytes;
    }
    m_count = list->size();
    makeRoom();
    return {};
}

void Dispatcher::start()
{
    m_started = true;
    for (const auto &[name, lane] : m_lanes)
        advanceSoon(name);
}

void Dispatcher::setNotifier(
    const QString &name, std::unique_ptr<Notifier> notifier, Secrets secrets)
{
    Lane &lane = m_lanes[name];
    lane.notifier = std::move(notifier);
    lane.secrets = std::move(secrets);
    lane.sending = false;
    ++lane.turn;
    lane.notBefore = {};
    if (!lane.entries.empty())
        lane.entries.front().queued.nextTry = m_parts.timers.clock().now();
    advanceSoon(name);
}

int Dispatcher::removeNotifier(const QString &name, bool drop)
{
    const auto found = m_lanes.find(name);
    if (found == m_lanes.end())
        return 0;
    Lane &lane = found->second;
    lane.notifier.reset();
    lane.sending = false;
    ++lane.turn;
    const int waits = int(lane.entries.size());
    QList<Done> waiting;
    for (Entry &entry : lane.entries)
        waiting.append(std::exchange(entry.done, {}));
    while (drop && !lane.entries.empty())
        take(lane, 0);
    if (lane.entries.empty())
        m_lanes.erase(found);
    const QString why = QStringLiteral("The notifier %1 was removed").arg(name);
    for (const Done &done : waiting) {
        if (done)
            done({ drop ? Delivery::State::Refused : Delivery::State::Queued, why });
    }
    return waits;
}

int Dispatcher::waiting(const QString &name) const
{
    const auto found = m_lanes.find(name);
    return found == m_lanes.end() ? 0 : int(found->second.entries.size());
}

void Dispatcher::send(const QString &name, const Notification &notification, Done done)
{
    Lane &lane = m_lanes[name];
    const QDateTime now = m_parts.timers.clock().now();
    const QByteArray content = toBytes(notification);
    Entry entry { ++m_lastSerial, { 0, name, notification, now, 0, now }, content.size(),
        std::move(done) };
    const Result<qint64> stored = m_store.add(entry.queued, content);
    if (stored)
        entry.queued.id = *stored;
    else
        warn(stored.error(), "Keeping a notification, which a restart would lose");
    const bool isFirst = lane.entries.empty();
    const bool mayTry = !(lane.notBefore > now)
        && (!lane.lastTry.isValid() || plus(lane.lastTry, shortestPause) <= now);
    if (!isFirst && !lane.sending && mayTry)
        lane.entries.front().queued.nextTry = now;
    const bool mustWait = m_started && !isFirst && !lane.sending && !mayTry;
    const Done answer = mustWait ? std::exchange(entry.done, {}) : Done();
    if (!mustWait)
        entry.patience = m_parts.timers.after(
            patience, [this, name, serial = entry.serial] { loseInterest(name, serial); });
    lane.entries.push_back(std::move(entry));
    ++m_count;
    m_bytes += content.size();
    makeRoom();
    if (answer)
        answer(notYet(QStringLiteral("%1 could not be reached lately, and %2 wait for it")
                          .arg(name)
                          .arg(waiting(name))));
    advance(name);
}

void Dispatcher::loseInterest(const QString &name, qint64 serial)
{
    const auto found = m_lanes.find(name);
    if (found == m_lanes.end())
        return;
    for (Entry &entry : found->second.entries) {
        if (entry.serial != serial)
            continue;
        if (const Done done = std::exchange(entry.done, {}))
            done(notYet(QStringLiteral("%1 has not answered yet, after %2 s")
                            .arg(name)
                            .arg(patience.count())));
        return;
    }
}

void Dispatcher::advanceSoon(const QString &name)
{
    QMetaObject::invokeMethod(
        this, [this, name] { advance(name); }, Qt::QueuedConnection);
}

void Dispatcher::advance(const QString &name)
{
    const auto found = m_lanes.find(name);
    if (found == m_lanes.end())
        return;
    Lane &lane = found->second;
    if (!m_started || lane.sending || lane.entries.empty())
        return;
    const QDateTime now = m_parts.timers.clock().now();
    QueuedNotification &first = lane.entries.front().queued;
    if (!lane.notifier) {
        const QDateTime last = plus(first.created, tryingFor);
        if (last > now) {
            lane.timer = m_parts.timers.at(last, [this, name] { advance(name); });
            return;
        }
        advanceSoon(name);
        return giveUpOld(name, lane, QStringLiteral("there is no notifier of that name any more"));
    }
    // Farther than ever planned: the clock was set back.
    const QDateTime farthest = plus(now, longestPause);
    first.nextTry = std::min(first.nextTry, farthest);
    if (first.nextTry > now) {
        lane.timer = m_parts.timers.at(first.nextTry, [this, name] { advance(name); });
        return;
    }
    lane.timer = {};
    lane.sending = true;
    const qint64 turn = ++lane.turn;
    const Notification notification = first.notification;
    lane.notifier->send(notification,
        [this, name, turn](const Attempt &attempt) { finished(name, turn, attempt); });
}

void Dispatcher::finished(const QString &name, qint64 turn, const Attempt &attempt)
{
    const auto found = m_lanes.find(name);
    if (found == m_lanes.end() || found->second.turn != turn || !found->second.sending)
        return;
    Lane &lane = found->second;
    lane.sending = false;
    lane.lastTry = m_parts.timers.clock().now();
    lane.notBefore = {};
    advanceSoon(name);
    const QString why = lane.secrets.redacted(attempt.why);
    if (attempt.outcome == Attempt::Outcome::Later)
        return postpone(name, lane, attempt, why);
    const Entry entry = take(lane, 0);
    if (attempt.outcome == Attempt::Outcome::Delivered) {
        if (entry.queued.attempts > 0)
            qCInfo(notifyLog).noquote() << QStringLiteral("%1 has it now, at try %2")
                                               .arg(name)
                                               .arg(entry.queued.attempts + 1);
        if (entry.done)
            entry.done({});
    } else if (entry.done) {
        entry.done({ Delivery::State::Refused, why });
    } else {
        m_parts.givenUp(name, 1, why);
    }
}

void Dispatcher::postpone(
    const QString &name, Lane &lane, const Attempt &attempt, const QString &why)
{
    const QDateTime now = lane.lastTry;
    const QDateTime wished
        = std::max(plus(now, attempt.wait), attempt.notBefore.isValid() ? attempt.notBefore : now);
    lane.notBefore = std::min(wished, plus(now, longestPause));
    QueuedNotification &first = lane.entries.front().queued;
    ++first.attempts;
    const QDateTime last = plus(first.created, tryingFor);
    first.nextTry = std::min(std::max(plus(now, pauseAfter(first.attempts)), lane.notBefore), last);
    if (last > now) {
        warn(m_store.update(first), "Noting a try");
        qCWarning(notifyLog).noquote() << QStringLiteral("Telling %1 failed: %2; try %3 is at %4")
                                              .arg(name, why)
                                              .arg(first.attempts + 1)
                                              .arg(first.nextTry.toString(Qt::ISODate));
    }
    QList<Done> waiting;
    for (Entry &entry : lane.entries)
        waiting.append(std::exchange(entry.done, {}));
    if (last <= now)
        giveUpOld(name, lane, why);
    for (const Done &done : waiting) {
        if (done)
            done({ Delivery::State::Queued, why });
    }
}

// The other side does not answer, so the others that are as old need not be tried.
void Dispatcher::giveUpOld(const QString &name, Lane &lane, const QString &why)
{
    const QDateTime now = m_parts.timers.clock().now();
    int count = 0;
    while (!lane.entries.empty() && plus(lane.entries.front().queued.created, tryingFor) <= now) {
        take(lane, 0);
        ++count;
    }
    m_parts.givenUp(name, count, why);
}

void Dispatcher::makeRoom()
{
    while (m_count > mostWaiting || m_bytes > mostBytes) {
        const QString *oldestName = nullptr;
        Lane *oldest = nullptr;
        for (auto &[name, lane] : m_lanes) {
            const size_t index = lane.sending ? 1 : 0;
            const auto serialAt = [](const Lane &of, size_t at) { return of.entries[at].serial; };
            if (lane.entries.size() <= index)
                continue;
            if (!oldest || serialAt(lane, index) < serialAt(*oldest, oldest->sending ? 1 : 0)) {
                oldest = &lane;
                oldestName = &name;
            }
        }
        if (!oldest)
            break;
        const Entry gone = take(*oldest, oldest->sending ? 1 : 0);
        ++m_dropped[*oldestName];
        if (gone.done)
            gone.done({ Delivery::State::Refused,
                QStringLiteral("Too many notifications wait to be delivered") });
    }
    sayDropped();
}

void Dispatcher::sayDropped()
{
    const QDateTime now = m_parts.timers.clock().now();
    if (m_dropped.empty() || (m_droppedSaid.isValid() && plus(m_droppedSaid, longestPause) > now))
        return;
    m_droppedSaid = now;
    const auto dropped = std::exchange(m_dropped, {});
    for (const auto &[name, count] : dropped)
        m_parts.givenUp(name, count,
            QStringLiteral("more waited than the %1 that are kept, so the oldest went")
                .arg(mostWaiting));
}

Dispatcher::Entry Dispatcher::take(Lane &lane, qsizetype index)
{
    Entry entry = std::move(lane.entries[size_t(index)]);
    lane.entries.erase(lane.entries.begin() + index);
    --m_count;
    m_bytes -= entry.bytes;
    if (entry.queued.id > 0)
        warn(m_store.remove(entry.queued.id),
            "Forgetting a notification, which may come again after a restart");
    return entry;
}

} // namespace hubkeep::notify
