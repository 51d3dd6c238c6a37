#include "app/pinger.h"

#include <QLoggingCategory>

#include <iterator>

namespace hubkeep {
namespace {

using namespace std::chrono_literals;

Q_LOGGING_CATEGORY(pingLog, "hubkeep.ping")

constexpr int mostTries = 5;
constexpr std::chrono::seconds firstWait = 10s;

} // namespace

void Pinger::ping(const QString &url, const QByteArray &body)
{
    m_sendings.push_back({ url, body });
    send(std::prev(m_sendings.end()));
}

void Pinger::send(Place sending)
{
    ++sending->tries;
    sending->exchange
        = m_client.send({ "POST", QUrl(sending->url),
                            { { "Content-Type", "text/plain; charset=utf-8" } }, sending->body },
            [this, sending](const notify::Attempt &attempt) { take(sending, attempt); });
}

// The exchange is still at it: what ends it comes a moment later.
void Pinger::take(Place sending, const notify::Attempt &attempt)
{
    const bool again
        = attempt.outcome == notify::Attempt::Outcome::Later && sending->tries < mostTries;
    if (attempt.outcome != notify::Attempt::Outcome::Delivered)
        qCWarning(pingLog).noquote() // the rest of the address is a secret
            << QStringLiteral("Telling %1 of the backup: %2%3")
                   .arg(notify::hostOf(QUrl(sending->url)), attempt.why,
                       again ? QStringLiteral("; it is tried again") : QString());
    if (!again) {
        sending->wait = m_timers.after(0ms, [this, sending] { m_sendings.erase(sending); });
        return;
    }
    sending->wait = m_timers.after(
        firstWait * (1 << (sending->tries - 1)), [this, sending] { send(sending); });
}

} // namespace hubkeep
