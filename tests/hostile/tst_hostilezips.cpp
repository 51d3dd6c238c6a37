// Every archive of HUBKEEP_HOSTILE_ZIPS_DIR through the real binary. None of them is a
// backup, so all are refused; tst_forged*.cpp do the same tricks inside of backups.

#include "tests/support/forgedarena.h"

#include <QDir>
#include <QTest>

using namespace hubkeep::forge;

class TestHostileZips : public QObject
{
    Q_OBJECT

private slots:
    void isRefusedByEveryCommand_data();
    void isRefusedByEveryCommand();
    void isRefusedOverAnExistingFolder_data() { isRefusedByEveryCommand_data(); }
    void isRefusedOverAnExistingFolder();
    void isListedAsDamaged_data() { isRefusedByEveryCommand_data(); }
    void isListedAsDamaged();

private:
    void checkRefusal(const Ran &ran, const QByteArray &archive);
};

void TestHostileZips::isRefusedByEveryCommand_data()
{
    QTest::addColumn<QString>("zip");
    if (QByteArray(HUBKEEP_HOSTILE_ZIPS_DIR).isEmpty())
        QSKIP(
            "There is no folder of hostile zips beside the repository (HUBKEEP_HOSTILE_ZIPS_DIR)");
    const QDir folder(QStringLiteral(HUBKEEP_HOSTILE_ZIPS_DIR));
    const QStringList names = folder.entryList({ QStringLiteral("*.zip") }, QDir::Files);
    QVERIFY2(names.size() >= 50, "the folder of hostile zips has lost most of them");
    for (const QString &name : names)
        QTest::newRow(name.toLatin1().constData()) << folder.filePath(name);
}

void TestHostileZips::checkRefusal(const Ran &ran, const QByteArray &archive)
{
    QVERIFY2(ran.misconduct().isEmpty(), (ran.misconduct() + '\n' + ran.summary()).constData());
    QVERIFY2(ran.exitCode == 4, ran.summary().constData());
    QCOMPARE(ran.output, QByteArray());
    // One sentence and nothing else, which names the archive and says what is wrong with it.
    QVERIFY2(ran.errors.count('\n') == 1 && ran.errors.endsWith('\n'), ran.summary().constData());
    QVERIFY2(ran.errors.startsWith("hubkeep: Opening the backup " + archive + ": It"),
        ran.summary().constData());
}

void TestHostileZips::isRefusedByEveryCommand()
{
    QFETCH(QString, zip);
    Arena arena;
    QVERIFY(QFile::copy(zip, QFile::decodeName(arena.archive())));
    const QList<QByteArray> commands[]
        = { { "verify", arena.archive() }, { "restore", arena.archive(), "--to", arena.target() },
              { "restore", arena.archive(), "--in-place", "--confirm" },
              { "show", arena.archive() }, { "cat", arena.archive(), "sources/src/a.txt" },
              { "diff", arena.archive(), arena.archive() } };
    for (const QList<QByteArray> &command : commands) {
        checkRefusal(arena.run(command), arena.archive());
        if (QTest::currentTestFailed())
            return;
    }
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
    QVERIFY(!isThere(arena.target()));
}

void TestHostileZips::isRefusedOverAnExistingFolder()
{
    QFETCH(QString, zip);
    Arena arena;
    QVERIFY(QFile::copy(zip, QFile::decodeName(arena.archive())));
    const QByteArray full = arena.path("around");
    checkRefusal(
        arena.run({ "restore", arena.archive(), "--to", full, "--overwrite" }), arena.archive());
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
}

void TestHostileZips::isListedAsDamaged()
{
    QFETCH(QString, zip);
    Arena arena;
    const QByteArray id = "backup-20260101-000000-deadbeef";
    QVERIFY(QFile::copy(zip, QFile::decodeName(arena.path("outside/" + id + ".zip"))));
    const Ran listed = arena.run({ "list", "--output", arena.path("outside") });
    QVERIFY2(listed.misconduct().isEmpty(), listed.summary().constData());
    QCOMPARE(listed.exitCode, 0);
    QVERIFY2(listed.output.startsWith(id + "  damaged: "), listed.summary().constData());
    QCOMPARE(listed.output.count('\n'), 1);
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
}

QTEST_GUILESS_MAIN(TestHostileZips)
#include "tst_hostilezips.moc"
