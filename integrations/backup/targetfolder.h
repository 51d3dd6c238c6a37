// The folder that a restore writes into, and the only way into it.
//
// Folders below it are reached with openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS):
// whatever names a backup has and whatever links lie around, nothing is written
// outside. What stands in the way of a folder is set aside as `.before-restore`.
//
// Any thread may use a folder it was given; one thread asks for folders.

#pragma once

#include "integrations/backup/backupsource.h"

#include <QSet>

namespace hubkeep::backup {

class TargetFolder
{
public:
    // path exists.
    static Result<TargetFolder> open(const QByteArray &path);

    // The folder at that place below, made where it is missing; "" is the target itself.
    Result<std::shared_ptr<const OpenFolder>> folder(const QByteArray &relative);

    // The same, but null where it is not there.
    std::shared_ptr<const OpenFolder> existing(const QByteArray &relative);

    // Whether folder() had to make that one.
    bool hasMade(const QByteArray &relative) const { return m_made.contains(relative); }

    const QByteArray &path() const { return m_root->path; }
    int descriptor() const { return m_root->descriptor.get(); }

private:
    Result<std::shared_ptr<const OpenFolder>> make(const QByteArray &relative);

    std::shared_ptr<const OpenFolder> m_root;
    QByteArray m_lastPath;
    std::shared_ptr<const OpenFolder> m_last;
    QSet<QByteArray> m_made;
};

// Gives leaf the first free of the names leaf.before-restore, leaf.before-restore.1, ...
// and returns it; what a link points to is not touched. keepOriginal leaves a second
// name in place, so that leaf can be replaced without a moment of absence.
Result<QByteArray> setAside(int folder, const QByteArray &leaf, bool keepOriginal);

// The name that a copy of leaf has until it is a `.before-restore`.
QByteArray secondName(const QByteArray &leaf);

// Sets aside what SQLite keeps beside the database leaf, which is about to be replaced:
// a log without its database would be played into the new one. Unless sure says that
// it is a database, its first bytes decide.
Result<void> setSidecarsAside(int folder, const QByteArray &leaf, bool sure);

// Gives the file copy the first free of leaf's `.before-restore` names.
Result<QByteArray> nameAside(int folder, const QByteArray &copy, const QByteArray &leaf);

} // namespace hubkeep::backup
