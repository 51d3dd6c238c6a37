// The seam of the notify integration: one way to tell people something.
//
//     notifier->send({ "Backup", "It failed", {} }, [](const Attempt &attempt) { … });
//
// Main thread; nothing in it blocks. Destroying a notifier ends what it is doing: done is not
// called any more, and nobody knows whether the message arrived.

#pragma once

#include <QDateTime>
#include <QString>
#include <QStringList>
#include <QVariantMap>

#include <chrono>
#include <functional>

namespace hubkeep::notify {

struct Notification
{
    QString title; // empty: none
    QString message;
    QVariantMap data {}; // as the action's caller wrote it; each type takes what it knows
    QStringList targets {};

    bool operator==(const Notification &) const = default;
};

// One notifier as hubkeep.yaml or the API say it.
struct NotifierConfig
{
    QString name; // "ops": the action notify.ops
    QString type; // "ntfy"
    QVariantMap options; // as written, name and type included
    bool fromFile = true; // else from the API, and changed through it
    QStringList secret {}; // options that came by !secret, whatever they are

    bool operator==(const NotifierConfig &) const = default;
};

// How a try to deliver ended.
struct Attempt
{
    enum class Outcome {
        Delivered,
        Later, // trying again may help
        Never, // it will not
    };
    Outcome outcome = Outcome::Delivered;
    QString why {}; // a sentence, unless delivered; may hold secrets until Secrets::redacted()
    // Not before then, where the other side said so: both, or neither.
    std::chrono::seconds wait { 0 };
    QDateTime notBefore {};
};

class Notifier
{
public:
    using Done = std::function<void(const Attempt &attempt)>;

    Notifier() = default;
    Notifier(const Notifier &) = delete;
    Notifier &operator=(const Notifier &) = delete;
    virtual ~Notifier() = default;

    // One at a time. done is called once, perhaps from inside send(), within about a minute.
    virtual void send(const Notification &notification, Done done) = 0;
};

} // namespace hubkeep::notify
