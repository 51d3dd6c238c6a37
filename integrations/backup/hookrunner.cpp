#include "integrations/backup/hookrunner.h"

#include "automation/core/childprocess.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QLoggingCategory>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(hookLog, "hubkeep.backup.hooks")

constexpr int pollMilliseconds = 50;
constexpr std::chrono::milliseconds grace(2000); // between SIGTERM and SIGKILL
constexpr qsizetype keptOutput = 2048;

// Arguments and output may hold passwords: they are for the log, not for everybody who may see
// how a backup went.
Error failed(const HookCommand &hook, const Error &error, const QByteArray &output)
{
    qCWarning(hookLog).noquote().nospace()
        << "The hook '" << hook.command.join(u' ') << "' failed" << whatItSaid(output);
    return error;
}

} // namespace

Result<void> runHook(const HookCommand &hook, JobControl &control)
{
    const QString name
        = QStringLiteral("The hook '%1'").arg(QFileInfo(hook.command.first()).fileName());
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    const Result<void> started = startChild(process, hook.command, QIODevice::ReadOnly);
    if (!started)
        return failed(hook, started.error().in(name), {});
    QElapsedTimer timer;
    timer.start();
    QByteArray output;
    while (!process.waitForFinished(pollMilliseconds) && process.state() != QProcess::NotRunning) {
        output = (output + process.readAll()).right(keptOutput);
        if (control.cancelled()) {
            endChild(process, grace);
            return JobControl::cancelledError();
        }
        if (timer.hasExpired(hook.timeout.count())) {
            endChild(process, grace);
            return failed(hook,
                { ErrorCode::Unavailable,
                    QStringLiteral("%1 did not end within %2 s and was stopped; give it more time "
                                   "with `timeout`")
                        .arg(name)
                        .arg(double(hook.timeout.count()) / 1000) },
                output);
        }
    }
    output = (output + process.readAll()).right(keptOutput);
    const Result<void> ended = childResult(process, name, {});
    if (ended)
        return ended;
    return failed(hook,
        { ended.error().code,
            ended.error().message + QStringLiteral("; the log has what it said") },
        output);
}

} // namespace hubkeep::backup
