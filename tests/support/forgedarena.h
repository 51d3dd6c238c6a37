// A place where a hostile backup is let loose, with everything around it watched.
//
//     root/
//       work/       where the program runs
//       temporary/  its TMPDIR
//       outside/    what a path or a link out of the target could reach: victim, folder/
//       around/     the target's parent, with a canary in it
//         target/   made by the restore
//
// One thread; see forgedrun.h.

#pragma once

#include "tests/support/forgedbackup.h"
#include "tests/support/forgedrun.h"

#include <QTest>

namespace hubkeep::forge {

class Arena
{
public:
    Arena();
    ~Arena();
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    QByteArray path(const QByteArray &relative) const { return m_root + '/' + relative; }
    QByteArray archive() const { return path("backup.zip"); }
    QByteArray target() const { return path("around/target"); }

    // Runs in work/ and watches all but the target and what may() named.
    Ran run(const QList<QByteArray> &arguments);
    void mayChange(const QByteArray &path) { m_allowed.append(path); }

    // What run() changed outside of the target, in all runs so far; empty when nothing.
    QByteArray damageDone() const { return m_damage; }

    // What of the program's own was left in the target.
    QByteArray leftovers() const;

private:
    QByteArray m_root;
    QList<QByteArray> m_allowed;
    QByteArray m_damage;
};

enum class Verdict {
    Refused, // verify and restore exit with 4; the target is not even made
    Damaged, // verify exits with 4; restore puts back a.txt and what else is sound, and exits with
             // 4
    Harmless, // verify and restore exit with 0
    Mixed, // each ends with 0, 1 or 4, by the rules of Ran::misconduct()
};

struct Trick
{
    const char *name;
    std::function<void(ForgedBackup &, const Arena &)> forge;
    Verdict verdict = Verdict::Refused;
    const char *fragment = ""; // in what verify and restore write to standard error
    std::function<void(const Arena &)> after = {}; // looks at the target with QVERIFYs
    QList<QByteArray> restoreOptions = {};
};

// Writes the trick's backup and puts show, list, cat, verify and restore through it.
void play(const Trick &trick);

// For data functions and test functions: one row for each trick.
void addRows(const QList<Trick> &tricks);
void playRow(const QList<Trick> &tricks);

bool isThere(const QByteArray &path); // itself, not what a link points to
QByteArray contentOf(const QByteArray &path);
QByteArray linkTarget(const QByteArray &path);

} // namespace hubkeep::forge
