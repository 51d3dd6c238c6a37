#include "automation/core/logging.h"

#include <QDateTime>
#include <QLoggingCategory>
#include <QMutex>
#include <QMutexLocker>

#include <cstdio>
#include <deque>

namespace hubkeep {
namespace {

constexpr qsizetype keptBytes = 1024 * 1024;
constexpr qsizetype longestLine = 8 * 1024;

struct Log
{
    QMutex mutex;
    LogLevel least = LogLevel::Info;
    bool journal = false;
    std::deque<QByteArray> lines;
    qsizetype bytes = 0;
};

Log &theLog()
{
    static Log log;
    return log;
}

LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Debug;
    case QtInfoMsg:
        return LogLevel::Info;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return LogLevel::Critical;
}

const char *nameOf(LogLevel level)
{
    static constexpr const char *names[] = { "DEBUG", "INFO", "WARNING", "CRITICAL" };
    return names[int(level)];
}

// sd-daemon(3): a line's priority.
const char *journalPrefix(LogLevel level)
{
    static constexpr const char *prefixes[] = { "<7>", "<6>", "<4>", "<2>" };
    return prefixes[int(level)];
}

QByteArray escaped(const QString &message)
{
    QByteArray line;
    for (const char c : message.toUtf8().left(longestLine)) {
        if (c == '\n')
            line += "\\n";
        else if (uchar(c) < 0x20 || c == 0x7f)
            line += "\\x" + QByteArray(1, c).toHex();
        else
            line += c;
    }
    return line;
}

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    Log &log = theLog();
    const LogLevel level = levelOf(type);
    const QMutexLocker locked(&log.mutex);
    if (level < log.least)
        return;
    const QByteArray time = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toLatin1();
    const QByteArray text = QByteArray(nameOf(level)) + ' '
        + (context.category ? context.category : "default") + ' ' + escaped(message) + '\n';
    const QByteArray line = time + ' ' + text;
    const QByteArray shown = log.journal ? journalPrefix(level) + text : line;
    std::fwrite(shown.constData(), 1, size_t(shown.size()), stderr);
    log.bytes += line.size();
    log.lines.push_back(line);
    while (log.bytes > keptBytes) {
        log.bytes -= log.lines.front().size();
        log.lines.pop_front();
    }
}

} // namespace

void startLogging(LogLevel least)
{
    Log &log = theLog();
    {
        const QMutexLocker locked(&log.mutex);
        log.least = least;
        log.journal = qEnvironmentVariableIsSet("JOURNAL_STREAM");
    }
    qInstallMessageHandler(handleMessage);
}

QByteArray recentLog()
{
    Log &log = theLog();
    const QMutexLocker locked(&log.mutex);
    QByteArray all;
    all.reserve(log.bytes);
    for (const QByteArray &line : log.lines)
        all += line;
    return all;
}

} // namespace hubkeep
