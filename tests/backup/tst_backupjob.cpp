// One backup as a whole: its name and file, its lock, what it leaves when it ends early.

#include "integrations/backup/backupfolder.h"
#include "integrations/backup/folderlock.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <csignal>
#include <sys/resource.h>
#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

// Longer files cannot be written while it lives: a full disk for whoever writes.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit { bytes, m_before.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before;
};

// A source that cancels the job, or whatever else it is told to do, in the middle.
class Interrupting final : public BackupSource
{
public:
    Interrupting(QByteArray path, int after, std::function<void()> interrupt)
        : m_inner(files(path))
        , m_after(after)
        , m_interrupt(std::move(interrupt))
    {
    }
    QString name() const override { return m_inner->name(); }
    QString type() const override { return m_inner->type(); }
    QByteArray path() const override { return m_inner->path(); }
    Result<std::unique_ptr<SourceReader>> open(const SourceContext &context) const override
    {
        auto inner = m_inner->open(context);
        if (!inner)
            return inner.error();
        return std::unique_ptr<SourceReader>(
            std::make_unique<Reader>(std::move(*inner), m_after, m_interrupt));
    }

private:
    class Reader final : public SourceReader
    {
    public:
        Reader(std::unique_ptr<SourceReader> inner, int after, std::function<void()> interrupt)
            : m_inner(std::move(inner))
            , m_left(after)
            , m_interrupt(std::move(interrupt))
        {
        }
        Result<std::optional<SourceItem>> next() override
        {
            if (m_left-- == 0)
                m_interrupt();
            return m_inner->next();
        }

    private:
        std::unique_ptr<SourceReader> m_inner;
        int m_left;
        std::function<void()> m_interrupt;
    };

    std::unique_ptr<BackupSource> m_inner;
    int m_after;
    std::function<void()> m_interrupt;
};

} // namespace

