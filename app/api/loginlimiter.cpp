#include "app/api/loginlimiter.h"

#include <algorithm>

namespace hubkeep::api {

namespace {

constexpr qint64 WindowMs = 60'000;
constexpr qsizetype MostAddresses = 10'000;

QHostAddress keyOf(const QHostAddress &address)
{
    bool isIPv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIPv4);
    if (isIPv4)
        return QHostAddress(ipv4);
    Q_IPV6ADDR bytes = address.toIPv6Address();
    std::fill(std::begin(bytes.c) + 8, std::end(bytes.c), quint8(0));
    return QHostAddress(bytes);
}

bool isOld(const QDateTime &attempt, const QDateTime &now)
{
    return attempt.msecsTo(now) >= WindowMs || now < attempt; // or the clock was set back
}

} // namespace

std::optional<std::chrono::seconds> LoginLimiter::begin(
    const QHostAddress &address, const QDateTime &now)
{
    const QHostAddress key = keyOf(address);
    if (m_attempts.size() >= MostAddresses && !m_attempts.contains(key)) {
        forgetOld(now);
        if (m_attempts.size() >= MostAddresses) // somebody has a great many addresses
            return std::chrono::seconds(60);
    }
    QList<QDateTime> &attempts = m_attempts[key];
    attempts.removeIf([&now](const QDateTime &attempt) { return isOld(attempt, now); });
    if (attempts.size() >= Attempts) {
        const qint64 left = WindowMs - attempts.first().msecsTo(now);
        return std::chrono::seconds((left + 999) / 1000);
    }
    attempts.append(now);
    return std::nullopt;
}

void LoginLimiter::succeeded(const QHostAddress &address)
{
    const auto attempts = m_attempts.find(keyOf(address));
    if (attempts == m_attempts.end())
        return;
    if (!attempts->isEmpty())
        attempts->removeLast();
    if (attempts->isEmpty())
        m_attempts.erase(attempts);
}

void LoginLimiter::forgetOld(const QDateTime &now)
{
    m_attempts.removeIf([&now](QHash<QHostAddress, QList<QDateTime>>::iterator entry) {
        return entry->isEmpty() || isOld(entry->last(), now);
    });
}

} // namespace hubkeep::api
