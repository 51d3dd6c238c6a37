// Names and paths as long as Linux has them, where nothing can be appended any more.

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

const QByteArray longest(255, 'n');

// The folder below root at that place, made where it is missing: step by step, as no path is
// long enough.
FileDescriptor walk(const QByteArray &root, const QByteArray &relative, bool make)
{
    FileDescriptor at(::open(root.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const QByteArray &part : relative.split('/')) {
        if (make)
            ::mkdirat(at.get(), part.constData(), 0755);
        at = FileDescriptor(
            ::openat(at.get(), part.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!at.isOpen())
            break;
    }
    return at;
}

void writeIn(const FileDescriptor &folder, const char *leaf, const QByteArray &content)
{
    const FileDescriptor fd(
        ::openat(folder.get(), leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd.isOpen() || !writeAt(fd.get(), { content.constData(), size_t(content.size()) }, 0))
        qFatal("Writing %s", leaf);
}

QByteArray readIn(const FileDescriptor &folder, const char *leaf)
{
    const FileDescriptor fd(::openat(folder.get(), leaf, O_RDONLY | O_CLOEXEC));
    QByteArray content(10'000'000, '\0');
    const auto read = fd.isOpen() ? readAt(fd.get(), { content.data(), size_t(content.size()) }, 0)
                                  : Result<qsizetype>(qsizetype(0));
    return read ? content.left(*read) : QByteArray();
}

// What a database has behind its header, in which a snapshot counts changes anew.
QByteArray withoutHeader(const QByteArray &database)
{
    return database.mid(100);
}

// A relative path of about that many bytes.
QByteArray deepPath(qsizetype bytes)
{
    QByteArray path(200, 'd');
    while (path.size() < bytes)
        path += '/' + QByteArray(std::min<qsizetype>(200, bytes - path.size()), 'd');
    return path;
}

// Deeper than the paths that Folder removes by.
struct DeepFolder
{
    Folder folder;

    ~DeepFolder()
    {
        if (std::system(("rm -rf " + folder.path() + "/*").constData()) != 0)
            qFatal("Removing what is deep");
    }
};

} // namespace

class TestLongNames : public QObject
{
    Q_OBJECT

private slots:
    void whatIsReplacedIsKeptThoughNoSuffixFits_data()
    {
        QTest::addColumn<QByteArray>("before"); // what is backed up
        QTest::addColumn<QByteArray>("after"); // what then takes its place
        for (const char *before : { "small", "large", "link", "folder" }) {
            for (const char *after : { "small", "large", "link", "folder" })
                QTest::addRow("%s over %s", before, after)
                    << QByteArray(before) << QByteArray(after);
        }
    }

    void whatIsReplacedIsKeptThoughNoSuffixFits()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        const auto make = [](const QByteArray &path, const QByteArray &kind, char mark) {
            if (exists(path) && !(kind == "folder" && S_ISDIR(statusOf(path).st_mode)))
                removeTree(path);
            if (kind == "link")
                makeLink(QByteArray("to ") + mark, path);
            else if (kind == "folder")
                writeFile(path + '/' + longest, QByteArray(1, mark));
            else
                writeFile(path, QByteArray(kind == "small" ? 100 : 3'000'000, mark));
        };
        const Folder folder;
        makeFolder(folder / "source");
        const QByteArray path = folder / "source/" + longest;
        make(path, before, 'a');
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        for (const char mark : { 'b', 'c' }) {
            make(path, after, mark);
            const auto restored = restoreInPlace(archive);
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QVERIFY2(restored->failed.isEmpty(),
                restored->failed.isEmpty() ? "" : qPrintable(restored->failed.first().message));
        }
        for (const QByteArray &name : namesIn(folder / "source"))
            QVERIFY2(name.size() <= 255 && !name.contains(".partial"), name.constData());
        const QByteArray kept = QByteArray(255, 'n').left(255 - 20) + ".before-restore";
        const bool foldersMeet = before == "folder" && after == "folder";
        const QByteArray in = foldersMeet ? path : folder / "source";
        QCOMPARE(namesIn(in), (QList<QByteArray> { kept, kept + ".1", longest }));
        const QByteArray inner = !foldersMeet && after == "folder" ? '/' + longest : QByteArray();
        const auto contentOf = [&](const QByteArray &at) {
            return after == "link" ? linkTarget(at).right(1) : readFile(at + inner).left(1);
        };
        QCOMPARE(contentOf(in + '/' + kept), "b");
        QCOMPARE(contentOf(in + '/' + kept + ".1"), "c");
    }

    // SQLite has no room for a journal beside it.
    void aDatabaseIsRestoredOrNamed()
    {
        const auto contentOf = [](const QByteArray &at) { return withoutHeader(readFile(at)); };
        const Folder folder;
        makeAccounts(folder / "app.db", 200, "DELETE");
        makeFolder(folder / "source");
        const QByteArray path = folder / "source/" + longest;
        QCOMPARE(::rename((folder / "app.db").constData(), path.constData()), 0);
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QCOMPARE(problemsOf(made.path), QStringList());
        const auto anew = restoreTo(made.path, folder / "back");
        QVERIFY2(anew, qPrintable(sentence(anew)));
        QCOMPARE(contentOf(folder / "back/source/" + longest), contentOf(path));
        overwriteAt(path, 60, "\x01"); // its user_version
        const QByteArray changed = readFile(path);
        const auto over = restoreInPlace(made.path);
        QVERIFY2(over, qPrintable(sentence(over)));
        if (over->replaced == 1) {
            QCOMPARE(contentOf(path), contentOf(folder / "back/source/" + longest));
            QCOMPARE(namesIn(folder / "source").size(), 2);
        } else {
            QCOMPARE(over->failed.size(), 1);
            QVERIFY2(over->failed.first().message.contains(QLatin1Char(' ')),
                qPrintable(over->failed.first().message));
            QVERIFY(readFile(path) == changed);
            QCOMPARE(namesIn(folder / "source"), QList<QByteArray> { longest });
        }
    }

    // The longest that a manifest takes, below a target that has a name, too.
    void pathsBeyondWhatTheSystemTakesAreRestored()
    {
        const DeepFolder deep;
        const QByteArray path = deepPath(4000);
        makeFolder(deep.folder / "source");
        {
            const FileDescriptor bottom = walk(deep.folder / "source", path, true);
            writeIn(bottom, "small", "content");
            writeIn(bottom, "large", randomBytes(3'000'000, 1));
            QCOMPARE(::symlinkat("small", bottom.get(), "link"), 0);
            QCOMPARE(::linkat(bottom.get(), "small", bottom.get(), "z hard link", 0), 0);
        }
        const BackupOutcome made
            = mustRun(request(deep.folder / "out", files(deep.folder / "source")));
        QVERIFY2(made.warnings.isEmpty(),
            made.warnings.isEmpty() ? "" : qPrintable(made.warnings.first().message));
        QCOMPARE(problemsOf(made.path), QStringList());
        const QByteArray target = deep.folder / QByteArray(200, 't');
        for (int i = 0; i < 2; ++i) {
            RestoreRequest again;
            again.overwrite = i > 0;
            const auto restored = restoreTo(made.path, target, again);
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QVERIFY(restored->failed.isEmpty());
            QCOMPARE(i == 0 ? restored->written : restored->unchanged, 4);
            const FileDescriptor bottom = walk(target + "/source", path, false);
            QCOMPARE(readIn(bottom, "small"), "content");
            QCOMPARE(readIn(bottom, "z hard link"), "content");
            QVERIFY(readIn(bottom, "large") == randomBytes(3'000'000, 1));
        }
        // And over what is there.
        {
            const FileDescriptor bottom = walk(target + "/source", path, false);
            QCOMPARE(::unlinkat(bottom.get(), "large", 0), 0);
            writeIn(bottom, "large", "something else");
            RestoreRequest over;
            over.overwrite = true;
            const auto restored = restoreTo(made.path, target, over);
            QVERIFY2(restored, qPrintable(sentence(restored)));
            QCOMPARE(restored->replaced, 1);
            QVERIFY(readIn(bottom, "large") == randomBytes(3'000'000, 1));
            QCOMPARE(readIn(bottom, "large.before-restore"), "something else");
        }
    }

    // SQLite knows files by their paths.
    void aDatabaseBeyondWhatTheSystemTakesIsNamedOrThere()
    {
        const DeepFolder deep;
        const QByteArray path = deepPath(4000);
        makeAccounts(deep.folder / "app.db", 200, "DELETE");
        makeFolder(deep.folder / "source");
        const FileDescriptor bottom = walk(deep.folder / "source", path, true);
        writeIn(bottom, "app.db", readFile(deep.folder / "app.db"));
        writeFile(deep.folder / "source/other", "content");
        const auto made = run(request(deep.folder / "out", files(deep.folder / "source")));
        QVERIFY2(made, qPrintable(sentence(made)));
        QCOMPARE(problemsOf(made->path), QStringList());
        const QByteArray name = "sources/source/" + path + "/app.db";
        const auto entries = entriesOf(made->path);
        QVERIFY(entries.contains("sources/source/other"));
        QVERIFY(entries.contains(name) || !made->warnings.isEmpty());
        const auto restored = restoreTo(made->path, deep.folder / QByteArray(200, 't'));
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(readFile(deep.folder / QByteArray(200, 't') + "/source/other"), "content");
        if (entries.contains(name) && restored->failed.isEmpty())
            QVERIFY(
                withoutHeader(readIn(
                    walk(deep.folder / QByteArray(200, 't') + "/source", path, false), "app.db"))
                == withoutHeader(readFile(deep.folder / "app.db")));
    }

    // A name that no zip and no manifest takes.
    void pathsTooLongForABackupAreNamedAndTheRestIsBackedUp()
    {
        const DeepFolder deep;
        makeFolder(deep.folder / "source");
        writeIn(walk(deep.folder / "source", deepPath(5000), true), "file", "content");
        writeFile(deep.folder / "source/other", "content");
        const auto made = run(request(deep.folder / "out", files(deep.folder / "source")));
        QVERIFY2(made, qPrintable(sentence(made)));
        QCOMPARE(problemsOf(made->path), QStringList());
        QVERIFY(made->info.unreadable > 0);
        QVERIFY(!made->warnings.isEmpty());
        for (const Warning &warning : made->warnings)
            QVERIFY2(warning.message.contains(QLatin1String("long")), qPrintable(warning.message));
        QVERIFY(entriesOf(made->path).contains("sources/source/other"));
    }

    void aTargetThatIsTooLongIsOneSentence()
    {
        const Folder folder;
        writeFile(folder / "source/file", "content");
        const QByteArray archive = mustRun(request(folder / "out", files(folder / "source"))).path;
        const auto restored = restoreTo(archive, folder / QByteArray(300, 't'));
        QVERIFY(!restored);
        QVERIFY2(sentence(restored).contains(QLatin1String("Making the folder")),
            qPrintable(sentence(restored)));
        QVERIFY(!restoreTo(archive, folder.path() + '/' + deepPath(5000)).ok());
        if (std::system(("rm -rf " + folder / "ddd*").constData()) != 0)
            qFatal("Removing what is deep");
    }
};

QTEST_GUILESS_MAIN(TestLongNames)
#include "tst_longnames.moc"
