#include "integrations/sqlite/sqlitesource.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

class TestSqliteSource : public QObject
{
    Q_OBJECT

private slots:
    void isOneItemThatMustBeADatabase()
    {
        const Folder folder;
        makeAccounts(folder / "app.db", 10, "DELETE");
        const sqlite::SqliteSource source(QStringLiteral("it"), folder / "app.db");
        QCOMPARE(source.type(), QStringLiteral("sqlite"));
        QCOMPARE(source.path(), folder / "app.db");
        JobControl control;
        const auto reader = source.open({ control, [](const SourceRemark &) {}, {} });
        QVERIFY2(reader, qPrintable(sentence(reader)));
        const auto item = (*reader)->next();
        QVERIFY(item && *item);
        QCOMPARE((*item)->path, "app.db");
        QVERIFY((*item)->mustBeDatabase);
        const auto end = (*reader)->next();
        QVERIFY(end && !*end);
    }

    void comesBackUnderItsFileName()
    {
        const Folder folder;
        makeAccounts(folder / "place/app.db", 1000, "WAL");
        setMode(folder / "place/app.db", 0640);
        const Holder program(
            folder / "place/app.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=5");
        const BackupOutcome made
            = mustRun(request(folder / "out", database(folder / "place/app.db")));
        QCOMPARE(entriesOf(made.path).keys(),
            (QList<QByteArray> { "sources/app.db", "sources/app.db/app.db" }));
        QCOMPARE(made.info.counts().databases, 1);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(namesIn(folder / "back/app.db").join(' '), "app.db");
        QCOMPARE(statusOf(folder / "back/app.db/app.db").st_mode & 07777, 0640U);
        QCOMPARE(AccountMover::movesIn(folder / "back/app.db/app.db"), 5);
        QCOMPARE(problemWithAccounts(folder / "back/app.db/app.db"), QByteArray());
    }

    void goesBackInPlace()
    {
        const Folder folder;
        makeAccounts(folder / "place/app.db", 100, "WAL");
        writeFile(folder / "place/neighbour", "x");
        const QByteArray archive
            = mustRun(request(folder / "out", database(folder / "place/app.db"))).path;
        Database(folder / "place/app.db").run("UPDATE moves SET number=5");
        const auto restored = restoreInPlace(archive);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(AccountMover::movesIn(folder / "place/app.db"), 0);
        QCOMPARE(AccountMover::movesIn(folder / "place/app.db.before-restore"), 5);
        QCOMPARE(readFile(folder / "place/neighbour"), "x");
    }

    // SQLite keeps the log beside what a link leads to.
    void aLinkToADatabaseIsTheDatabase()
    {
        const Folder folder;
        makeAccounts(folder / "real/data.db", 10, "WAL");
        makeLink("real/data.db", folder / "app.db");
        const Holder program(
            folder / "real/data.db", "PRAGMA wal_autocheckpoint=0; UPDATE moves SET number=5");
        const BackupOutcome made = mustRun(request(folder / "out", database(folder / "app.db")));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(AccountMover::movesIn(folder / "back/app.db/data.db"), 5);
    }

    void anEmptyDatabaseWithoutTablesIsOne()
    {
        const Folder folder;
        Database(folder / "app.db").run("PRAGMA user_version=7");
        const BackupOutcome made = mustRun(request(folder / "out", database(folder / "app.db")));
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        QCOMPARE(Database(folder / "back/app.db/app.db").ask("PRAGMA user_version"), "7");
    }

    void odditiesOfADatabaseSurvive_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::newRow("auto vacuum") << QByteArray("PRAGMA auto_vacuum=FULL; VACUUM;");
        QTest::newRow("UTF-16") << QByteArray("PRAGMA encoding='UTF-16le';");
        QTest::newRow("free pages") << QByteArray(
            "CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE "
            "i<2000) SELECT randomblob(500) FROM n; DROP TABLE x;");
        QTest::newRow("full text") << QByteArray("CREATE VIRTUAL TABLE t USING fts5(words);"
                                                 "INSERT INTO t VALUES('some words');");
        QTest::newRow("names with quotes") << QByteArray("CREATE TABLE \"a'b\" (\"c\"\"d\");");
    }

    void odditiesOfADatabaseSurvive()
    {
        QFETCH(QByteArray, sql);
        const Folder folder;
        QByteArray before;
        {
            Database db(folder / "a?b%23#c.db"); // a name that is no URI
            QCOMPARE(db.run(sql.constData()), 0);
            QCOMPARE(db.run("CREATE TABLE moves(number); INSERT INTO moves VALUES(5)"), 0);
            before = db.ask("SELECT group_concat(sql) FROM sqlite_schema");
        }
        const BackupOutcome made
            = mustRun(request(folder / "out", database(folder / "a?b%23#c.db")));
        QCOMPARE(made.warnings.size(), 0);
        QVERIFY(restoreTo(made.path, folder / "back").ok());
        Database copy(folder / "back/a?b%23#c.db/a?b%23#c.db", false);
        QCOMPARE(copy.ask("PRAGMA integrity_check"), "ok");
        QCOMPARE(copy.ask("SELECT group_concat(sql) FROM sqlite_schema"), before);
        QCOMPARE(copy.ask("SELECT number FROM moves"), "5");
    }
};

QTEST_GUILESS_MAIN(TestSqliteSource)
#include "tst_sqlitesource.moc"
