// Runs the real hubkeep, as a person or a script does.

#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QProcessEnvironment>

class QProcess;

namespace hubkeep::test {

struct CliResult
{
    int exitCode = -1;
    QByteArray out;
    QByteArray err;

    QJsonObject json() const; // what is on standard output, if it is one document and nothing else
};

// Without HUBKEEP_DATA in its environment; as a user without rights where that is asked for
// (root alone may).
CliResult runHubkeep(const QList<QByteArray> &arguments, const QByteArray &workingFolder = {},
    bool asNobody = false);

// With input on its standard input.
CliResult runHubkeepWithInput(const QList<QByteArray> &arguments, const QByteArray &input);

// Starts it and lets the caller see to it. Ends with SIGKILL where the object goes first.
class RunningCli
{
public:
    explicit RunningCli(const QList<QByteArray> &arguments);
    ~RunningCli();
    RunningCli(const RunningCli &) = delete;
    RunningCli &operator=(const RunningCli &) = delete;

    bool isRunning();
    void signal(int number);
    CliResult wait(); // exit code 128 + n where signal n ended it

private:
    QProcess *m_process;
};

// Whether there is a single sentence on standard error, saying that it is hubkeep's.
bool isOneSentence(const QByteArray &err);

} // namespace hubkeep::test
