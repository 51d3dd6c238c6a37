#include "tests/support/forgedarena.h"

#include "automation/core/filedescriptor.h"

#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hubkeep::forge {
namespace {

void writeFile(const QByteArray &path, const QByteArray &content)
{
    QFile file(QFile::decodeName(path));
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write %s", path.constData());
}

// The sentence for people, and what each command said about the whole.
QByteArray described(const char *command, const Ran &ran)
{
    return QByteArray(command) + ": " + ran.misconduct() + '\n' + ran.summary();
}

#define CHECK_CONDUCT(ran, command)                                                                \
    QVERIFY2((ran).misconduct().isEmpty(), described(command, ran).constData())

void checkVerdict(const Trick &trick, const Arena &arena, const Ran &verified, const Ran &restored)
{
    const bool fails = trick.verdict == Verdict::Refused || trick.verdict == Verdict::Damaged;
    if (trick.verdict != Verdict::Mixed) {
        const int expected = fails ? 4 : 0;
        QVERIFY2(verified.exitCode == expected, described("verify", verified).constData());
        QVERIFY2(restored.exitCode == expected, described("restore", restored).constData());
    }
    QVERIFY2(verified.errors.contains(trick.fragment), described("verify", verified).constData());
    QVERIFY2(restored.errors.contains(trick.fragment), described("restore", restored).constData());
    if (trick.verdict == Verdict::Refused) {
        QVERIFY2(!isThere(arena.target()), "a refused backup made its target");
        QCOMPARE(restored.errors.count('\n'), 1);
    } else if (trick.verdict == Verdict::Damaged) {
        QVERIFY(contentOf(arena.path("around/target/src/a.txt")).startsWith("hello"));
    }
}

// In a process of its own: a child begins with its parent's peak of memory.
bool forgeApart(const Trick &trick, const Arena &arena)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ForgedBackup forged;
        trick.forge(forged, arena);
        ::_exit(forged.write(arena.archive()) ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

Arena::Arena()
{
    QByteArray name = QFile::encodeName(QDir::tempPath()) + "/forged-XXXXXX";
    if (!::mkdtemp(name.data()))
        qFatal("no temporary folder");
    m_root = name;
    for (const char *folder : { "work", "temporary", "outside", "outside/folder", "around" })
        ::mkdir(path(folder).constData(), 0755);
    writeFile(path("outside/victim"), "do not touch\n");
    writeFile(path("outside/folder/victim"), "nor this\n");
    writeFile(path("around/canary"), "sings\n");
    ::symlink("../outside", path("around/link").constData());
    ::link(path("outside/victim").constData(), path("outside/second").constData());
    m_allowed.append(target());
    m_allowed.append(path("temporary/-")); // its own times may change, what is in it not
}

Arena::~Arena()
{
    removeTree(m_root);
}

Ran Arena::run(const QList<QByteArray> &arguments)
{
    static constexpr const char *absolute[] = { "/evil", "/moo", "/forged-evil" };
    const auto state = [this] {
        auto all = treeState(m_root, Watch::Identity, m_allowed);
        for (const char *there : absolute)
            all.insert(there, isThere(there) ? "there" : "");
        return all;
    };
    const auto before = state();
    const Ran ran = runHubkeep(arguments, path("work"), path("temporary"));
    const QByteArray changed = firstDifference(before, state());
    if (m_damage.isEmpty() && !changed.isEmpty())
        m_damage = arguments.value(0) + ": " + changed;
    return ran;
}

QByteArray Arena::leftovers() const
{
    const auto state = treeState(target(), Watch::Content);
    for (auto it = state.begin(); it != state.end(); ++it) {
        if (it.key().endsWith(".partial") || it.key().contains(".hubkeep-"))
            return it.key();
    }
    return {};
}

void play(const Trick &trick)
{
    Arena arena;
    QVERIFY(forgeApart(trick, arena));

    const Ran shown = arena.run({ "show", arena.archive() });
    CHECK_CONDUCT(shown, "show");
    const Ran printed = arena.run({ "cat", arena.archive(), "sources/src/a.txt" });
    CHECK_CONDUCT(printed, "cat");
    const Ran verified = arena.run({ "verify", arena.archive() });
    CHECK_CONDUCT(verified, "verify");
    const Ran restored
        = arena.run(QList<QByteArray> { "restore", arena.archive(), "--to", arena.target() }
            + trick.restoreOptions);
    CHECK_CONDUCT(restored, "restore");
    checkVerdict(trick, arena, verified, restored);
    if (QTest::currentTestFailed())
        return;
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
    QVERIFY2(arena.leftovers().isEmpty(), arena.leftovers().constData());
    if (trick.after)
        trick.after(arena);
}

void addRows(const QList<Trick> &tricks)
{
    QTest::addColumn<qsizetype>("index");
    for (qsizetype i = 0; i < tricks.size(); ++i)
        QTest::newRow(tricks[i].name) << i;
}

void playRow(const QList<Trick> &tricks)
{
    QFETCH(qsizetype, index);
    play(tricks[index]);
}

bool isThere(const QByteArray &path)
{
    struct stat status;
    return ::lstat(path.constData(), &status) == 0;
}

QByteArray contentOf(const QByteArray &path)
{
    struct stat status;
    if (::lstat(path.constData(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    // By its bytes: QFile cannot name what is not UTF-8.
    const FileDescriptor fd(::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    QByteArray content(status.st_size, Qt::Uninitialized);
    return readExactlyAt(fd.get(), { content.data(), size_t(content.size()) }, 0) ? content
                                                                                  : QByteArray();
}

QByteArray linkTarget(const QByteArray &path)
{
    QByteArray target(4096, '\0');
    const ssize_t length = ::readlink(path.constData(), target.data(), size_t(target.size()));
    return target.left(std::max<ssize_t>(length, 0));
}

} // namespace hubkeep::forge
