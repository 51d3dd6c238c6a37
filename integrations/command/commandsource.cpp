#include "integrations/command/commandsource.h"

#include "automation/core/childprocess.h"

namespace hubkeep::command {

using namespace hubkeep::backup;

namespace {

constexpr int pollMilliseconds = 100;
constexpr qsizetype keptErrorOutput = 4096;

class CommandOutput final : public ByteStream
{
public:
    CommandOutput(QStringList command, JobControl &control)
        : m_command(std::move(command))
        , m_control(control)
    {
    }
    ~CommandOutput() override { stop(); }

    Result<void> start()
    {
        m_process.setStandardInputFile(QProcess::nullDevice());
        return startChild(m_process, m_command, QIODevice::ReadOnly);
    }

    Result<qsizetype> read(std::span<char> buffer) override
    {
        qsizetype done = 0;
        m_process.setReadChannel(QProcess::StandardOutput);
        while (done < qsizetype(buffer.size())) {
            if (m_control.cancelled()) {
                stop();
                return JobControl::cancelledError();
            }
            const qint64 n = m_process.read(buffer.data() + done, qint64(buffer.size()) - done);
            done += std::max<qint64>(n, 0);
            keepErrorOutput();
            if (n > 0)
                continue;
            if (m_process.state() == QProcess::NotRunning && m_process.bytesAvailable() == 0)
                break;
            m_process.waitForReadyRead(pollMilliseconds);
        }
        return done;
    }

    Result<void> finish() override
    {
        while (!m_process.waitForFinished(pollMilliseconds)
            && m_process.state() != QProcess::NotRunning) {
            if (m_control.cancelled()) {
                stop();
                return JobControl::cancelledError();
            }
        }
        keepErrorOutput();
        return childResult(m_process, m_command.first(), m_errorOutput);
    }

private:
    void keepErrorOutput()
    {
        m_errorOutput = (m_errorOutput + m_process.readAllStandardError()).right(keptErrorOutput);
    }

    void stop() { endChild(m_process); }

    const QStringList m_command;
    JobControl &m_control;
    QProcess m_process;
    QByteArray m_errorOutput;
};

} // namespace

Result<std::unique_ptr<SourceReader>> CommandSource::open(const SourceContext &) const
{
    if (m_config.dump.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The source %1 names no command").arg(m_config.name) };
    SourceItem item;
    item.kind = ItemKind::Stream;
    item.path = m_config.file;
    item.openStream
        = [command = m_config.dump](JobControl &control) -> Result<std::unique_ptr<ByteStream>> {
        auto output = std::make_unique<CommandOutput>(command, control);
        const Result<void> started = output->start();
        if (!started)
            return started.error();
        return std::unique_ptr<ByteStream>(std::move(output));
    };
    return std::unique_ptr<SourceReader>(new OneItemReader(std::move(item)));
}

} // namespace hubkeep::command
