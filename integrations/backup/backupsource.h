// Something that can be backed up: a folder, a database, the output of a command.
//
// A source only says what there is, item by item, in the order of comparePaths();
// the backup job reads, snapshots, packs and checks. To add a kind of source,
// subclass BackupSource in your integration and look at integrations/files.
//
//     Result<std::unique_ptr<SourceReader>> reader = source.open(context);
//     while (item = (*reader)->next()) ...
//
// Everything here runs on the job's thread: plain blocking code, no locks, no
// signals. A source may be opened again and again; readers do not outlive it.

#pragma once

#include "automation/core/filedescriptor.h"
#include "automation/core/jobcontrol.h"

#include <QByteArray>
#include <QList>

#include <functional>
#include <memory>
#include <optional>

#include <sys/stat.h>

namespace hubkeep::backup {

// A folder held open, so that its files are reached through it and not through a
// path that somebody may turn into a link meanwhile.
struct OpenFolder
{
    FileDescriptor descriptor;
    QByteArray path; // for messages and for SQLite, which wants a path
};

// A program's output, read to its end by the job.
class ByteStream
{
public:
    virtual ~ByteStream() = default;

    // Fills as much of buffer as comes; 0 at the end. Fails when cancelled.
    virtual Result<qsizetype> read(std::span<char> buffer) = 0;

    // After the end: whether what was read is all there was to be.
    virtual Result<void> finish() = 0;
};

enum class ItemKind {
    Directory,
    File, // the job looks whether it is a database
    Symlink,
    Stream,
    Snapshot, // a database that its source copies itself
};

// What SQLite keeps beside a database while it is open.
inline constexpr const char *databaseSidecars[] = { "-wal", "-shm", "-journal" };

struct SourceItem
{
    ItemKind kind = ItemKind::File;
    QByteArray path; // below the source; empty for the source's own folder
    struct stat status
    {
    };
    std::shared_ptr<const OpenFolder> folder; // null for a stream
    QByteArray leaf; // name in folder; "." for the folder itself
    bool mustBeDatabase = false; // fails the source when it is none
    // For what SQLite may keep beside a database ("x.db-wal"): the path of "x.db", which
    // came before. The job leaves it out when that was snapshotted.
    QByteArray sidecarOf;
    std::function<Result<std::unique_ptr<ByteStream>>(JobControl &)> openStream;
    // Of a Snapshot: writes a proved copy of the database to the new file target.
    std::function<Result<void>(const QByteArray &target, JobControl &)> snapshot;

    QByteArray fullPath() const
    {
        return !folder ? path : leaf == "." ? folder->path : folder->path + '/' + leaf;
    }
};

// What a source tells besides its items: what was left out, and why.
struct SourceRemark
{
    QByteArray path;
    QString message;
    bool unreadable = false;
};

struct SourceContext
{
    JobControl &control;
    std::function<void(SourceRemark)> remark;
    // What is never walked into or opened, by device and inode: where backups go, and the
    // hub's own folder and databases.
    QList<std::pair<quint64, quint64>> skipped;

    bool skips(const struct stat &status) const
    {
        return skipped.contains({ quint64(status.st_dev), quint64(status.st_ino) });
    }
};

class SourceReader
{
public:
    virtual ~SourceReader() = default;

    // Nothing after the last item. An error ends the source: it is reported as failed.
    virtual Result<std::optional<SourceItem>> next() = 0;
};

// The reader of a source that is one thing.
class OneItemReader final : public SourceReader
{
public:
    explicit OneItemReader(SourceItem item)
        : m_item(std::move(item))
    {
    }
    Result<std::optional<SourceItem>> next() override { return std::exchange(m_item, {}); }

private:
    std::optional<SourceItem> m_item;
};

// The item of a single regular file, links in its path resolved.
Result<SourceItem> fileItem(const QByteArray &path);

class BackupSource
{
public:
    BackupSource() = default;
    BackupSource(const BackupSource &) = delete;
    BackupSource &operator=(const BackupSource &) = delete;
    virtual ~BackupSource() = default;

    virtual QString name() const = 0; // unique within a plan; a folder's name in the zip
    virtual QByteArray folder() const { return "sources/" + name().toUtf8(); } // in the zip
    virtual QString type() const = 0; // "files"
    virtual QByteArray path() const = 0; // where it lies; empty where that means nothing

    // Fails when the source is not there.
    virtual Result<std::unique_ptr<SourceReader>> open(const SourceContext &context) const = 0;
};

} // namespace hubkeep::backup
