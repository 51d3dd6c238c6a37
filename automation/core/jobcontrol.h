// The one object a long job shares between the thread that watches and the
// threads that work.
//
// The workers count and look; the watcher samples and cancels. Progress is
// polled, not pushed: a worker bumps atomics as fast as it likes and the watcher
// reads them on a timer, so a million small files cannot flood anybody with a
// million messages.
//
// Thread-safe. Share it with std::shared_ptr, or let it outlive the job.

#pragma once

#include "automation/core/result.h"

#include <atomic>
#include <stop_token>

namespace hubkeep {

struct Progress
{
    const char *stage = ""; // what is being done: "Reading", "Verifying"; a literal
    qint64 doneBytes = 0; // within the stage
    qint64 totalBytes = 0; // 0 while still unknown
    qint64 doneItems = 0;
    qint64 totalItems = 0; // 0 while still unknown
};

class JobControl
{
public:
    void cancel() { m_stop.request_stop(); }
    bool cancelled() const { return m_stop.stop_requested(); }

    // For the few callees that must be woken rather than polled, such as a
    // child process: std::stop_callback on this token ends it.
    std::stop_token stopToken() const { return m_stop.get_token(); }

    // Starts counting from zero. stage must be a string literal.
    void enterStage(const char *stage, qint64 totalBytes = 0, qint64 totalItems = 0)
    {
        m_doneBytes = 0;
        m_doneItems = 0;
        m_totalBytes = totalBytes;
        m_totalItems = totalItems;
        m_stage = stage;
    }
    void expect(qint64 bytes) { m_totalBytes = bytes; } // once it is known
    void advance(qint64 bytes) { m_doneBytes.fetch_add(bytes, std::memory_order_relaxed); }
    void finishItem() { m_doneItems.fetch_add(1, std::memory_order_relaxed); }

    Progress progress() const
    {
        return { m_stage, m_doneBytes, m_totalBytes, m_doneItems, m_totalItems };
    }

    // What a job returns when cancelled() became true.
    static Error cancelledError()
    {
        return { ErrorCode::Cancelled, QStringLiteral("Interrupted; nothing was left behind") };
    }

private:
    std::stop_source m_stop;
    std::atomic<const char *> m_stage = "";
    std::atomic<qint64> m_doneBytes = 0;
    std::atomic<qint64> m_totalBytes = 0;
    std::atomic<qint64> m_doneItems = 0;
    std::atomic<qint64> m_totalItems = 0;
};

} // namespace hubkeep