class TestBackupJob : public QObject
{
    Q_OBJECT

private slots:
    void isNamedAfterItsTimeInUtc()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const SetClock clock(QDateTime({ 2026, 2, 11 }, { 14, 30, 22, 250 }, Qt::UTC));
        BackupRequest timed = request(folder / "out", files(folder / "source"));
        timed.clock = &clock;
        const BackupOutcome made = mustRun(timed);
        static const QRegularExpression id(QStringLiteral("^backup-20260211-143022-[0-9a-f]{8}$"));
        QVERIFY2(id.match(made.info.id).hasMatch(), qPrintable(made.info.id));
        QCOMPARE(made.path, folder / "out/" + made.info.id.toLatin1() + ".zip");
        QCOMPARE(made.info.created, clock.now());
        QCOMPARE(mustOpen(made.path).info().id, made.info.id);
        // The same second, another name.
        QVERIFY(mustRun(timed).info.id != made.info.id);
    }

    void isAReadOnlyFileAndNothingElse()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeAccounts(folder / "source/app.db", 1000, "WAL");
        const BackupOutcome made
            = mustRun(request(folder / "deep/er/out", files(folder / "source")));
        QCOMPARE(namesIn(folder / "deep/er/out"),
            (QList<QByteArray> { made.info.id.toLatin1() + ".zip" }));
        QCOMPARE(statusOf(made.path).st_mode & 07777, 0400U);
        QCOMPARE(qint64(statusOf(made.path).st_size), made.size);
        QCOMPARE(made.info.counts().files, 2);
        QCOMPARE(made.info.counts().databases, 1);
        QCOMPARE(made.info.counts().directories, 1);
    }

    void isNamedAfterItsSourcesUnlessItIsGivenAName()
    {
        const Folder folder;
        writeFile(folder / "b/file", "x");
        writeFile(folder / "a/file", "x");
        BackupRequest named = request(folder / "out", files(folder / "b"), files(folder / "a"));
        QCOMPARE(mustRun(named).info.name, QStringLiteral("a, b"));
        named.name = QStringLiteral("Before the move");
        QCOMPARE(mustRun(named).info.name, QStringLiteral("Before the move"));
    }

    void sourcesAreInTheOrderOfTheirNames()
    {
        const Folder folder;
        for (const char *name : { "a", "a-b", "a.c", "ab", "B" })
            writeFile(folder / name + "/file", name);
        const BackupOutcome made
            = mustRun(request(folder / "out", files(folder / "ab"), files(folder / "a.c"),
                files(folder / "B"), files(folder / "a"), files(folder / "a-b")));
        QCOMPARE(problemsOf(made.path), QStringList());
        QCOMPARE(made.info.sources.size(), 5);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/a-b/file"), "a-b");
    }

    void theSameSourcesAreOnePlanInWhateverOrder()
    {
        const Folder folder;
        for (const char *name : { "a", "b", "c/a" })
            writeFile(folder / name + "/file", "x");
        const auto planOf = [&](auto... sources) {
            return mustRun(request(folder / "out", std::move(sources)...)).info.plan;
        };
        const QString plan = planOf(files(folder / "a"), files(folder / "b"));
        QCOMPARE(planOf(files(folder / "b"), files(folder / "a")), plan);
        QCOMPARE(planOf(files(folder / "a", { "*.tmp" }), files(folder / "b")), plan);
        QVERIFY(planOf(files(folder / "a")) != plan);
        QVERIFY(planOf(files(folder / "c/a"), files(folder / "b")) != plan);
        QVERIFY(
            planOf(files(folder / "a", {}, QStringLiteral("other")), files(folder / "b")) != plan);
    }

    void isBusyWhileAnotherJobWorksInTheFolder()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "out");
        {
            const Result<FolderLock> lock = FolderLock::take(folder / "out");
            QVERIFY(lock.ok());
            const auto outcome = run(request(folder / "out", files(folder / "source")));
            QVERIFY(!outcome && outcome.error().code == ErrorCode::Busy);
            QVERIFY(sentence(outcome).contains(QLatin1String("Another job is working")));
            QVERIFY(namesIn(folder / "out").isEmpty());
        }
        QVERIFY(run(request(folder / "out", files(folder / "source"))).ok());
    }

    // The one that works is not harmed by the one that is turned away.
    void twoAtOnceAreOneBackup()
    {
        const Folder folder;
        writeFile(folder / "source/file", randomBytes(1 << 20, 1));
        Result<BackupOutcome> second = Error {};
        BackupRequest first;
        first.output = folder / "out";
        first.sources.push_back(std::make_unique<Interrupting>(folder / "source", 1,
            [&] { second = run(request(folder / "out", files(folder / "source"))); }));
        const BackupOutcome made = mustRun(first);
        QVERIFY(!second && second.error().code == ErrorCode::Busy);
        QCOMPARE(problemsOf(made.path), QStringList());
        QCOMPARE(namesIn(folder / "out").size(), 1);
    }

    void whatAKilledJobLeftIsRemovedAndNothingElse()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        const BackupOutcome older = mustRun(request(folder / "out", files(folder / "source")));
        writeFile(folder / "out/backup-20260101-000000-0123abcd.zip.partial", "half");
        writeFile(folder / "out/backup-20260101-000000-0123abcd.spool.partial/snapshot.db", "half");
        writeFile(folder / "out/backup-20260101-000000-0123abcd.txt", "mine");
        writeFile(folder / "out/notes.partial", "mine");
        writeFile(folder / "out/notes.spool.partial/file", "mine");
        const QByteArray before = readFile(older.path);
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QList<QByteArray> expected { made.info.id.toLatin1() + ".zip",
            older.info.id.toLatin1() + ".zip", "backup-20260101-000000-0123abcd.txt",
            "notes.partial", "notes.spool.partial" };
        std::sort(expected.begin(), expected.end());
        QCOMPARE(namesIn(folder / "out"), expected);
        QCOMPARE(readFile(older.path), before);
    }

    void aLeftSpoolThatIsALinkIsNotFollowed()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        writeFile(folder / "precious/file", "x");
        makeFolder(folder / "out");
        makeLink(folder / "precious", folder / "out/backup-20260101-000000-0123abcd.spool.partial");
        mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY(exists(folder / "precious/file"));
    }

    void cancellingLeavesNothingBehind_data()
    {
        QTest::addColumn<int>("afterItems");
        QTest::newRow("at the beginning") << 0;
        QTest::newRow("in the middle") << 150;
        QTest::newRow("at the end") << 302;
    }

    void cancellingLeavesNothingBehind()
    {
        QFETCH(int, afterItems);
        const Folder folder;
        for (int i = 0; i < 300; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), randomBytes(10'000, quint32(i)));
        makeAccounts(folder / "source/00.db", 1000, "WAL");
        const BackupOutcome older = mustRun(request(folder / "out", files(folder / "source")));
        JobControl control;
        BackupRequest cut;
        cut.output = folder / "out";
        cut.sources.push_back(std::make_unique<Interrupting>(
            folder / "source", afterItems, [&] { control.cancel(); }));
        const auto outcome = runBackup(cut, control);
        QVERIFY(!outcome && outcome.error().code == ErrorCode::Cancelled);
        QCOMPARE(
            namesIn(folder / "out"), (QList<QByteArray> { older.info.id.toLatin1() + ".zip" }));
        QVERIFY(run(request(folder / "out", files(folder / "source"))).ok());
    }

    void aFullDiskIsOneSentenceAndLeavesNothing()
    {
        const TinyDisk disk(3 << 20);
        if (!disk.isMounted())
            QSKIP("mounting is not allowed here");
        const Folder folder;
        writeFile(folder / "source/small", "x");
        const BackupOutcome older = mustRun(request(disk.path(), files(folder / "source")));
        const QByteArray before = readFile(older.path);
        for (int i = 0; i < 50; ++i)
            writeFile(folder / "source/" + QByteArray::number(i), randomBytes(200'000, quint32(i)));
        const auto outcome = run(request(disk.path(), files(folder / "source")));
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().code, ErrorCode::NoSpace);
        QVERIFY2(sentence(outcome).contains(QLatin1String("free some space")),
            qPrintable(sentence(outcome)));
        QVERIFY2(sentence(outcome).contains(QFile::decodeName(disk.path())),
            qPrintable(sentence(outcome)));
        QCOMPARE(namesIn(disk.path()), (QList<QByteArray> { older.info.id.toLatin1() + ".zip" }));
        QCOMPARE(readFile(older.path), before);
    }

    void aFileThatMayNotGrowIsOneSentenceAndLeavesNothing()
    {
        const Folder folder;
        writeFile(folder / "source/large", randomBytes(4 << 20, 1));
        Result<BackupOutcome> outcome = Error {};
        {
            const FileSizeLimit limit(2 << 20);
            outcome = run(request(folder / "out", files(folder / "source")));
        }
        QVERIFY(!outcome);
        QVERIFY2(
            sentence(outcome).contains(QLatin1String("too large")), qPrintable(sentence(outcome)));
        QVERIFY(namesIn(folder / "out").isEmpty());
    }

    void aFolderThatCannotBeWrittenIsOneSentence()
    {
        if (!AsNobody::isPossible())
            QSKIP("only root can become somebody else");
        const Folder folder;
        writeFile(folder / "source/file", "x");
        makeFolder(folder / "out");
        setMode(folder.path(), 0755);
        const AsNobody nobody;
        for (const char *output : { "out", "new" }) {
            const auto outcome = run(request(folder / output, files(folder / "source")));
            QVERIFY(!outcome);
            QVERIFY2(sentence(outcome).contains(QLatin1String("Permission denied"))
                    && sentence(outcome).contains(QFile::decodeName(folder / output)),
                qPrintable(sentence(outcome)));
        }
    }

    void anOutputThatIsAFileIsRefused()
    {
        const Folder folder;
        writeFile(folder / "source/file", "x");
        writeFile(folder / "out", "a file");
        QVERIFY(!run(request(folder / "out", files(folder / "source"))));
        QVERIFY(!run(request(folder / "out/below", files(folder / "source"))));
        QCOMPARE(readFile(folder / "out"), "a file");
    }

    void theNewestIsListedFirstAndDamagedOnesToo()
    {
        const Folder folder;
        SetClock clock;
        writeFile(folder / "source/file", "x");
        BackupRequest again = request(folder / "out", files(folder / "source"));
        again.clock = &clock;
        QList<QString> ids;
        for (int i = 0; i < 3; ++i) {
            ids.prepend(mustRun(again).info.id);
            clock.passDay();
        }
        const QByteArray damaged = folder / "out/" + archiveName(ids[1]);
        setMode(damaged, 0600);
        writeFile(damaged, "not a zip");
        writeFile(folder / "out/other.zip", "not ours");
        const Result<QList<StoredBackup>> listed = listBackups(folder / "out");
        QVERIFY(listed.ok());
        QCOMPARE(listed->size(), 3);
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(listed->at(i).id, ids[i]);
            QCOMPARE(listed->at(i).info.ok(), i != 1);
        }
        QCOMPARE(listBackups(folder / "none").error().code, ErrorCode::NotFound);
    }

    void progressGoesThroughItsStagesToTheEnd()
    {
        const Folder folder;
        writeFile(folder / "source/file", randomBytes(5 << 20, 1));
        JobControl control;
        BackupRequest estimated = request(folder / "out", files(folder / "source"));
        estimated.estimate = true;
        QVERIFY(runBackup(estimated, control).ok());
        const Progress end = control.progress();
        QCOMPARE(QByteArray(end.stage), "Verifying");
        QCOMPARE(end.doneBytes, end.totalBytes);
        QCOMPARE(end.totalBytes, 5 << 20);
    }
};

QTEST_GUILESS_MAIN(TestBackupJob)
#include "tst_backupjob.moc"
