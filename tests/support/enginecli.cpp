#include "tests/support/enginecli.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>

#include <csignal>
#include <grp.h>
#include <unistd.h>

namespace hubkeep::test {
namespace {

constexpr int patience = 120'000;

void start(QProcess &process, const QList<QByteArray> &arguments,
    QIODevice::OpenMode mode = QIODevice::ReadOnly)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("HUBKEEP_DATA"));
    process.setProcessEnvironment(environment);
    QStringList list;
    for (const QByteArray &argument : arguments)
        list.append(QString::fromUtf8(argument));
    process.start(QStringLiteral(HUBKEEP_BINARY), list, mode);
    if (!process.waitForStarted(patience))
        qFatal("Starting %s: %s", HUBKEEP_BINARY, qPrintable(process.errorString()));
}

CliResult finish(QProcess &process)
{
    if (process.state() != QProcess::NotRunning && !process.waitForFinished(patience))
        qFatal("hubkeep did not end");
    return { process.exitStatus() == QProcess::CrashExit ? 128 + process.exitCode()
                                                         : process.exitCode(),
        process.readAllStandardOutput(), process.readAllStandardError() };
}

} // namespace

QJsonObject CliResult::json() const
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(out, &error);
    return error.error == QJsonParseError::NoError ? document.object() : QJsonObject();
}

CliResult runHubkeep(
    const QList<QByteArray> &arguments, const QByteArray &workingFolder, bool asNobody)
{
    QProcess process;
    if (asNobody)
        process.setChildProcessModifier([] {
            if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0)
                ::_exit(99);
        });
    if (!workingFolder.isEmpty())
        process.setWorkingDirectory(QFile::decodeName(workingFolder));
    start(process, arguments);
    return finish(process);
}

CliResult runHubkeepWithInput(const QList<QByteArray> &arguments, const QByteArray &input)
{
    QProcess process;
    start(process, arguments, QIODevice::ReadWrite);
    process.write(input);
    process.closeWriteChannel();
    return finish(process);
}

RunningCli::RunningCli(const QList<QByteArray> &arguments)
    : m_process(new QProcess)
{
    start(*m_process, arguments);
}

RunningCli::~RunningCli()
{
    if (isRunning()) {
        m_process->kill();
        m_process->waitForFinished();
    }
    delete m_process;
}

bool RunningCli::isRunning()
{
    m_process->waitForFinished(0);
    return m_process->state() != QProcess::NotRunning;
}

void RunningCli::signal(int number)
{
    if (isRunning())
        ::kill(pid_t(m_process->processId()), number);
}

CliResult RunningCli::wait()
{
    return finish(*m_process);
}

bool isOneSentence(const QByteArray &err)
{
    return err.startsWith("hubkeep: ") && err.count('\n') == 1 && err.endsWith('\n');
}

} // namespace hubkeep::test
