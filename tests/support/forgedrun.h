// Runs the real binary under the limits that hostile input must not break, and looks at
// what it left behind.
//
// For tests with one thread: runHubkeep() forks.

#pragma once

#include <QByteArray>
#include <QList>
#include <QMap>

#include <chrono>

namespace hubkeep::forge {

// Sanitizers cost time and, above all, memory: under them only crashes and time count.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool isSanitized = true;
#else
inline constexpr bool isSanitized = false;
#endif
inline constexpr std::chrono::seconds timeLimit { isSanitized ? 60 : 10 };
inline constexpr qint64 memoryLimit = 256 << 20;

struct Ran
{
    int exitCode = -1; // -1: killed by signal
    int signal = 0;
    bool tookTooLong = false;
    qint64 milliseconds = 0;
    qint64 peakBytes = 0;
    QByteArray output;
    QByteArray errors;

    // The lines of errors that are the program's sentence, and not its list of what is
    // damaged.
    QList<QByteArray> sentences() const;

    // What breaks the rules that hold for every run: it ended by itself, in time, within
    // the memory, with one sentence if it failed and none if it did not, and wrote no
    // control character to the terminal. Empty when all is well.
    QByteArray misconduct() const;
    QByteArray summary() const; // for failed tests
};

// In folder, with TMPDIR set to temporary and the data folder to nowhere.
Ran runHubkeep(const QList<QByteArray> &arguments, const QByteArray &folder = "/",
    const QByteArray &temporary = "/tmp");

enum class Watch {
    Content, // type, mode, owner, size, mtime, content, target, attributes, hard links
    Identity, // and inode and ctime: whether anybody touched it at all
};
// Every path below root (root itself is "") with what there is to know about it. What lies
// in skipped is left out. Mtimes of folders on the way to skipped are not looked at.
QMap<QByteArray, QByteArray> treeState(
    const QByteArray &root, Watch watch, const QList<QByteArray> &skipped = {});

// The first difference between two such, for a message; empty when there is none.
QByteArray firstDifference(
    const QMap<QByteArray, QByteArray> &before, const QMap<QByteArray, QByteArray> &after);

void removeTree(const QByteArray &path);

} // namespace hubkeep::forge
