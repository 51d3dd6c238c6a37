#include "integrations/backup/commandrestore.h"

#include "automation/core/childprocess.h"

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
    return startChild(m_process, m_command, QIODevice::ReadWrite);
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
                .arg(m_command.first(), whatItSaid(m_errorOutput)) };
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
    return childResult(m_process, m_command.first(), m_errorOutput);
}

void CommandInput::keepErrorOutput()
{
    m_errorOutput = (m_errorOutput + m_process.readAllStandardError()).right(keptErrorOutput);
}

void CommandInput::stop()
{
    endChild(m_process);
}

} // namespace hubkeep::backup
