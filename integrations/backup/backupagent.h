// A place where finished backups are kept: a folder, a WebDAV share, a bucket.
//
// To add one, subclass BackupAgent in your integration, hand it to
// BackupManager::addAgent() and let its test run the shared suite in
// tests/support/agentsuite.h. The suite, not this comment, is the contract.
//
// Agents are plain blocking code. The manager makes at most one call at a time
// to each agent, from whichever worker thread serves it; different agents run
// side by side. So an agent needs no locks and no signals; a network agent
// spins its own QEventLoop. Transfers report to control and look at
// control.cancelled() at least once per megabyte, then fail with
// ErrorCode::Cancelled. An agent never retries and never logs a failure that it
// also returns: the manager does both.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"
#include "integrations/backup/agentbackup.h"

#include <QList>
#include <QSet>
#include <QString>

namespace hubkeep::backup {

class BackupAgent
{
public:
    BackupAgent() = default;
    BackupAgent(const BackupAgent &) = delete;
    BackupAgent &operator=(const BackupAgent &) = delete;
    virtual ~BackupAgent() = default;

    // "<type>.<name>": "local.local". Unique, and stable: the catalog remembers it.
    virtual QString id() const = 0;

    // Stores the file archive as backup.filename, with its document. All or nothing: after a
    // failure list() does not show it. Storing an id again replaces what was there. The file
    // may be linked instead of copied; nobody changes it afterwards.
    virtual Result<void> upload(
        const AgentBackup &backup, const QString &archive, JobControl &control)
        = 0;

    // The same of a file that another agent keeps: never linked, for two agents are two copies.
    virtual Result<void> uploadCopy(
        const AgentBackup &backup, const QString &archive, JobControl &control)
    {
        return upload(backup, archive, control);
    }

    // Writes the stored bytes to the new file target; NotFound if there are none.
    virtual Result<void> download(const BackupId &id, const QString &target, JobControl &control)
        = 0;

    // Removing what is not there succeeds.
    virtual Result<void> remove(const BackupId &id) = 0;

    // Renames what is stored to <its name>.damaged: list() does not show it any more, upload()
    // does not replace it, and nobody deletes it. Corrupt where one lies there already: what
    // damaged both may be the place itself. NotFound: there is none, or the agent cannot do it.
    virtual Result<void> setAside(const BackupId &id)
    {
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 cannot set a damaged copy aside (%2)").arg(this->id(), id) };
    }

    // A backup without its document is listed by what it says itself.
    virtual Result<QList<AgentBackup>> list() = 0;

    // The backups that it is still to get: what uploads of any other left, that were cut off and
    // are this hub's own, may go. Never told, an agent keeps it for a while.
    virtual void expect(const QSet<BackupId> &ids) { Q_UNUSED(ids); }

    // Before anything else, of an agent that is only tried out: what looks unfinished stays, for
    // it may be another agent's on the same place.
    virtual void keepUnfinished() { }

    // Bytes left for new backups; NotFound where the place cannot tell.
    virtual Result<qint64> freeSpace() = 0;

    // The hub is ending: whatever runs, and all that is asked from now on, fails within a few
    // seconds. For agents that wait for others. Any thread.
    virtual void hurry() { }

    // The folder, on agents that are folders of this machine; empty elsewhere. Any thread.
    virtual QString localFolder() const { return {}; }

    // Where the file lies for reading, on agents that are folders of this machine; empty
    // elsewhere.
    virtual QString localPath(const BackupId &id) const
    {
        Q_UNUSED(id);
        return {};
    }
};

} // namespace hubkeep::backup
