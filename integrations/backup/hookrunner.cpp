#include "integrations/backup/hookrunner.h"

#include "automation/core/childprocess.h"

#include <QElapsedTimer>

namespace hubkeep::backup {
namespace {

constexpr int pollMilliseconds = 50;
constexpr std::chrono::milliseconds grace(2000); // between SIGTERM and SIGKILL
constexpr qsizetype keptOutput = 2048;

} // namespace

Result<void> runHook(const HookCommand &hook, JobControl &control)
{
    const QString name = hook.command.join(u' ');
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    const Result<void> started = startChild(process, hook.command, QIODevice::ReadOnly);
    if (!started)
        return started.error().in(QStringLiteral("The hook '%1'").arg(name));
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
            return Error { ErrorCode::Unavailable,
                QStringLiteral("The hook '%1' did not end within %2 s and was stopped; give it "
                               "more time with `timeout`")
                    .arg(name)
                    .arg(double(hook.timeout.count()) / 1000) };
        }
    }
    output = (output + process.readAll()).right(keptOutput);
    return childResult(process, QStringLiteral("The hook '%1'").arg(name), output);
}

} // namespace hubkeep::backup
