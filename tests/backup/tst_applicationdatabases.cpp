// Databases that need functions and collations which only their application has.

#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <sqlite3.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

int backwards(void *, int aSize, const void *a, int bSize, const void *b)
{
    const QByteArray x(static_cast<const char *>(a), aSize);
    const QByteArray y(static_cast<const char *>(b), bSize);
    return y.compare(x);
}

void length(sqlite3_context *context, int, sqlite3_value **values)
{
    sqlite3_result_int(context, sqlite3_value_bytes(values[0]));
}

// Runs sql as the application would, which has "backwards" and "length_of"; the last value that
// it yields.
QByteArray runInApplication(const QByteArray &path, const char *sql)
{
    makeFolder(path.left(path.lastIndexOf('/')));
    sqlite3 *db = nullptr;
    char *message = nullptr;
    QByteArray answer;
    const auto keep = [](void *to, int, char **values, char **) {
        *static_cast<QByteArray *>(to) = values[0];
        return 0;
    };
    const bool done = sqlite3_open(path.constData(), &db) == SQLITE_OK
        && sqlite3_create_collation(db, "backwards", SQLITE_UTF8, nullptr, backwards) == SQLITE_OK
        && sqlite3_create_function(db, "length_of", 1,
               SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr, length, nullptr,
               nullptr)
            == SQLITE_OK
        && sqlite3_exec(db, sql, keep, &answer, &message) == SQLITE_OK;
    if (!done)
        qFatal("Making %s: %s", path.constData(), message);
    sqlite3_close(db);
    return answer;
}

} // namespace

class TestApplicationDatabases : public QObject
{
    Q_OBJECT

private slots:
    void areBackedUpAndNotCalledDamaged_data()
    {
        QTest::addColumn<QByteArray>("schema");
        QTest::newRow("an index with a collation")
            << QByteArray("CREATE TABLE t(x TEXT); CREATE INDEX i ON t(x COLLATE backwards)");
        QTest::newRow("a column with a collation")
            << QByteArray("CREATE TABLE t(x TEXT COLLATE backwards); CREATE INDEX i ON t(x)");
        QTest::newRow("a key with a collation")
            << QByteArray("CREATE TABLE t(x TEXT COLLATE backwards PRIMARY KEY) WITHOUT ROWID");
        QTest::newRow("an index on a function")
            << QByteArray("CREATE TABLE t(x TEXT); CREATE INDEX i ON t(length_of(x))");
        QTest::newRow("a partial index")
            << QByteArray("CREATE TABLE t(x TEXT); CREATE INDEX i ON t(x) WHERE length_of(x) > 3");
        QTest::newRow("a check") << QByteArray("CREATE TABLE t(x TEXT CHECK (length_of(x) < 99))");
        QTest::newRow("a computed column") << QByteArray(
            "CREATE TABLE t(x TEXT, n INTEGER GENERATED ALWAYS AS (length_of(x)) STORED)");
        QTest::newRow("a view and a trigger")
            << QByteArray("CREATE TABLE t(x TEXT); CREATE VIEW v AS SELECT length_of(x) FROM t;"
                          "CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT length_of(old.x); END");
    }

    void areBackedUpAndNotCalledDamaged()
    {
        QFETCH(QByteArray, schema);
        const Folder folder;
        const QByteArray path = folder / "source/app.db";
        runInApplication(path,
            (schema
                + "; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000)"
                  " INSERT INTO t(x) SELECT 'row ' || i FROM n")
                .constData());
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        QVERIFY2(made.warnings.isEmpty(),
            made.warnings.isEmpty() ? "" : qPrintable(made.warnings.first().message));
        const ManifestEntry entry = entriesOf(made.path).value("sources/source/app.db");
        QVERIFY(entry.database.has_value());
        QCOMPARE(entry.database->damage, QByteArray());
        QCOMPARE(problemsOf(made.path), QStringList());
        runInApplication(path, "DELETE FROM t");
        const auto restored = restoreInPlace(made.path);
        QVERIFY2(restored, qPrintable(sentence(restored)));
        QCOMPARE(restored->replaced, 1);
        QCOMPARE(runInApplication(path, "SELECT count(*) FROM t"), "2000");
    }

    // What stands in for the collation must not hide what is really broken.
    void damageIsStillFound()
    {
        const Folder folder;
        const QByteArray path = folder / "source/app.db";
        runInApplication(path,
            "CREATE TABLE t(x TEXT); CREATE INDEX i ON t(x COLLATE backwards);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000)"
            " INSERT INTO t(x) SELECT 'row ' || i FROM n");
        overwriteAt(path, 10 * 4096, randomBytes(3 * 4096, 9));
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "source")));
        const ManifestEntry entry = entriesOf(made.path).value("sources/source/app.db");
        QVERIFY(entry.database && !entry.database->damage.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestApplicationDatabases)
#include "tst_applicationdatabases.moc"
