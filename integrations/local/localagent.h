// A folder of this machine as a place for backups; a mounted share or disk included.
//
//     LocalAgent agent({ "nas", "/mnt/nas/backups", "/var/lib/hubkeep/data/agents" });
//
// Beside each "<id>.zip" lies "<id>.json", which describes it; single databases are
// "shop_20260413_142530.db". What is unfinished has ".partial" in its name. An archive
// without its document is listed by its own manifest.
//
// A folder that was used once is not made anew when it is gone, for then its disk is not
// mounted: it has a marker in it, ".hubkeep", and what was used is remembered in stateFolder.

#pragma once

#include "integrations/backup/backupagent.h"

namespace hubkeep::local {

struct LocalConfig
{
    QString name;
    QByteArray path; // absolute
    // Where it is remembered that path was used, apart from it; empty: as long as the agent
    // lives. Absolute; made where missing.
    QByteArray stateFolder {};
};

class LocalAgent final : public backup::BackupAgent
{
public:
    explicit LocalAgent(LocalConfig config);

    QString id() const override { return QStringLiteral("local.") + m_config.name; }
    Result<void> upload(
        const backup::AgentBackup &backup, const QString &archive, JobControl &control) override;
    Result<void> uploadCopy(
        const backup::AgentBackup &backup, const QString &archive, JobControl &control) override;
    Result<void> download(
        const backup::BackupId &id, const QString &target, JobControl &control) override;
    Result<void> remove(const backup::BackupId &id) override;
    Result<void> setAside(const backup::BackupId &id) override;
    Result<QList<backup::AgentBackup>> list() override;
    void keepUnfinished() override { m_isClean = true; }
    Result<qint64> freeSpace() override;
    QString localFolder() const override;
    QString localPath(const backup::BackupId &id) const override;

private:
    Result<void> prepare();
    Result<void> makeFolder();
    using Placing
        = Result<void> (&)(const QByteArray &source, const QByteArray &target, JobControl &control);
    Result<void> take(const backup::AgentBackup &backup, const QString &archive, Placing place,
        JobControl &control);
    Result<void> store(const backup::AgentBackup &backup, const QByteArray &archive, Placing place,
        JobControl &control);
    QByteArray pathOf(const backup::BackupId &id) const; // empty: it is not there
    QByteArray stateFile() const;

    const LocalConfig m_config;
    bool m_wasUsed = false; // since this object was made
    bool m_isClean = false; // what was unfinished is removed
};

} // namespace hubkeep::local
