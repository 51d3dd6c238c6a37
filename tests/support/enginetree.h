// Folders of real files for the engine's tests: making them, and saying in which way two of
// them differ, metadata and all. Paths are bytes, as in the engine.

#pragma once

#include "automation/core/filedescriptor.h"

#include <QByteArray>
#include <QMap>
#include <QStringList>

#include <sys/stat.h>

namespace hubkeep::test {

// A temporary folder, gone with its object, whatever the names and modes in it.
class Folder
{
public:
    Folder();
    ~Folder();
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    QByteArray path() const { return m_path; }
    QByteArray operator/(const QByteArray &below) const { return m_path + '/' + below; }

private:
    QByteArray m_path;
};

// All of these abort the test program where they cannot do what they say: a fixture that is
// not there would make its test pass for nothing.
void makeFolder(const QByteArray &path); // and those above it
void writeFile(const QByteArray &path, const QByteArray &content); // folders above are made
void appendToFile(const QByteArray &path, const QByteArray &content);
void overwriteAt(const QByteArray &path, qint64 offset, const QByteArray &content);
void makeLink(const QByteArray &target, const QByteArray &path);
void makeHardLink(const QByteArray &existing, const QByteArray &path);
void makeFifo(const QByteArray &path);
void makeSocket(const QByteArray &path);
void setModified(const QByteArray &path, qint64 seconds, long nanoseconds);
void setMode(const QByteArray &path, mode_t mode);
bool setAttribute(const QByteArray &path, const QByteArray &name, const QByteArray &value);
void removeTree(const QByteArray &path);

QByteArray readFile(const QByteArray &path); // empty where there is none
bool exists(const QByteArray &path); // a dangling link does
struct stat statusOf(const QByteArray &path); // of the link itself; all zero where there is none
QByteArray linkTarget(const QByteArray &path);
QList<QByteArray> namesIn(const QByteArray &folder); // sorted

QByteArray randomBytes(
    qint64 size, quint32 seed = 1); // the same for the same seed; does not compress
QByteArray someText(qint64 size); // compresses well

// Everything that a restore brings back, one line for each file below root.
struct TreeOptions
{
    bool owners = true;
    bool times = true;
    QList<QByteArray> leaveOut; // leaf names
};
QMap<QByteArray, QByteArray> describeTree(const QByteArray &root, const TreeOptions &options = {});

// What differs, in sentences; empty where the trees are the same.
QStringList treeDifferences(
    const QByteArray &expected, const QByteArray &actual, const TreeOptions &options = {});

// While it lives, this process acts as a user without rights. isPossible() only for root.
class AsNobody
{
public:
    static bool isPossible();
    AsNobody();
    ~AsNobody();
    AsNobody(const AsNobody &) = delete;
    AsNobody &operator=(const AsNobody &) = delete;
};

// A file system of a few pages, unmounted with its object. Check isMounted().
class TinyDisk
{
public:
    explicit TinyDisk(qint64 bytes);
    ~TinyDisk();
    TinyDisk(const TinyDisk &) = delete;
    TinyDisk &operator=(const TinyDisk &) = delete;
    bool isMounted() const { return m_mounted; }
    QByteArray path() const { return m_folder.path(); }

private:
    Folder m_folder;
    bool m_mounted = false;
};

} // namespace hubkeep::test
