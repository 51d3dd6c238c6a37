#include "automation/core/childprocess.h"

#include "automation/core/filedescriptor.h"

#include <csignal>
#include <unistd.h>

namespace hubkeep {

Result<void> startChild(QProcess &process, const QStringList &command, QIODevice::OpenMode mode)
{
    process.setChildProcessModifier([] {
        ::setpgid(0, 0);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
    });
    process.start(command.first(), command.mid(1), mode);
    if (!process.waitForStarted())
        return Error { ErrorCode::NotFound,
            QStringLiteral("Starting %1: %2; is it installed and in the PATH?")
                .arg(command.first(), process.errorString()) };
    return {};
}

void endChild(QProcess &process, std::chrono::milliseconds grace)
{
    if (process.state() == QProcess::NotRunning)
        return;
    const auto group = pid_t(process.processId());
    ::kill(-group, SIGTERM);
    process.waitForFinished(int(grace.count()));
    ::kill(-group, SIGKILL); // and what it started, if that goes on
    process.waitForFinished();
}

Result<void> childResult(const QProcess &process, const QString &name, const QByteArray &said)
{
    if (process.exitStatus() == QProcess::CrashExit)
        return Error { ErrorCode::Io,
            QStringLiteral("%1 was ended by a signal%2").arg(name, whatItSaid(said)) };
    if (process.exitCode() != 0)
        return Error { ErrorCode::Io,
            QStringLiteral("%1 ended with exit status %2%3")
                .arg(name)
                .arg(process.exitCode())
                .arg(whatItSaid(said)) };
    return {};
}

QString whatItSaid(const QByteArray &said)
{
    const QString text = displayName(said.trimmed());
    return text.isEmpty() ? QString() : QStringLiteral("; it said: ") + text;
}

} // namespace hubkeep
