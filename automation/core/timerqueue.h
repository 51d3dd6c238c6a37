// Calls things back when their time has come: by the calendar, or after a while.
//
//     m_timer = timers.after(5min, [this] { … });          // goes on through a clock change
//     m_timer = timers.at(nextRun, [this] { … });          // follows the clock
//
// Never early. Where the clock was set or the machine slept, what is due by then comes at once,
// each once, in the order of its time; whoever needs to know listens to clockChanged. Callbacks
// may add and drop timers. Tests set their clock and call wake().
//
// Main thread. Needs an event loop for anything to happen by itself.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/filedescriptor.h"

#include <QObject>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

QT_FORWARD_DECLARE_CLASS(QSocketNotifier)

namespace hubkeep {

// Owning one keeps the call due. May outlive the queue.
class [[nodiscard]] Timer
{
public:
    Timer() = default; // nothing is due
    bool isActive() const;

private:
    friend class TimerQueue;
    struct Call;
    explicit Timer(std::shared_ptr<Call> call);
    std::shared_ptr<Call> m_call; // the queue holds it weakly
};

class TimerQueue : public QObject
{
    Q_OBJECT

public:
    // clock must outlive the queue.
    explicit TimerQueue(const Clock &clock, QObject *parent = nullptr);
    ~TimerQueue() override;

    Timer at(const QDateTime &time, std::function<void()> call);
    Timer after(std::chrono::milliseconds time, std::function<void()> call);

    const Clock &clock() const { return m_clock; }
    // How long until something is due; zero: it is. Nothing: there is nothing.
    std::optional<std::chrono::milliseconds> untilNext() const;

    void wake(); // calls what is due; by itself when it should be

signals:
    // The wall clock went by this much more than time passed: somebody set it. (What was missed
    // by sleeping just comes late.) Emitted before what became due by it is called.
    void clockChanged(std::chrono::milliseconds by);

private:
    friend class Timer;
    struct Schedule;

    Timer add(bool byClock, qint64 due, std::function<void()> call);
    void noticeClockChange();
    void arm();

    const Clock &m_clock;
    const std::shared_ptr<Schedule> m_schedule;
    qint64 m_clockAhead; // of uptime, in milliseconds
    bool m_waking = false;
    qint64 m_armed; // the uptime that the kernel will wake us at
    FileDescriptor m_kernelTimer;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace hubkeep
