// ctest: threaded
// Files that change while they are read.

#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <atomic>
#include <thread>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

// Does something to files over and over while a backup runs.
class Restless
{
public:
    explicit Restless(std::function<void(int)> act)
        : m_thread([this, act = std::move(act)] {
            for (int i = 0; !m_stop; ++i) {
                act(i);
                m_rounds = i + 1;
            }
        })
    {
        while (m_rounds < 3)
            std::this_thread::yield();
    }
    ~Restless()
    {
        m_stop = true;
        m_thread.join();
    }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<int> m_rounds = 0;
    std::thread m_thread;
};

constexpr qint64 largeSize = 24 << 20;

} // namespace

class TestChangingFiles : public QObject
{
    Q_OBJECT

private slots:
    void aFileThatNeverHoldsStillIsKeptAndFlagged_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QByteArray>("how");
        for (const qint64 size : { qint64(900'000), largeSize }) {
            for (const char *how : { "written", "growing", "shrinking" })
                QTest::addRow("%lld, %s", size, how) << size << QByteArray(how);
        }
    }

    void aFileThatNeverHoldsStillIsKeptAndFlagged()
    {
        QFETCH(qint64, size);
        QFETCH(QByteArray, how);
        const Folder folder;
        const QByteArray file = folder / "source/file";
        writeFile(file, randomBytes(size, 1));
        writeFile(folder / "source/still", "x");
        qint64 length = size;
        Result<BackupOutcome> outcome = Error {};
        {
            const Restless writer([&](int i) {
                if (how == "written") {
                    overwriteAt(file, (i * 7919LL) % (size - 8), "changed!");
                } else if (how == "growing") {
                    if (length < 2 * size)
                        appendToFile(file, QByteArray(64, char(i)));
                    length += 64;
                    overwriteAt(file, 0, QByteArray(1, char(i)));
                } else {
                    length = length > size / 2 ? length - 1000 : size;
                    if (::truncate(file.constData(), length) != 0)
                        qFatal("Truncating failed");
                }
            });
            // On a busy machine the writer may be the one who waits, once or twice.
            for (int i = 0; i < 500 && (!outcome || outcome->warnings.isEmpty()); ++i)
                outcome = run(request(folder / "out", files(folder / "source")));
        }
        QVERIFY2(outcome, qPrintable(sentence(outcome)));
        QVERIFY(warnsAbout(outcome->warnings, file, "It kept changing while it was read"));
        QCOMPARE(outcome->info.unreadable, 0);
        const auto entries = entriesOf(outcome->path);
        QVERIFY(entries.value("sources/source/file").torn);
        QVERIFY(!entries.value("sources/source/still").torn);
        QCOMPARE(problemsOf(outcome->path), QStringList());
        QVERIFY(restoreTo(outcome->path, folder / "back").ok());
        QCOMPARE(qint64(statusOf(folder / "back/source/file").st_size),
            entries.value("sources/source/file").size);
    }

    // A mark is no stamp of approval: the next backup reads it again.
    void aTornFileIsNotTakenOver()
    {
        const Folder folder;
        SetClock clock;
        const QByteArray file = folder / "source/file";
        writeFile(file, randomBytes(900'000, 1));
        BackupRequest again = request(folder / "out", files(folder / "source"));
        again.clock = &clock;
        {
            const Restless writer([&](int i) { overwriteAt(file, i % 800'000, "changed!"); });
            bool torn = false;
            for (int i = 0; i < 500 && !torn; ++i) {
                clock.passDay();
                torn = entriesOf(mustRun(again).path).value("sources/source/file").torn;
            }
            QVERIFY(torn);
        }
        clock.passDay();
        const BackupOutcome made = mustRun(again);
        QVERIFY(made.warnings.isEmpty());
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(readFile(folder / "back/source/file"), readFile(file));
    }

    // Programs that rename a finished file into its place are always read whole.
    void aFileThatIsReplacedIsOneOrTheOther()
    {
        const Folder folder;
        const QByteArray file = folder / "source/file";
        writeFile(file, QByteArray(500'000, 'a'));
        makeFolder(folder / "made");
        for (int round = 0; round < 5; ++round) {
            const Restless writer([&](int i) {
                writeFile(folder / "made/new", QByteArray(500'000, i % 2 ? 'a' : 'b'));
                ::rename((folder / "made/new").constData(), file.constData());
            });
            const auto outcome = run(request(folder / "out", files(folder / "source")));
            QVERIFY2(outcome, qPrintable(sentence(outcome)));
            const QByteArray back = folder / "back" + QByteArray::number(round);
            QVERIFY(restoreTo(outcome->path, back).ok());
            const QByteArray content = readFile(back + "/source/file");
            if (entriesOf(outcome->path).value("sources/source/file").torn)
                continue; // its link count changed meanwhile: flagged for nothing, and whole
            QCOMPARE(content.size(), 500'000);
            QCOMPARE(content.count(content[0]), 500'000);
        }
    }

    void foldersThatComeAndGoDoNoHarm()
    {
        const Folder folder;
        const Folder outside;
        writeFile(outside / "secret", "do not back this up");
        for (int i = 0; i < 200; ++i)
            writeFile(folder / "source/" + QByteArray::number(i) + "/file", randomBytes(2000, 1));
        for (int round = 0; round < 5; ++round) {
            const Restless mover([&](int i) {
                // A folder, a link out of the source, and nothing take turns.
                const QByteArray name = folder / "source/" + QByteArray::number(i % 200);
                ::rename(name.constData(), (folder / "aside").constData());
                if (::symlink(outside.path().constData(), name.constData()) == 0)
                    ::unlink(name.constData());
                ::rename((folder / "aside").constData(), name.constData());
            });
            const auto outcome = run(request(folder / "out", files(folder / "source")));
            QVERIFY2(outcome, qPrintable(sentence(outcome)));
            const auto entries = entriesOf(outcome->path);
            for (auto it = entries.begin(); it != entries.end(); ++it)
                QVERIFY2(!it.key().endsWith("secret"), it.key().constData());
            QCOMPARE(problemsOf(outcome->path), QStringList());
        }
    }
};

QTEST_GUILESS_MAIN(TestChangingFiles)
#include "tst_changingfiles.moc"
