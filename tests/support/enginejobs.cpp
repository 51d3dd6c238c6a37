#include "tests/support/enginejobs.h"

#include "integrations/files/filessource.h"
#include "integrations/sqlite/sqlitesource.h"

namespace hubkeep::test {

using namespace hubkeep::backup;

std::unique_ptr<BackupSource> files(
    const QByteArray &path, const QList<QByteArray> &exclude, const QString &name)
{
    return std::make_unique<files::FilesSource>(files::FilesConfig {
        name.isEmpty() ? QString::fromUtf8(path.mid(path.lastIndexOf('/') + 1)) : name, path, {},
        GlobList(exclude) });
}

std::unique_ptr<BackupSource> database(const QByteArray &path)
{
    return std::make_unique<sqlite::SqliteSource>(
        QString::fromUtf8(path.mid(path.lastIndexOf('/') + 1)), path);
}

Result<BackupOutcome> run(const BackupRequest &request)
{
    JobControl control;
    return runBackup(request, control);
}

BackupOutcome mustRun(const BackupRequest &request)
{
    Result<BackupOutcome> outcome = run(request);
    if (!outcome)
        qFatal("The backup failed: %s", qPrintable(outcome.error().message));
    return *outcome;
}

ArchiveReader mustOpen(const QByteArray &path)
{
    Result<ArchiveReader> archive = ArchiveReader::open(path);
    if (!archive)
        qFatal("Opening %s: %s", path.constData(), qPrintable(archive.error().message));
    return std::move(*archive);
}

QMap<QByteArray, ManifestEntry> entriesOf(const QByteArray &path)
{
    const ArchiveReader archive = mustOpen(path);
    EntryStream stream(archive);
    QMap<QByteArray, ManifestEntry> entries;
    for (;;) {
        const Result<std::optional<ArchiveEntry>> entry = stream.next();
        if (!entry)
            qFatal("Reading %s: %s", path.constData(), qPrintable(entry.error().message));
        if (!*entry)
            return entries;
        entries.insert((*entry)->manifest.name, (*entry)->manifest);
    }
}

QStringList problemsOf(const QByteArray &path)
{
    const Result<ArchiveReader> archive = ArchiveReader::open(path);
    if (!archive)
        return { archive.error().message };
    JobControl control;
    WorkerPool pool(2);
    const Result<VerifyReport> report = runVerify(*archive, {}, pool, control);
    if (!report)
        return { report.error().message };
    QStringList lines;
    for (const Problem &problem : report->problems)
        lines.append(displayName(problem.path) + QStringLiteral(": ") + problem.message);
    return lines;
}

Result<RestoreOutcome> restoreTo(
    const QByteArray &archive, const QByteArray &target, RestoreRequest request)
{
    request.target = target;
    return restoreInPlace(archive, std::move(request));
}

Result<RestoreOutcome> restoreInPlace(const QByteArray &archive, RestoreRequest request)
{
    const Result<ArchiveReader> reader = ArchiveReader::open(archive);
    if (!reader)
        return reader.error();
    JobControl control;
    return runRestore(*reader, request, control);
}

bool warnsAbout(const QList<Warning> &warnings, const QByteArray &path, const char *words)
{
    return std::any_of(warnings.begin(), warnings.end(), [&](const Warning &warning) {
        return warning.path == path && warning.message.contains(QString::fromUtf8(words));
    });
}

} // namespace hubkeep::test
