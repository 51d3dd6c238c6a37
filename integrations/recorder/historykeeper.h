// Keeps history.db open and writes into it, whatever becomes of the file: a damaged one is moved
// aside and begun again, one that was deleted or replaced is opened anew, and what cannot be
// written, because the disk is full or somebody else holds the file, waits.
//
// Made anywhere; everything but waiting() belongs to the one thread that uses it, where close()
// is called last.

#pragma once

#include "integrations/recorder/history.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>

namespace hubkeep::recorder {

class HistoryKeeper
{
public:
    static constexpr size_t mostWaiting = 100'000; // beyond, the oldest are lost

    // warn is called with sentences for the log, each once until it is no longer so; reopened when
    // another file took the place of the one before, and may not know what is present.
    HistoryKeeper(QString path, std::function<void(const QString &sentence)> warn,
        std::function<void()> reopened);
    ~HistoryKeeper(); // requires close(), where anything was used

    // Tries to write all that waits, and these.
    void write(std::vector<Event> events);
    // The same, but for what the file has already; all of them are states.
    void writePresent(std::vector<Event> states);
    // How many could not be written yet; any thread.
    size_t waiting() const { return m_count; }

    // Ready to be read; as fresh as write() could make it.
    Result<History *> history();
    // Begins again where error says that the file is damaged.
    void take(const Error &error);

    void close();

private:
    Result<void> open();
    Result<void> writeAll();
    void tellOfFailure(const Error &error);
    void tellOfLargeOnes();
    void dropOldest();

    const QString m_path;
    const std::function<void(const QString &)> m_warn;
    const std::function<void()> m_reopened;
    bool m_wasOpen = false;
    std::unique_ptr<History> m_history;
    std::deque<std::vector<Event>> m_waiting;
    std::atomic<size_t> m_count = 0; // of what waits
    size_t m_lost = 0; // since it was last said
    bool m_failing = false; // and said so
    QSet<QString> m_saidTooLarge;
};

} // namespace hubkeep::recorder
