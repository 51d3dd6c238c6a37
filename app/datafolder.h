// The hub's folder: what lies where in it, and the right to work in it.
//
//     config/ hubkeep.yaml, automations…   data/ state.db, history.db, instance_id, secrets.key,
//                                          running.json
//     keys/ age identities                 backups/ the default local agent
//     staging/ what a job is working on
//
// Any thread.

#pragma once

#include "automation/core/result.h"

#include <QString>

namespace hubkeep {

class DataFolder
{
public:
    // path is absolute.
    explicit DataFolder(QString path)
        : m_path(std::move(path))
    {
    }

    const QString &path() const { return m_path; }
    QString config() const { return m_path + QStringLiteral("/config"); }
    QString data() const { return m_path + QStringLiteral("/data"); }
    QString keys() const { return m_path + QStringLiteral("/keys"); }
    QString staging() const { return m_path + QStringLiteral("/staging"); }
    QString stateDatabase() const { return data() + QStringLiteral("/state.db"); }
    QString historyDatabase() const { return data() + QStringLiteral("/history.db"); }
    QString instanceFile() const { return data() + QStringLiteral("/instance_id"); }
    QString secretsFile() const { return data() + QStringLiteral("/secrets.key"); }
    QString runningFile() const { return data() + QStringLiteral("/running.json"); }

    // Makes the folders that are missing, for their owner's eyes only. What holds secrets is closed
    // to others also where it was there.
    Result<void> create() const;

private:
    QString m_path;
};

// What a running hub says about itself to programs of the same user on this machine.
struct RunningHub
{
    QString url; // "http://127.0.0.1:8420"
    QString token;
    qint64 processId = 0;
    QString certificate; // PEM file; empty without TLS
};

// The hub's identity, for the day on which state.db is lost; empty where there is none.
QString readInstanceId(const DataFolder &folder);
Result<void> writeInstanceId(const DataFolder &folder, const QString &id);

// Mode 0600, in one piece.
Result<void> writeRunningFile(const DataFolder &folder, const RunningHub &hub);
void removeRunningFile(const DataFolder &folder);

// NotFound where no hub runs, also where a file was left by one that was killed.
Result<RunningHub> readRunningFile(const DataFolder &folder);

} // namespace hubkeep
