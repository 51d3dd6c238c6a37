// One call of rclone: a process that does one thing and ends.
//
//     RcloneProcess rclone(config);
//     Result<QByteArray> listed = rclone.run({ { "lsjson", "b2:bucket" } }, control);
//
// A process for each call, rather than rclone's remote-control daemon: a process starts in a
// twentieth of a second, is cancelled by ending it, takes nothing with it when it fails, needs no
// port that others on this machine could try, and follows rclone's configuration file when that
// changes.
//
// Options are looked up and passwords obscured once, before the first call. Blocking; any thread,
// one at a time.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/rclone/rcloneconfig.h"

#include <QByteArray>
#include <QStringList>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

namespace hubkeep::rclone {

struct RcloneCall
{
    QStringList arguments; // after the program's name
    QByteArray input {}; // what it reads
    // What it writes, as it comes; an error ends it. Null: run() returns it.
    std::function<Result<void>(const QByteArray &)> output {};
    std::function<void(qint64)> transferred {}; // bytes until now, twice a second
    // For calls that nobody can cancel; zero: as long as it takes.
    std::chrono::milliseconds longest {};
};

inline constexpr std::chrono::milliseconds longestQuestion { 120'000 };

class RcloneProcess
{
public:
    explicit RcloneProcess(RcloneConfig config);

    // The error is one sentence of rclone's own, without secrets. NotFound: there is no such file
    // or folder.
    Result<QByteArray> run(const RcloneCall &call, JobControl &control);

    // From now on all calls together have a few seconds left, those that run and those that come:
    // what was begun on the remote is taken back where it answers. Any thread.
    void hurry();

private:
    Result<void> prepare(JobControl &control);
    Result<void> obscurePasswords(RcloneConfig &config, JobControl &control);
    Result<QByteArray> runPrepared(const RcloneCall &call, JobControl &control);
    bool isOver() const; // in a hurry, and the time is up

    const RcloneConfig m_config;
    std::optional<QProcessEnvironment> m_environment; // once it is prepared
    RcloneOptions m_secrets; // as written and as obscured, by option
    std::atomic<qint64> m_deadline = 0; // of the steady clock, in milliseconds; 0: none
};

} // namespace hubkeep::rclone
