// Who may render when: what clients follow by templates is rendered one at a time, a turn of the
// event loop for each, and user by user, so that others are answered in between.
//
//     m_seat = turns.take(user, { [this] { … }, [this] { … } });   // null: the user has too many
//     m_seat->ask();                                               // once, soon
//
// A user has so many seats and so much of the processor's time a second, whatever the number of
// connections. Who has used it up waits until there is some again, and is told: `late`, once for
// each time that a seat was asked and has to wait, and the log, once a minute.
//
// Main thread; outlives its seats. A seat may go by its own `render`, not by `late`.

#pragma once

#include "app/accounts.h"
#include "automation/core/clock.h"
#include "automation/core/processortime.h"

#include <QString>
#include <QTimer>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace hubkeep::api {

class RenderTurns
{
public:
    struct Limits
    {
        int seats = 200; // of one user
        std::chrono::milliseconds perSecond { 200 }; // of one user, by the processor's clock
        std::chrono::milliseconds saved { 300 }; // at most, by one who did not use it
    };
    struct Calls
    {
        std::function<void()> render;
        std::function<void()> late;
    };
    using ProcessorTime = std::function<std::chrono::nanoseconds()>;

    // clock outlives it.
    RenderTurns(const Clock &clock, const Limits &limits,
        ProcessorTime processorTime = hubkeep::processorTime);

    class Seat;
    std::unique_ptr<Seat> take(const User &user, Calls calls);

    const Limits &limits() const { return m_limits; }

private:
    struct Account
    {
        QString name;
        int seats = 0;
        std::chrono::nanoseconds left { 0 };
        std::chrono::milliseconds filled { 0 }; // when, by uptime
        std::deque<Seat *> waiting {};
        std::chrono::milliseconds said { -1 }; // when its being late was logged; -1: never
    };

    void fill(Account &account) const;
    Account *next();
    void turn();
    void makeWait(Account &account);

    const Clock &m_clock;
    const Limits m_limits;
    const ProcessorTime m_processorTime;
    std::map<QString, Account> m_accounts; // by the user's id; stays, or time would be given twice
    QString m_last; // whose turn it was
    QTimer m_timer;
};

class RenderTurns::Seat
{
public:
    Seat(RenderTurns &turns, Account &account, Calls calls);
    Seat(const Seat &) = delete;
    Seat &operator=(const Seat &) = delete;
    ~Seat();

    void ask(); // more than once before its turn is the same as once

private:
    friend class RenderTurns;
    RenderTurns &m_turns;
    Account &m_account;
    const Calls m_calls;
    bool m_isWaiting = false;
    bool m_isLate = false; // and told so
};

} // namespace hubkeep::api
