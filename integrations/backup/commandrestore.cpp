#include "integrations/backup/commandrestore.h"

#include "automation/core/filedescriptor.h"

#include <csignal>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr int pollMilliseconds = 100;
constexpr qsizetype keptErrorOutput = 4096;

} // namespace

CommandInput::CommandInput(
    QStringList command, std::chrono::milliseconds timeout, JobControl &control)
    : m_command(std::move(command))
    , m_deadline(timeout)
    , m_control(control)
{
}

CommandInput::~CommandInput()
{
    stop();
}

Result<void> CommandInput::start()
{
    m_process.setStandardOutputFile(QProcess::nullDevice());
    m_process.setChildProcessModifier([] {
        ::setpgid(0, 0); // so that what the command starts ends with it
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
    });
    m_process.start(m_command.first(), m_command.mid(1));
    if (!m_process.waitForStarted())
        return Error { ErrorCode::NotFound,
            QStringLiteral("Starting %1: %2; is it installed and in the PATH?")
                .arg(m_command.first(), m_process.errorString()) };
    return {};
}

Result<void> CommandInput::mayGoOn()
{
    keepErrorOutput();
    if (m_control.cancelled()) {
        stop();
        return JobControl::cancelledError();
    }
    if (m_deadline.hasExpired()) {
        stop();
        return Error { ErrorCode::Unavailable,
            QStringLiteral("%1 took too long and was stopped%2")
                .arg(m_command.first(),
                    m_errorOutput.isEmpty()
                        ? QString()
                        : QStringLiteral("; it said: ") + displayName(m_errorOutput.trimmed())) };
    }
    return {};
}

Result<void> CommandInput::write(std::span<const char> bytes)
{
    if (m_process.state() == QProcess::NotRunning)
        return {};
    m_process.write(bytes.data(), qint64(bytes.size()));
    while (m_process.bytesToWrite() > 0 && m_process.state() != QProcess::NotRunning) {
        const Result<void> goOn = mayGoOn();
        if (!goOn)
            return goOn;
        m_process.waitForBytesWritten(pollMilliseconds);
    }
    return mayGoOn();
}

Result<void> CommandInput::finish()
{
    m_process.closeWriteChannel();
    while (
        m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(pollMilliseconds)) {
        const Result<void> goOn = mayGoOn();
        if (!goOn)
            return goOn;
    }
    keepErrorOutput();
    const QString said = displayName(m_errorOutput.trimmed());
    const QString tail = said.isEmpty() ? QString() : QStringLiteral("; it said: ") + said;
    if (m_process.exitStatus() == QProcess::CrashExit)
        return Error { ErrorCode::Io,
            QStringLiteral("%1 was ended by a signal%2").arg(m_command.first(), tail) };
    if (m_process.exitCode() != 0)
        return Error { ErrorCode::Io,
            QStringLiteral("%1 ended with exit status %2%3")
                .arg(m_command.first())
                .arg(m_process.exitCode())
                .arg(tail) };
    return {};
}

void CommandInput::keepErrorOutput()
{
    m_errorOutput = (m_errorOutput + m_process.readAllStandardError()).right(keptErrorOutput);
}

void CommandInput::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    const auto group = pid_t(m_process.processId());
    ::kill(-group, SIGTERM);
    m_process.waitForFinished(500);
    ::kill(-group, SIGKILL); // and what it started, if that goes on
    m_process.waitForFinished();
}

} // namespace hubkeep::backup
