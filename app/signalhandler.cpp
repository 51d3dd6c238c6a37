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
    m_thread = std::thread([this, &control, blocked] {
        int signal = 0;
        while (sigwait(&blocked, &signal) == 0 && signal != endSignal) {
            const std::lock_guard locked(m_mutex);
            if (m_callback)
                m_callback(signal);
            else
                control.cancel();
        }
    });
}

void SignalHandler::setCallback(std::function<void(int signal)> callback)
{
    const std::lock_guard locked(m_mutex);
    m_callback = std::move(callback);
}

SignalHandler::~SignalHandler()
{
    pthread_kill(m_thread.native_handle(), endSignal);
    m_thread.join();
}

} // namespace hubkeep
