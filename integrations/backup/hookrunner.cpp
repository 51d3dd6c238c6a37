#include "integrations/backup/hookrunner.h"

#include "automation/core/childprocess.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QLoggingCategory>

#include <algorithm>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(hookLog, "hubkeep.backup.hooks")

constexpr int pollMilliseconds = 50;
constexpr std::chrono::milliseconds grace(2000); // between SIGTERM and SIGKILL
constexpr qsizetype keptOutput = 2048;
constexpr qsizetype keptLines = 10;

// Whole ones, where something is cut off.
QByteArray lastLines(const QByteArray &said)
{
    QList<QByteArray> lines = said.trimmed().split('\n');
    if (said.size() >= keptOutput && lines.size() > 1)
        lines.removeFirst();
    return lines.mid(std::max<qsizetype>(0, lines.size() - keptLines)).join('\n');
}

// What it said may hold secrets: it is for the log, not for everybody who may see how a backup
// went.
Error failed(const HookCommand &hook, const Error &error, const QByteArray &said)
{
    const QLatin1String end(hook.onError == OnError::Fail ? "" : "; the backup goes on");
    qCWarning(hookLog).noquote() << error.message + end + whatItSaid(lastLines(said));
    return error;
}

QString nameOf(const HookCommand &hook)
{
    const QString name
        = QStringLiteral("The hook '%1'").arg(QFileInfo(hook.command.first()).fileName());
    return hook.place.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, hook.place);
}

} // namespace

Result<void> runHook(const HookCommand &hook, JobControl &control)
{
    const QString name = nameOf(hook);
    QProcess process;
    process.setStandardInputFile(QProcess::nullDevice());
    const Result<void> started = startChild(process, hook.command, QIODevice::ReadOnly);
    if (!started)
        return failed(hook, started.error().in(name), {});
    QElapsedTimer timer;
    timer.start();
    QByteArray said;
    const auto listen = [&process, &said] {
        process.readAllStandardOutput(); // so that it does not pile up
        said = (said + process.readAllStandardError()).right(keptOutput);
    };
    while (!process.waitForFinished(pollMilliseconds) && process.state() != QProcess::NotRunning) {
        listen();
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
                said);
        }
    }
    listen();
    const Result<void> ended = childResult(process, name, {});
    if (ended)
        return ended;
    (void)failed(hook, ended.error(), said);
    return Error { ended.error().code,
        ended.error().message + QStringLiteral("; the log has what it said") };
}

} // namespace hubkeep::backup
