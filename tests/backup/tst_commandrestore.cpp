// A command's source, restored in place by a command that takes its file.

#include "integrations/command/commandsource.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <csignal>
#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

constexpr qint64 large = 5'000'000;

struct Scene
{
    Folder folder;
    QByteArray content;
    QByteArray archive;

    explicit Scene(qint64 size)
        : content(randomBytes(size, 7))
    {
        writeFile(folder / "dump", content);
        archive = mustRun(request(folder / "out",
                              std::make_unique<command::CommandSource>(
                                  command::CommandConfig { QStringLiteral("ledger"),
                                      { QStringLiteral("cat"), QString::fromUtf8(folder / "dump") },
                                      "ledger.dump" })))
                      .path;
    }

    RestoreRequest through(const QByteArray &script) const
    {
        RestoreRequest request;
        request.commands.insert(QStringLiteral("ledger"),
            { QStringLiteral("sh"), QStringLiteral("-c"), QString::fromUtf8(script) });
        return request;
    }
};

QString failureOf(const Result<RestoreOutcome> &restored)
{
    if (!restored)
        return restored.error().message;
    return restored->failed.isEmpty() ? QString() : restored->failed.first().message;
}

} // namespace

class TestCommandRestore : public QObject
{
    Q_OBJECT

private slots:
    void theCommandGetsTheFile_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::newRow("empty") << qint64(0);
        QTest::newRow("small") << qint64(1000);
        QTest::newRow("large") << large;
    }

    void theCommandGetsTheFile()
    {
        QFETCH(const qint64, size);
        const Scene scene(size);
        const auto restored
            = restoreInPlace(scene.archive, scene.through("cat > '" + scene.folder / "got'"));
        QCOMPARE(failureOf(restored), QString());
        QCOMPARE(restored->written, 1);
        QVERIFY(restored->warnings.isEmpty());
        QCOMPARE(readFile(scene.folder / "got"), scene.content);
    }

    void withoutACommandItIsLeftOutAndSaid()
    {
        const Scene scene(10);
        const auto restored = restoreInPlace(scene.archive);
        QCOMPARE(failureOf(restored), QString());
        QCOMPARE(restored->written, 0);
        QVERIFY(warnsAbout(restored->warnings, {}, "ledger is a command's output"));
    }

    void intoAFolderTheCommandIsNotRun()
    {
        const Scene scene(1000);
        const auto restored = restoreTo(
            scene.archive, scene.folder / "back", scene.through("touch '" + scene.folder / "ran'"));
        QCOMPARE(failureOf(restored), QString());
        QCOMPARE(readFile(scene.folder / "back/ledger/ledger.dump"), scene.content);
        QVERIFY(!exists(scene.folder / "ran"));
    }

    void whatItSaysIsInTheError()
    {
        const Scene scene(large);
        const QString said = failureOf(restoreInPlace(
            scene.archive, scene.through("cat >/dev/null; echo 'no such role' >&2; exit 3")));
        QVERIFY2(said.contains(QLatin1String("exit status 3"))
                && said.contains(QLatin1String("no such role")),
            qPrintable(said));
    }

    void oneThatDoesNotReadIsJudgedByItsStatus()
    {
        const Scene scene(large);
        QCOMPARE(failureOf(restoreInPlace(scene.archive, scene.through("exit 0"))), QString());
        QVERIFY(failureOf(restoreInPlace(scene.archive, scene.through("exit 1")))
                    .contains(QLatin1String("exit status 1")));
        QVERIFY(failureOf(restoreInPlace(scene.archive, scene.through("kill -9 $$")))
                    .contains(QLatin1String("ended by a signal")));
    }

    void oneThatIsNotThereIsNamed()
    {
        const Scene scene(10);
        RestoreRequest request;
        request.commands.insert(QStringLiteral("ledger"), { QStringLiteral("no-such-program") });
        QVERIFY(failureOf(restoreInPlace(scene.archive, request))
                    .contains(QLatin1String("no-such-program")));
    }

    void theTimeOutEndsAllThatItStarted()
    {
        const Scene scene(large);
        RestoreRequest request
            = scene.through("sleep 300 & echo $! > '" + scene.folder / "pid'; sleep 300");
        request.commandTimeout = std::chrono::milliseconds(700);
        const QString said = failureOf(restoreInPlace(scene.archive, request));
        QVERIFY2(said.contains(QLatin1String("took too long")), qPrintable(said));
        const pid_t child = readFile(scene.folder / "pid").trimmed().toInt();
        QVERIFY(child > 0);
        QTRY_VERIFY(::kill(child, 0) != 0
            || readFile("/proc/" + QByteArray::number(child) + "/stat").contains(") Z"));
    }

    void cancellingEndsIt()
    {
        const Scene scene(large);
        const RestoreRequest request
            = scene.through("echo $$ > '" + scene.folder / "pid'; sleep 300");
        JobControl control;
        std::thread canceller([&] {
            while (readFile(scene.folder / "pid").isEmpty())
                std::this_thread::yield();
            control.cancel();
        });
        const auto restored = runRestore(mustOpen(scene.archive), request, control);
        canceller.join();
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::Cancelled);
    }

    void aDamagedFileIsNotGivenAtAll()
    {
        const Scene scene(large);
        setMode(scene.archive, 0600);
        const qsizetype at = readFile(scene.archive).indexOf(scene.content.mid(4'000'000, 64));
        QVERIFY(at > 0);
        overwriteAt(scene.archive, at, QByteArray(1, char(scene.content[4'000'000] ^ 1)));
        const auto restored
            = restoreInPlace(scene.archive, scene.through("touch '" + scene.folder / "ran'"));
        QCOMPARE(sentence(restored), QString());
        QCOMPARE(restored->damaged.size(), 1);
        QVERIFY(!exists(scene.folder / "ran"));
    }
};

QTEST_APPLESS_MAIN(TestCommandRestore)
#include "tst_commandrestore.moc"
