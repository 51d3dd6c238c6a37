#include "integrations/backup/contentreader.h"
#include "integrations/backup/restorerun.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {

// Last of all, so that nothing is ever written through one.
Result<void> RestoreRun::restoreLinks()
{
    if (!m_hasLinks)
        return {};
    return eachEntry([this](const ArchiveEntry &entry) -> Result<void> {
        const ManifestEntry &m = entry.manifest;
        const std::optional<Place> place = placeOf(m);
        if (!place || (m.type != EntryType::Symlink && m.hardLinkTo.isEmpty()))
            return {};
        const Result<std::shared_ptr<const OpenFolder>> folder = folderFor(*place);
        if (!folder)
            return settle(m, folder.error());
        const QByteArray leaf = leafOf(place->relative);
        return settle(m,
            m.type == EntryType::Symlink ? restoreSymlink(entry, **folder, leaf)
                                         : restoreHardLink(entry, *folder, leaf));
    });
}

Result<Written> RestoreRun::restoreSymlink(
    const ArchiveEntry &entry, const OpenFolder &folder, const QByteArray &leaf)
{
    const Result<std::vector<char>> content = readSmall(m_archive, entry, Proof::Full);
    if (!content)
        return content.error();
    const QByteArray target(content->data(), qsizetype(content->size()));
    if (target.contains('\0'))
        return Error { ErrorCode::Corrupt, QStringLiteral("Its target contains a NUL") };
    const int fd = folder.descriptor.get();
    struct stat status;
    const bool exists = ::fstatat(fd, leaf.constData(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && S_ISLNK(status.st_mode)) {
        QByteArray now(4096, '\0');
        const ssize_t length = ::readlinkat(fd, leaf.constData(), now.data(), size_t(now.size()));
        if (length == target.size() && now.startsWith(target))
            return Written::Unchanged;
    }
    if (exists) {
        const Result<QByteArray> aside = setAside(fd, leaf, false);
        if (!aside)
            return aside.error();
    }
    const ManifestEntry &m = entry.manifest;
    if (::symlinkat(target.constData(), fd, leaf.constData()) != 0)
        return systemError(errno);
    const timespec modified { m.stamp.modified.seconds, m.stamp.modified.nanoseconds };
    const timespec times[2] = { modified, modified };
    ::utimensat(fd, leaf.constData(), times, AT_SYMLINK_NOFOLLOW);
    if (::fchownat(fd, leaf.constData(), m.uid, m.gid, AT_SYMLINK_NOFOLLOW) != 0
        && (m.uid != ::geteuid() || m.gid != ::getegid()))
        warn({ folder.path + '/' + leaf,
            QStringLiteral("Its owner could not be restored: only root can give files to "
                           "others") });
    return exists ? Written::Replaced : Written::New;
}

// What then lies under that name, if anything, is something else.
bool RestoreRun::wasNotRestored(const QByteArray &name) const
{
    for (const QList<Problem> *list : { &m_outcome.damaged, &m_outcome.failed }) {
        if (list->size() >= keptProblems // there may be more than are kept
            || std::any_of(list->begin(), list->end(),
                [&](const Problem &problem) { return problem.path == name; }))
            return true;
    }
    return false;
}

// Links to the first name where that was restored as the same file, else the content
// once more.
Result<Written> RestoreRun::restoreHardLink(const ArchiveEntry &entry,
    const std::shared_ptr<const OpenFolder> &folder, const QByteArray &leaf)
{
    ManifestEntry first = entry.manifest;
    first.name = entry.manifest.hardLinkTo;
    const std::optional<Place> place = isSelected(first) ? placeOf(first) : std::optional<Place>();
    if (!place || place->relative.isEmpty() || wasNotRestored(first.name))
        return restoreLarge(entry, folder, leaf);
    // Nothing is made or moved for a name that the backup may not even have.
    const std::shared_ptr<const OpenFolder> from
        = place->target->existing(folderOf(place->relative));
    if (!from)
        return restoreLarge(entry, folder, leaf);
    const int source = from->descriptor.get();
    const QByteArray sourceLeaf = leafOf(place->relative);
    struct stat there;
    struct stat here;
    const bool isThere
        = ::fstatat(source, sourceLeaf.constData(), &there, AT_SYMLINK_NOFOLLOW) == 0;
    const int fd = folder->descriptor.get();
    const bool exists = ::fstatat(fd, leaf.constData(), &here, AT_SYMLINK_NOFOLLOW) == 0;
    if (isThere && exists && here.st_ino == there.st_ino && here.st_dev == there.st_dev)
        return Written::Unchanged;
    // A database that is there may be in use, and is restored through SQLite.
    if (!isThere || !S_ISREG(there.st_mode) || there.st_size != entry.manifest.size
        || (exists && entry.manifest.database))
        return restoreLarge(entry, folder, leaf);
    if (exists) {
        const Result<void> sidecars = setSidecarsAside(fd, leaf, false);
        if (!sidecars)
            return sidecars.error();
        const Result<QByteArray> aside = setAside(fd, leaf, false);
        if (!aside)
            return aside.error();
    }
    if (::linkat(source, sourceLeaf.constData(), fd, leaf.constData(), 0) != 0)
        return restoreLarge(entry, folder, leaf);
    return exists ? Written::Replaced : Written::New;
}

// Deepest first: a folder's time is set when nothing is made in it any more, and a
// folder that may not be entered is closed after what is in it.
Result<void> RestoreRun::restoreFolders()
{
    QList<std::pair<Place, ManifestEntry>> open; // those that the stream is in
    const auto closeAllBut = [&](const QByteArray &name) {
        while (!open.isEmpty() && !name.startsWith(open.last().second.name + '/')) {
            const auto [place, entry] = open.takeLast();
            closeFolder(place, entry);
        }
    };
    // Also those that were made for what lies in them.
    const auto isMeant = [this](const ManifestEntry &m) {
        const std::optional<Place> place
            = m.type == EntryType::Directory ? placeOf(m) : std::optional<Place>();
        return place && (isSelected(m) || place->target->hasMade(place->relative));
    };
    const Result<void> listed = eachEntry(
        [&](const ArchiveEntry &entry) -> Result<void> {
            closeAllBut(entry.manifest.name);
            open.append({ *placeOf(entry.manifest), entry.manifest });
            return {};
        },
        isMeant);
    if (!listed)
        return listed;
    closeAllBut({});
    for (auto &[source, target] : m_targets) {
        if (::syncfs(target.descriptor()) != 0)
            return systemError(errno).in(QStringLiteral("Flushing what was restored"));
    }
    return {};
}

void RestoreRun::closeFolder(const Place &place, const ManifestEntry &entry)
{
    // A root that was made up for a single file says nothing about a real folder.
    if (entry.stamp.inode == 0 && place.relative.isEmpty())
        return;
    const auto folder = place.target->folder(place.relative);
    if (folder)
        FileWriter::applyMetadata((*folder)->descriptor.get(), entry, (*folder)->path, m_policy);
}

} // namespace hubkeep::backup
