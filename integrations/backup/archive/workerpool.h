// A few threads that run tasks in the order they were given.
//
// The job thread hands out tasks and takes their results in its own order, with
// only so many under way that memory stays bounded. std::thread rather than
// QThreadPool because thread sanitizers see all of it.
//
//     OrderedResults<Packed> results(pool, 8);
//     while (...) {
//         if (results.isFull())
//             write(results.take());
//         results.add([=] { return pack(...); });
//     }

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace hubkeep::backup {

class WorkerPool
{
public:
    // 0 threads: as many as the machine has processors, 2 at least.
    explicit WorkerPool(unsigned threads = 0);

    // Finishes the tasks that were given, then ends the threads.
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    unsigned threads() const { return unsigned(m_threads.size()); }

    // Any thread. Tasks must not wait for tasks.
    template <typename F>
    auto run(F task) -> std::future<std::invoke_result_t<F &>>
    {
        using R = std::invoke_result_t<F &>;
        auto packaged = std::make_shared<std::packaged_task<R()>>(std::move(task));
        std::future<R> future = packaged->get_future();
        post([packaged] { (*packaged)(); });
        return future;
    }

private:
    void post(std::function<void()> task);
    void work();

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks;
    bool m_ending = false;
    std::vector<std::thread> m_threads;
};

// Results in the order in which their tasks were added. One thread uses it.
template <typename T>
class OrderedResults
{
public:
    OrderedResults(WorkerPool &pool, size_t capacity)
        : m_pool(pool)
        , m_capacity(capacity)
    {
    }
    // Tasks may refer to what their owner is about to destroy.
    ~OrderedResults()
    {
        for (auto &future : m_futures)
            future.wait();
    }
    OrderedResults(const OrderedResults &) = delete;
    OrderedResults &operator=(const OrderedResults &) = delete;

    bool isEmpty() const { return m_futures.empty(); }
    bool isFull() const { return m_futures.size() >= m_capacity; }

    template <typename F>
    void add(F task)
    {
        m_futures.push_back(m_pool.run(std::move(task)));
    }

    // Waits for the oldest. Requires !isEmpty().
    T take()
    {
        std::future<T> oldest = std::move(m_futures.front());
        m_futures.pop_front();
        return oldest.get();
    }

private:
    WorkerPool &m_pool;
    const size_t m_capacity;
    std::deque<std::future<T>> m_futures;
};

} // namespace hubkeep::backup
