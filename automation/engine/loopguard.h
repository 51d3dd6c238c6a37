// Notices automations that trigger themselves, alone or in a ring: each run knows how many runs
// led to it.
//
//     if (!guard.enter(fired.context, run.context, now)) …   // the chain is cut here
//
// A chain that takes its time, such as a state that an automation sets anew each hour, is none.
// Main thread.

#pragma once

#include "automation/core/context.h"

#include <QDateTime>
#include <QHash>
#include <QQueue>

#include <chrono>
#include <memory>

namespace hubkeep::automation {

class LoopGuard
{
public:
    // Within this time:
    static constexpr std::chrono::seconds window { 60 };
    static constexpr int deepest = 100; // runs, each because of the one before
    static constexpr int most = 10'000; // runs because of one: a chain may branch
    static constexpr qsizetype mostRemembered = 10'000;

    // Whether a run because of cause may begin; run is then remembered.
    bool enter(const Context &cause, const Context &run, const QDateTime &now);

private:
    struct Chain
    {
        QDateTime began;
        int runs = 0;
    };
    struct Link
    {
        int depth = 0;
        std::shared_ptr<Chain> chain;
    };
    QHash<QString, Link> m_links; // by the run's context
    QQueue<QString> m_order;
};

} // namespace hubkeep::automation
