#include "integrations/backup/hookrunner.h"

#include "automation/core/filedescriptor.h"

#include <QElapsedTimer>
#include <QProcess>

#include <csignal>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr int pollMilliseconds = 50;
constexpr int graceMilliseconds = 2000; // between SIGTERM and SIGKILL
constexpr qsizetype keptOutput = 2048;

void end(QProcess &process)
{
    if (process.state() == QProcess::NotRunning)
        return;
    const auto group = pid_t(process.processId());
    ::kill(-group, SIGTERM);
    process.waitForFinished(graceMilliseconds);
    ::kill(-group, SIGKILL); // and what it started, if that goes on
    process.waitForFinished();
}

QString howItEnded(const QProcess &process)
{
    if (process.exitStatus() == QProcess::CrashExit)
        return QStringLiteral("was ended by a signal");
    return QStringLiteral("ended with exit status %1").arg(process.exitCode());
}

} // namespace

Result<void> runHook(const HookCommand &hook, JobControl &control)
{
    const QString name = hook.command.join(u' ');
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setChildProcessModifier([] {
        ::setpgid(0, 0); // so that what the command starts ends with it
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
    });
    process.start(hook.command.first(), hook.command.mid(1), QIODevice::ReadOnly);
    if (!process.waitForStarted())
        return Error { ErrorCode::NotFound,
            QStringLiteral("Starting the hook '%1': %2; is it installed and in the PATH?")
                .arg(name, process.errorString()) };
    QElapsedTimer timer;
    timer.start();
    QByteArray output;
    while (!process.waitForFinished(pollMilliseconds) && process.state() != QProcess::NotRunning) {
        output = (output + process.readAll()).right(keptOutput);
        if (control.cancelled()) {
            end(process);
            return JobControl::cancelledError();
        }
        if (timer.hasExpired(hook.timeout.count())) {
            end(process);
            return Error { ErrorCode::Unavailable,
                QStringLiteral("The hook '%1' did not end within %2 s and was stopped; give it "
                               "more time with `timeout`")
                    .arg(name)
                    .arg(double(hook.timeout.count()) / 1000) };
        }
    }
    output = (output + process.readAll()).right(keptOutput).trimmed();
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return {};
    return Error { ErrorCode::Io,
        QStringLiteral("The hook '%1' %2%3")
            .arg(name, howItEnded(process),
                output.isEmpty() ? QString()
                                 : QStringLiteral("; it said: ") + displayName(output)) };
}

} // namespace hubkeep::backup
