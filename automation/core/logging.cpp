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

// Terminals also obey the control characters beyond ASCII, and what turns the direction of
// text around shows people another line than the one that was written.
bool isShown(char32_t character)
{
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return false;
    default:
        return true;
    }
}

void appendEscaped(QByteArray &line, char32_t character)
{
    const int digits = character <= 0xff ? 2 : character <= 0xffff ? 4 : 8;
    line += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
    line += QByteArray::number(uint(character), 16).rightJustified(digits, '0');
}

QByteArray escaped(const QString &message)
{
    QByteArray line;
    for (const char32_t character : message.left(longestLine).toUcs4()) {
        if (line.size() >= longestLine)
            break;
        if (character == U'\n')
            line += "\\n";
        else if (isShown(character))
            line += QString::fromUcs4(&character, 1).toUtf8();
        else
            appendEscaped(line, character);
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
