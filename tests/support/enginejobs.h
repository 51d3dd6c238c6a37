// The engine's jobs, as short as tests want to say them.

#pragma once

#include "automation/core/clock.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/backupjob.h"
#include "integrations/backup/restorejob.h"
#include "integrations/backup/verifyjob.h"

#include <QMap>

namespace hubkeep::test {

// Says what it was told. Backups take over only what was settled when the one before was made,
// so tests of that live a day later with each backup.
class SetClock final : public Clock
{
public:
    explicit SetClock(QDateTime time = QDateTime::currentDateTimeUtc().addDays(1))
        : m_time(std::move(time))
    {
    }
    QDateTime now() const override { return m_time; }
    void passDay() { m_time = m_time.addDays(1); }
    void set(const QDateTime &time) { m_time = time; }

private:
    QDateTime m_time;
};

std::unique_ptr<backup::BackupSource> files(
    const QByteArray &path, const QList<QByteArray> &exclude = {}, const QString &name = {});
std::unique_ptr<backup::BackupSource> database(const QByteArray &path);

template <typename... Sources>
backup::BackupRequest request(const QByteArray &output, Sources... sources)
{
    backup::BackupRequest made;
    made.output = output;
    (made.sources.push_back(std::move(sources)), ...);
    return made;
}

Result<backup::BackupOutcome> run(const backup::BackupRequest &request);

// Aborts the test program where the backup fails.
backup::BackupOutcome mustRun(const backup::BackupRequest &request);
backup::ArchiveReader mustOpen(const QByteArray &path);

QMap<QByteArray, backup::ManifestEntry> entriesOf(const QByteArray &archive); // by name

// What verify finds, in lines; empty for a sound backup.
QStringList problemsOf(const QByteArray &archive);

Result<backup::RestoreOutcome> restoreTo(
    const QByteArray &archive, const QByteArray &target, backup::RestoreRequest request = {});
Result<backup::RestoreOutcome> restoreInPlace(
    const QByteArray &archive, backup::RestoreRequest request = {});

bool warnsAbout(const QList<backup::Warning> &warnings, const QByteArray &path, const char *words);

// The words of an error, "" of a success.
template <typename T>
QString sentence(const Result<T> &result)
{
    return result ? QString() : result.error().message;
}

} // namespace hubkeep::test
