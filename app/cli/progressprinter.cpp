#include "app/cli/progressprinter.h"

#include "app/cli/command.h"

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <unistd.h>

namespace hubkeep::cli {
namespace {

constexpr std::chrono::milliseconds interval { 250 };

QString humanTime(qint64 seconds)
{
    if (seconds < 60)
        return QStringLiteral("%1 s").arg(seconds);
    if (seconds < 3600)
        return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60);
    return QStringLiteral("%1 h %2 min").arg(seconds / 3600).arg(seconds / 60 % 60);
}

void show(const QString &line)
{
    const QByteArray text = "\r\033[K" + line.toUtf8();
    std::fwrite(text.constData(), 1, size_t(text.size()), stderr);
    std::fflush(stderr);
}

} // namespace

QString progressLine(const Progress &progress, std::chrono::milliseconds inStage)
{
    QString line = QString::fromLatin1(progress.stage);
    const qint64 done = progress.doneBytes;
    const qint64 total = progress.totalBytes;
    const bool hasTotal = total > 0 && done <= total;
    if (hasTotal)
        line += QStringLiteral("  %1%").arg(done * 100 / total);
    line += QStringLiteral("  ") + humanSize(done);
    if (hasTotal)
        line += QStringLiteral(" of ") + humanSize(total);
    if (inStage.count() < 500 || done == 0)
        return line;
    const qint64 rate = done * 1000 / inStage.count();
    line += QStringLiteral(", %1/s").arg(humanSize(rate));
    if (hasTotal && rate > 0)
        line += QStringLiteral(", %1 left").arg(humanTime((total - done) / rate));
    return line;
}

bool ProgressPrinter::isWanted(const Context &context)
{
    return !context.quiet && !context.json && ::isatty(STDERR_FILENO) != 0;
}

ProgressPrinter::ProgressPrinter(const Context &context, const JobControl &control)
{
    if (!isWanted(context))
        return;
    m_thread = std::jthread([&control](const std::stop_token &stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        const char *stage = "";
        auto since = std::chrono::steady_clock::now();
        std::unique_lock lock(mutex);
        while (
            !wake.wait_for(lock, stop, interval, [] { return false; }) && !stop.stop_requested()) {
            const Progress progress = control.progress();
            const auto now = std::chrono::steady_clock::now();
            if (progress.stage != stage)
                since = now - interval;
            stage = progress.stage;
            show(progressLine(
                progress, std::chrono::duration_cast<std::chrono::milliseconds>(now - since)));
        }
        show({});
    });
}

} // namespace hubkeep::cli
