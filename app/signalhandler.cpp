#include "app/signalhandler.h"

#include <csignal>

namespace hubkeep {
namespace {

sigset_t handledSignals()
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : { SIGINT, SIGTERM, SIGHUP }) {
        // Who started us with SIGHUP ignored (nohup) meant it. Shells ignore SIGINT for what
        // they start in the background, which is not meant for those who send it by hand.
        struct sigaction action;
        if (signal != SIGHUP || sigaction(signal, nullptr, &action) != 0
            || action.sa_handler != SIG_IGN)
            sigaddset(&blocked, signal);
    }
    return blocked;
}

// Wakes the waiting thread when the program ends by itself.
constexpr int endSignal = SIGUSR2;

} // namespace

SignalHandler::SignalHandler(JobControl &control)
{
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is a failed write, with a sentence
    sigset_t blocked = handledSignals();
    sigaddset(&blocked, endSignal);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    m_thread = std::thread([&control, blocked] {
        int signal = 0;
        while (sigwait(&blocked, &signal) == 0 && signal != endSignal)
            control.cancel();
    });
}

SignalHandler::~SignalHandler()
{
    pthread_kill(m_thread.native_handle(), endSignal);
    m_thread.join();
}

} // namespace hubkeep
