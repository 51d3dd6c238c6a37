#include "automation/core/statedatabase.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <QJsonArray>
#include <QJsonObject>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

const QStringList notesTable { QStringLiteral(
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE);\n"
    "CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE)") };

std::unique_ptr<StateDatabase> mustOpenState(const QByteArray &path)
{
    Result<std::unique_ptr<StateDatabase>> opened = StateDatabase::open(QString::fromUtf8(path));
    if (!opened)
        qFatal("%s", qPrintable(opened.error().message));
    return std::move(*opened);
}

QString firstValue(StateDatabase &database, const char *statement)
{
    Result<QSqlQuery> row = database.run(QString::fromLatin1(statement));
    if (!row)
        return row.error().message;
    return row->next() ? row->value(0).toString() : QString();
}

bool insertNote(StateDatabase &database, const char *text)
{
    return database
        .run(QStringLiteral("INSERT INTO notes (text) VALUES (?)"), { QString::fromUtf8(text) })
        .ok();
}

} // namespace

class TestStateDatabase : public QObject
{
    Q_OBJECT

private slots:
    void aNewFileIsPrivateDurableAndSharable()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QCOMPARE(firstValue(*database, "PRAGMA journal_mode"), QStringLiteral("wal"));
        QCOMPARE(firstValue(*database, "PRAGMA synchronous"), QStringLiteral("2"));
        QCOMPARE(firstValue(*database, "PRAGMA foreign_keys"), QStringLiteral("1"));
        QCOMPARE(firstValue(*database, "PRAGMA busy_timeout"), QStringLiteral("5000"));
        for (const char *name : { "state.db", "state.db-wal", "state.db-shm" })
            QCOMPARE(statusOf(folder / name).st_mode & 0777, 0600u);
        QVERIFY(database->damagedCopy().isEmpty());
    }

    void anExistingFileIsMadePrivate()
    {
        const Folder folder;
        mustOpenState(folder / "state.db").reset();
        setMode(folder / "state.db", 0644);
        const auto database = mustOpenState(folder / "state.db");
        QCOMPARE(statusOf(folder / "state.db").st_mode & 0777, 0600u);
    }

    void whatWasWrittenIsThereAfterwards()
    {
        const Folder folder;
        {
            const auto database = mustOpenState(folder / "state.db");
            QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
            QVERIFY(insertNote(*database, "naïve ☃"));
        }
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        QCOMPARE(firstValue(*database, "SELECT text FROM notes"), QString::fromUtf8("naïve ☃"));
    }

    void migrationsRunOnceEachAndInOrder()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QStringList steps = notesTable;
        QVERIFY(database->migrate(QStringLiteral("notes"), steps).ok());
        QVERIFY(insertNote(*database, "kept"));
        steps << QStringLiteral("ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'red'")
              << QStringLiteral("UPDATE notes SET colour = 'dark ' || colour");
        QVERIFY(database->migrate(QStringLiteral("notes"), steps).ok());
        QVERIFY(database->migrate(QStringLiteral("notes"), steps).ok());
        QCOMPARE(firstValue(*database, "SELECT colour FROM notes"), QStringLiteral("dark red"));
        QCOMPARE(firstValue(*database, "SELECT version FROM schema_versions WHERE part = 'notes'"),
            QStringLiteral("3"));
    }

    void aMigrationThatFailsLeavesTheStepBefore()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        const QStringList steps { notesTable.first(),
            QStringLiteral("CREATE TABLE half (id INTEGER);\nCREATE NONSENSE") };
        const Result<void> done = database->migrate(QStringLiteral("notes"), steps);
        QVERIFY(!done);
        QVERIFY2(sentence(done).contains(QStringLiteral("'notes' to version 2")),
            qPrintable(sentence(done)));
        QVERIFY(insertNote(*database, "works"));
        QVERIFY(!database->run(QStringLiteral("SELECT * FROM half")).ok());
        QCOMPARE(firstValue(*database, "SELECT version FROM schema_versions WHERE part = 'notes'"),
            QStringLiteral("1"));
    }

    void tablesOfANewerProgramAreLeftAlone()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        const QStringList newer { notesTable.first(), QStringLiteral("CREATE TABLE later (id)") };
        QVERIFY(database->migrate(QStringLiteral("notes"), newer).ok());
        const Result<void> older = database->migrate(QStringLiteral("notes"), notesTable);
        QVERIFY(!older);
        QCOMPARE(older.error().code, ErrorCode::InvalidArgument);
        QVERIFY(older.error().message.contains(QStringLiteral("newer HubKeep")));
    }

    void aTransactionIsAllOrNothing()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        const Result<void> failed = database->inTransaction([&]() -> Result<void> {
            if (!insertNote(*database, "gone"))
                return {};
            return Error { ErrorCode::Busy, QStringLiteral("not now") };
        });
        QCOMPARE(sentence(failed), QStringLiteral("not now"));
        QCOMPARE(firstValue(*database, "SELECT count(*) FROM notes"), QStringLiteral("0"));
        QVERIFY(database
                    ->inTransaction([&]() -> Result<void> {
                        insertNote(*database, "one");
                        insertNote(*database, "two");
                        return {};
                    })
                    .ok());
        QCOMPARE(firstValue(*database, "SELECT count(*) FROM notes"), QStringLiteral("2"));
    }

    void foreignKeysHold()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        QVERIFY(!database->run(QStringLiteral("INSERT INTO tags VALUES (7)")).ok());
        QVERIFY(insertNote(*database, "a"));
        QVERIFY(database->run(QStringLiteral("INSERT INTO tags VALUES (1)")).ok());
        QVERIFY(database->run(QStringLiteral("DELETE FROM notes")).ok());
        QCOMPARE(firstValue(*database, "SELECT count(*) FROM tags"), QStringLiteral("0"));
    }

    void settingsComeBackAsTheyWere_data()
    {
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("object") << QJsonValue(
            QJsonObject { { QStringLiteral("a"), QJsonArray { 1, QStringLiteral("ü\n\"") } } });
        QTest::newRow("list") << QJsonValue(QJsonArray { 1, 2 });
        QTest::newRow("number") << QJsonValue(1.5);
        QTest::newRow("text") << QJsonValue(QStringLiteral("], [x"));
        QTest::newRow("true") << QJsonValue(true);
        QTest::newRow("null") << QJsonValue(QJsonValue::Null);
    }
    void settingsComeBackAsTheyWere()
    {
        QFETCH(QJsonValue, value);
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        const QString name = QStringLiteral("backup.settings");
        const auto before = database->setting(name);
        QVERIFY(before.ok() && !before->has_value());
        QVERIFY(database->setSetting(name, QStringLiteral("something else")).ok());
        QVERIFY(database->setSetting(name, value).ok());
        const auto after = database->setting(name);
        QVERIFY(after.ok() && after->has_value());
        QCOMPARE(**after, value);
    }

    void aSettingThatSomebodyBrokeIsAnError()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->run(QStringLiteral("INSERT INTO settings VALUES ('a', '{')")).ok());
        const auto found = database->setting(QStringLiteral("a"));
        QVERIFY(!found.ok());
        QCOMPARE(found.error().code, ErrorCode::Corrupt);
    }

    void damagedFilesAreMovedAside_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("text") << QByteArray("this is no database at all").repeated(100);
        QTest::newRow("noise") << randomBytes(9000);
        const Folder folder;
        {
            const auto database = mustOpenState(folder / "state.db");
            (void)database->migrate(QStringLiteral("notes"), notesTable);
            for (int i = 0; i < 500; ++i)
                insertNote(*database, QByteArray::number(i).repeated(20).constData());
        }
        const QByteArray good = readFile(folder / "state.db");
        QTest::newRow("cut short") << good.left(good.size() / 2);
        QTest::newRow("zeroes in it")
            << good.left(4096) + QByteArray(good.size() - 8192, '\0') + good.right(4096);
        QByteArray header = good;
        header.replace(0, 16, "SQLite format 4\0");
        QTest::newRow("another format") << header;
    }
    void damagedFilesAreMovedAside()
    {
        QFETCH(QByteArray, content);
        const Folder folder;
        writeFile(folder / "state.db", content);
        const auto database = mustOpenState(folder / "state.db");
        QCOMPARE(database->damagedCopy(), QString::fromUtf8(folder / "state.db.damaged"));
        QCOMPARE(readFile(folder / "state.db.damaged"), content);
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        QVERIFY(insertNote(*database, "works"));
    }

    void aSecondDamagedFileDoesNotReplaceTheFirst()
    {
        const Folder folder;
        writeFile(folder / "state.db.damaged", "the first");
        writeFile(folder / "state.db", "the second, no database either");
        const auto database = mustOpenState(folder / "state.db");
        QCOMPARE(database->damagedCopy(), QString::fromUtf8(folder / "state.db.damaged.1"));
        QCOMPARE(readFile(folder / "state.db.damaged"), QByteArray("the first"));
    }

    void aJournalThatADeletedDatabaseLeftIsNotTakenForTheNewOne()
    {
        const Folder folder;
        writeFile(folder / "state.db-wal", randomBytes(5000));
        writeFile(folder / "state.db-shm", randomBytes(32768));
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->damagedCopy().isEmpty());
        QVERIFY(database->setSetting(QStringLiteral("a"), 1).ok());
    }

    void aFolderThatIsMissingOrAFolderInItsPlaceIsASentence()
    {
        const Folder folder;
        const auto missing = StateDatabase::open(QString::fromUtf8(folder / "none/state.db"));
        QVERIFY(!missing.ok());
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
        makeFolder(folder / "state.db");
        const auto opened = StateDatabase::open(QString::fromUtf8(folder / "state.db"));
        QVERIFY(!opened.ok());
        QVERIFY2(
            sentence(opened).contains(QStringLiteral("state.db")), qPrintable(sentence(opened)));
    }

    void anotherProcessMayReadAndWriteMeanwhile()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        QCOMPARE(runElsewhere(folder / "state.db", "INSERT INTO notes (text) VALUES (42)"),
            QByteArray());
        QCOMPARE(firstValue(*database, "SELECT text FROM notes"), QStringLiteral("42"));
        const Holder reader(folder / "state.db", "BEGIN; SELECT * FROM notes");
        QVERIFY(insertNote(*database, "ours"));
    }

    void openingAgainElsewhereLeavesTheLocksInPlace()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        QVERIFY(database
                    ->inTransaction([&]() -> Result<void> {
                        insertNote(*database, "ours");
                        mustOpenState(folder / "state.db").reset();
                        const QByteArray said = runElsewhere(
                            folder / "state.db", "INSERT INTO notes (text) VALUES (42)");
                        return said.contains("locked")
                            ? Result<void>()
                            : Error { ErrorCode::Internal, QStringLiteral("the lock is gone") };
                    })
                    .ok());
    }

    void theStampTellsEveryChange()
    {
        const Folder folder;
        const auto database = mustOpenState(folder / "state.db");
        QVERIFY(database->migrate(QStringLiteral("notes"), notesTable).ok());
        const auto first = database->changeStamp();
        QVERIFY(first.has_value());
        firstValue(*database, "SELECT count(*) FROM notes");
        QCOMPARE(database->changeStamp(), first);
        QVERIFY(insertNote(*database, "ours"));
        const auto second = database->changeStamp();
        QVERIFY(second.has_value() && second != first);
        QCOMPARE(runElsewhere(folder / "state.db", "DELETE FROM notes"), QByteArray());
        const auto third = database->changeStamp();
        QVERIFY(third.has_value() && third != second);
        const auto other = mustOpenState(folder / "state.db");
        QVERIFY(insertNote(*other, "another connection's"));
        QVERIFY(database->changeStamp() != third);
    }
};

QTEST_GUILESS_MAIN(TestStateDatabase)
#include "tst_statedatabase.moc"
