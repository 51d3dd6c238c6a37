// One restore under way: what runRestore() does, step by step. See restorejob.h.
//
// The steps up to the files are in restorejob.cpp; what comes after all files (links,
// which must not be written through, and folders, whose times must stay) in
// restorelinks.cpp.
//
// The job thread calls it; restoreSmall() and warn() run on workers, too.

#pragma once

#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/filewriter.h"
#include "integrations/backup/folderlock.h"
#include "integrations/backup/restorejob.h"
#include "integrations/backup/restoreselection.h"
#include "integrations/backup/targetfolder.h"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace hubkeep::backup {

class RestoreRun
{
public:
    RestoreRun(const ArchiveReader &archive, const RestoreRequest &request, JobControl &control);

    Result<RestoreOutcome> run();

private:
    // Where an entry goes.
    struct Place
    {
        TargetFolder *target = nullptr;
        QByteArray relative; // below target; "" is the target itself
    };
    struct Task
    {
        ArchiveEntry entry;
        std::shared_ptr<const OpenFolder> folder;
        QByteArray leaf;
    };
    struct Done
    {
        ManifestEntry entry;
        Result<Written> written;
    };
    using Handler = std::function<Result<void>(const ArchiveEntry &)>;
    using Selection = std::function<bool(const ManifestEntry &)>;

    static constexpr qsizetype keptProblems = 1000;

    Result<void> prove();
    Result<void> listEntries();
    Result<void> openTargets();
    Result<void> openOnlyTarget();
    Result<void> openTarget(const QByteArray &source, const QByteArray &path);
    Result<void> restoreFiles();
    Result<void> restoreLinks();
    Result<void> restoreFolders();

    // Every selected entry, in order.
    Result<void> eachEntry(const Handler &handle);
    Result<void> eachEntry(const Handler &handle, const Selection &selected);
    Result<void> streamEntries(const Handler &handle); // also those that are not selected

    // Nothing for what has no place to go to.
    std::optional<Place> placeOf(const ManifestEntry &entry);
    static Result<std::shared_ptr<const OpenFolder>> folderFor(const Place &place);

    Result<void> restoreFile(const ArchiveEntry &entry, const Place &place);
    Result<Written> restoreLarge(const ArchiveEntry &entry,
        const std::shared_ptr<const OpenFolder> &folder, const QByteArray &leaf);
    Result<Written> giveTo(const QStringList &command, const ArchiveEntry &entry);
    void submit();
    Result<Written> restoreSmall(const Task &task) const;
    void drain();
    void collect(const std::vector<Done> &batch);
    Result<void> settle(const ManifestEntry &entry, const Result<Written> &written);

    Result<Written> restoreSymlink(
        const ArchiveEntry &entry, const OpenFolder &folder, const QByteArray &leaf);
    Result<Written> restoreHardLink(const ArchiveEntry &entry,
        const std::shared_ptr<const OpenFolder> &folder, const QByteArray &leaf);
    bool wasNotRestored(const QByteArray &name) const;
    void closeFolder(const Place &place, const ManifestEntry &entry);

    void warn(const Warning &warning);

    const ArchiveReader &m_archive;
    const RestoreRequest &m_request;
    JobControl &m_control;
    const RestoreSelection m_selection;
    RestorePolicy m_policy;
    RestoreOutcome m_outcome;
    Result<void> m_failure; // of a worker, for the job
    std::mutex m_warnMutex;
    qint64 m_needed = 0;
    qint64 m_bytes = 0;
    qint64 m_items = 0;
    bool m_hasLinks = false;
    std::optional<std::deque<ArchiveEntry>> m_entries; // all; nothing where they are too many
    std::map<std::pair<quint64, quint64>, FolderLock> m_locks;
    std::map<QByteArray, TargetFolder> m_targets; // by folder in the zip; "" is for all
    std::vector<Task> m_batch;
    qint64 m_batchBytes = 0;
    WorkerPool m_pool;
    OrderedResults<std::vector<Done>> m_batches;
};

inline QByteArray leafOf(const QByteArray &path)
{
    return path.mid(path.lastIndexOf('/') + 1);
}
inline QByteArray folderOf(const QByteArray &path)
{
    return path.left(std::max<qsizetype>(path.lastIndexOf('/'), 0));
}

} // namespace hubkeep::backup
