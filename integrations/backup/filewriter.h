// Writes one restored file: aside, proved, with its metadata, then into its place.
//
// What was in its place stays as `.before-restore`; what is the same is left alone.
// A FileWriter that is destroyed before publish() leaves nothing behind.
//
// Any thread, one per file; write() may be called from several at once.

#pragma once

#include "integrations/backup/archive/manifest.h"
#include "integrations/backup/backupsource.h"

#include <functional>
#include <memory>

namespace hubkeep::backup {

struct RestorePolicy
{
    bool preserveSpecial = false; // setuid, setgid, file capabilities
    std::function<void(Warning)> warn; // any thread
};

enum class Written { New, Replaced, Unchanged };

class FileWriter
{
public:
    static Result<std::unique_ptr<FileWriter>> create(
        std::shared_ptr<const OpenFolder> folder, const ManifestEntry &entry, QByteArray leaf);
    ~FileWriter();
    FileWriter(const FileWriter &) = delete;
    FileWriter &operator=(const FileWriter &) = delete;

    // Zeros of sparse files become holes.
    Result<void> write(qint64 offset, std::span<const char> bytes);

    // After all content was written and proved.
    Result<Written> publish(const RestorePolicy &policy);

    // The file aside, for those who look at it before it is published.
    QByteArray temporaryPath() const { return m_folder->path + '/' + m_temporary; }

    // Applies mode, owner, times and attributes; fd is open on the file or folder.
    static void applyMetadata(
        int fd, const ManifestEntry &entry, const QByteArray &path, const RestorePolicy &policy);

private:
    FileWriter(std::shared_ptr<const OpenFolder> folder, const ManifestEntry &entry,
        QByteArray leaf, FileDescriptor fd, QByteArray temporary);
    bool sameContent(const struct stat &existing) const;

    std::shared_ptr<const OpenFolder> m_folder;
    ManifestEntry m_entry;
    QByteArray m_leaf;
    FileDescriptor m_fd;
    QByteArray m_temporary;
};

} // namespace hubkeep::backup
