// Brings notifications to their notifiers, in order, and keeps trying.
//
//     dispatcher.setNotifier("ops", std::move(notifier), Secrets::of(config));
//     dispatcher.send("ops", notification, [](const Delivery &delivery) { … });
//
// Each notification is in data/state.db before it is tried, and leaves that when it is delivered
// or given up: at least once. One that was under way when the hub stopped is sent again, as
// nobody knows whether it arrived. Where the database takes nothing (a full disk is worth a
// message), it is sent from memory alone.
//
// A notifier gets one at a time, the oldest first; what waits behind one that fails waits with it.
// What fails is tried again after 30 to 40 seconds, then after about twice as long each time, up
// to an hour, and not before the other side wishes (Retry-After, an hour at most). A new
// notification, 30 seconds after the last try, and a changed notifier are reasons to try at once.
// After 48 hours, or when trying does not help, it is given up. 10,000 wait at most, of 32 MiB;
// beyond, the oldest go.
//
// Main thread. Everything in Parts outlives it.

#pragma once

#include "automation/core/timerqueue.h"
#include "integrations/notify/deliverystore.h"
#include "integrations/notify/notifier.h"
#include "integrations/notify/secrets.h"

#include <QObject>

#include <deque>
#include <map>
#include <memory>

namespace hubkeep::notify {

// What became of a notification, as far as its sender waits: until it was tried once, ten
// seconds at most.
struct Delivery
{
    enum class State {
        Delivered,
        Queued, // why it was not delivered yet
        Refused, // and it will not be tried again
    };
    State state = State::Delivered;
    QString why {}; // without secrets
};

class Dispatcher : public QObject
{
    Q_OBJECT

public:
    using Done = std::function<void(const Delivery &delivery)>;

    struct Parts
    {
        StateDatabase &state;
        TimerQueue &timers;
        // So many to notifier never arrived, and why. Not for those that send() answers Refused.
        std::function<void(const QString &notifier, int count, const QString &why)> givenUp;
    };

    explicit Dispatcher(Parts parts);
    ~Dispatcher() override; // whoever waits is not told any more

    Result<void> load(); // what waits from before; nothing is tried before start()
    void start();

    // One of that name is replaced, and what waits for it tried at once.
    void setNotifier(const QString &name, std::unique_ptr<Notifier> notifier, Secrets secrets);
    // What waits for it goes on waiting for one of that name, or is dropped; how much it was.
    int removeNotifier(const QString &name, bool drop);

    // Requires a notifier of that name. done is called once, perhaps from inside send().
    void send(const QString &name, const Notification &notification, Done done);

    int waiting(const QString &name) const;

    static constexpr qsizetype mostWaiting = 10'000;
    static constexpr qsizetype mostBytes = 32 * 1024 * 1024;

private:
    struct Entry
    {
        qint64 serial = 0; // of this run
        QueuedNotification queued;
        qsizetype bytes = 0;
        Done done {}; // empty: nobody waits any more
        Timer patience {};
    };
    struct Lane
    {
        std::unique_ptr<Notifier> notifier {}; // null: there is none of that name now
        Secrets secrets {};
        std::deque<Entry> entries {};
        bool sending = false; // the first one
        qint64 turn = 0; // which try; one of a replaced notifier does not count
        QDateTime lastTry {};
        QDateTime notBefore {}; // as the other side wishes
        Timer timer {};
    };

    void advance(const QString &name); // tries the first one, or waits for its time
    void advanceSoon(const QString &name);
    void finished(const QString &name, qint64 turn, const Attempt &attempt);
    void postpone(const QString &name, Lane &lane, const Attempt &attempt, const QString &why);
    void giveUpOld(const QString &name, Lane &lane, const QString &why);
    void makeRoom();
    void sayDropped();
    Entry take(Lane &lane, qsizetype index); // out of the lane and the database
    void loseInterest(const QString &name, qint64 serial);

    const Parts m_parts;
    DeliveryStore m_store;
    std::map<QString, Lane> m_lanes;
    qsizetype m_count = 0;
    qsizetype m_bytes = 0;
    qint64 m_lastSerial = 0;
    bool m_started = false;
    std::map<QString, int> m_dropped; // since it was last said
    QDateTime m_droppedSaid;
};

} // namespace hubkeep::notify
