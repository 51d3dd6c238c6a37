#include "automation/core/mainthreadcalls.h"

#include <QCoreApplication>
#include <QEvent>
#include <QObject>

#include <deque>
#include <mutex>
#include <utility>

namespace hubkeep {

// The event that wakes the main thread is itself memory of the poster's: it is made and posted
// under the mutex, and looked at only after that has been locked.
class MainThreadCalls::Queue final : public QObject
{
public:
    ~Queue() override
    {
        const std::lock_guard locked(m_mutex); // sees what was posted last
    }

    void post(std::function<void()> call)
    {
        const std::lock_guard locked(m_mutex);
        m_calls.push_back(std::move(call));
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    }

protected:
    bool event(QEvent *event) override
    {
        std::unique_lock locked(m_mutex);
        if (event->type() != QEvent::User) {
            locked.unlock();
            return QObject::event(event);
        }
        const std::function<void()> call = std::move(m_calls.front());
        m_calls.pop_front();
        locked.unlock();
        call(); // may post, and run an event loop of its own, but not destroy this
        return true;
    }

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_calls; // as many as events of ours are under way
};

MainThreadCalls::MainThreadCalls()
    : m_queue(std::make_unique<Queue>())
{
}

MainThreadCalls::~MainThreadCalls() = default;

void MainThreadCalls::post(std::function<void()> call)
{
    m_queue->post(std::move(call));
}

} // namespace hubkeep
