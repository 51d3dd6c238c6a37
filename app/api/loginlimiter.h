// Who may try a password: five wrong ones from one address within a minute are enough.
//
//     if (const auto wait = limiter.begin(address, now))
//         …   // 429, come back in *wait
//     … verify …
//     if (right)
//         limiter.succeeded(address);
//
// An attempt counts from its beginning, so that many at once are no way around. Addresses of
// one IPv6 network (/64) are one. Main thread.

#pragma once

#include <QDateTime>
#include <QHash>
#include <QHostAddress>

#include <chrono>
#include <optional>

namespace hubkeep::api {

class LoginLimiter
{
public:
    static constexpr int Attempts = 5;

    // How long to wait, where this one has to.
    std::optional<std::chrono::seconds> begin(const QHostAddress &address, const QDateTime &now);
    void succeeded(const QHostAddress &address);

private:
    void forgetOld(const QDateTime &now);

    QHash<QHostAddress, QList<QDateTime>> m_attempts; // oldest first
};

} // namespace hubkeep::api
