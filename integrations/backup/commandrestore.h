// Gives a file of a backup to a command on its standard input: pg_restore, ldapadd.
//
//     CommandInput input({ "pg_restore", "--dbname=ledger" }, timeout, control);
//     input.start(); input.write(bytes); ... input.finish();
//
// The command runs without a shell, in a process group of its own, which is ended when the
// job is cancelled, the time is over or the object goes before finish() returned. One thread.

#pragma once

#include "automation/core/jobcontrol.h"

#include <QDeadlineTimer>
#include <QProcess>
#include <QStringList>

#include <chrono>
#include <span>

namespace hubkeep::backup {

class CommandInput
{
public:
    CommandInput(QStringList command, std::chrono::milliseconds timeout, JobControl &control);
    ~CommandInput();
    CommandInput(const CommandInput &) = delete;
    CommandInput &operator=(const CommandInput &) = delete;

    Result<void> start();

    // Waits until the command took it. A command that ended takes nothing more; whether that
    // was right, its exit status says.
    Result<void> write(std::span<const char> bytes);

    // Ends its input and waits for it. Fails with what it said on standard error, if it did
    // not end with 0.
    Result<void> finish();

private:
    Result<void> mayGoOn();
    void keepErrorOutput();
    void stop();

    const QStringList m_command;
    const QDeadlineTimer m_deadline;
    JobControl &m_control;
    QProcess m_process;
    QByteArray m_errorOutput;
};

} // namespace hubkeep::backup
