// What people have on their disks can still be read: archives of each released format,
// which are never made again, and what has to come out of them (tests/data/golden).

#include "integrations/backup/verifyjob.h"
#include "tests/support/archivebuilder.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QDir goldenFolder()
{
    return QDir(QStringLiteral(HUBKEEP_TESTS_DATA_DIR "/golden"));
}

QByteArray textOrBase64(const QJsonObject &object, const QString &key)
{
    const QJsonValue exact = object.value(key + QStringLiteral("_base64"));
    return exact.isString() ? QByteArray::fromBase64(exact.toString().toLatin1())
                            : object.value(key).toString().toUtf8();
}

const char *typeName(EntryType type)
{
    return type == EntryType::File     ? "file"
        : type == EntryType::Directory ? "directory"
                                       : "symlink";
}

// The first value that statement gives for the database; -1 where it cannot be opened.
qint64 valueIn(const QString &path, const QByteArray &statement)
{
    sqlite3 *database = nullptr;
    qint64 value = -1;
    sqlite3_stmt *prepared = nullptr;
    if (sqlite3_open_v2(path.toUtf8().constData(), &database, SQLITE_OPEN_READONLY, nullptr)
            == SQLITE_OK
        && sqlite3_prepare_v2(database, statement.constData(), -1, &prepared, nullptr) == SQLITE_OK
        && sqlite3_step(prepared) == SQLITE_ROW)
        value = sqlite3_column_int64(prepared, 0);
    sqlite3_finalize(prepared);
    sqlite3_close(database);
    return value;
}

} // namespace

class TestGolden : public QObject
{
    Q_OBJECT

private slots:
    void eachVersionHasItsArchives();
    void isSound_data() { archives(); }
    void isSound();
    void givesBackExactlyWhatWentIn_data() { archives(); }
    void givesBackExactlyWhatWentIn();
    void otherProgramsReadIt_data() { archives(); }
    void otherProgramsReadIt();

private:
    static void archives();
    static void compareAttributes(const ManifestEntry &entry, const QJsonObject &expected);
    static void compareDatabase(const ReadEntry &entry, const QJsonObject &expected);
};

void TestGolden::archives()
{
    QTest::addColumn<QString>("path");
    for (const QString &name : goldenFolder().entryList({ QStringLiteral("v*.zip") }))
        QTest::newRow(qPrintable(name)) << goldenFolder().filePath(name);
}

void TestGolden::eachVersionHasItsArchives()
{
    for (int version = 1; version <= formatVersion; ++version) {
        const QStringList found
            = goldenFolder().entryList({ QStringLiteral("v%1-*.zip").arg(version) });
        QVERIFY2(found.size() >= 2, qPrintable(QString::number(version)));
    }
}

void TestGolden::isSound()
{
    QFETCH(QString, path);

    const Result<ArchiveReader> archive = ArchiveReader::open(path.toUtf8());
    QVERIFY2(archive, archive ? "" : qPrintable(archive.error().message));
    WorkerPool pool(2);
    JobControl control;
    const Result<VerifyReport> report = runVerify(*archive, {}, pool, control);
    QVERIFY2(report, report ? "" : qPrintable(report.error().message));
    for (const Problem &problem : report->problems)
        QFAIL(qPrintable(problem.message));
    QVERIFY(report->marks.isEmpty());
    QCOMPARE(report->entries, archive->info().entries.rows);
    QCOMPARE(report->databases, 1);
    QCOMPARE(report->databases, archive->info().counts().databases);
    const Result<QList<Warning>> warnings = archive->warnings();
    QVERIFY(warnings);
    QVERIFY(warnings->isEmpty());
}

void TestGolden::givesBackExactlyWhatWentIn()
{
    QFETCH(QString, path);

    const Result<QList<ReadEntry>> entries = readArchive(path.toUtf8());
    QVERIFY2(entries, entries ? "" : qPrintable(entries.error().message));
    const QByteArray description
        = fileContent((path.chopped(4) + QStringLiteral(".json")).toUtf8());
    const QJsonArray expected
        = QJsonDocument::fromJson(description).object().value(QStringLiteral("entries")).toArray();
    QVERIFY(!expected.isEmpty());
    QCOMPARE(entries->size(), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i) {
        const QJsonObject e = expected[i].toObject();
        const ReadEntry &read = (*entries)[i];
        const ManifestEntry &m = read.entry.manifest;
        QCOMPARE(m.name, textOrBase64(e, QStringLiteral("name")));
        QCOMPARE(QString::fromLatin1(typeName(m.type)), e.value(QStringLiteral("type")).toString());
        if (e.contains(QStringLiteral("mode"))) { // hubkeep made up the others
            QCOMPARE(qint64(m.mode), e.value(QStringLiteral("mode")).toInteger());
            QCOMPARE(m.stamp.modified.seconds, e.value(QStringLiteral("mtime")).toInteger());
            QCOMPARE(m.stamp.modified.nanoseconds, e.value(QStringLiteral("mtime_ns")).toInteger());
        }
        QCOMPARE(m.hardLinkTo, e.value(QStringLiteral("hard_link")).toString().toUtf8());
        compareAttributes(m, e);
        if (m.type == EntryType::Symlink) {
            QCOMPARE(read.content, textOrBase64(e, QStringLiteral("target")));
        } else if (e.contains(QStringLiteral("database"))) {
            compareDatabase(read, e.value(QStringLiteral("database")).toObject());
        } else if (m.isFile()) {
            QVERIFY(!m.database);
            QCOMPARE(m.size, e.value(QStringLiteral("size")).toInteger());
            QCOMPARE(toHex(sha256(spanOf(read.content))),
                e.value(QStringLiteral("sha256")).toString().toLatin1());
        }
        if (QTest::currentTestFailed())
            return;
    }
}

void TestGolden::compareAttributes(const ManifestEntry &entry, const QJsonObject &expected)
{
    const QJsonObject attributes = expected.value(QStringLiteral("attributes")).toObject();
    qsizetype ours = 0; // others may have come from the file system it was made on
    for (const ExtendedAttribute &attribute : entry.attributes) {
        if (!attribute.name.startsWith("user."))
            continue;
        ++ours;
        const QString name = QString::fromUtf8(attribute.name);
        QVERIFY2(attributes.contains(name), attribute.name.constData());
        QCOMPARE(attribute.value.toBase64(), attributes.value(name).toString().toLatin1());
    }
    QCOMPARE(ours, attributes.size());
}

void TestGolden::compareDatabase(const ReadEntry &entry, const QJsonObject &expected)
{
    const ManifestEntry &m = entry.entry.manifest;
    QVERIFY(m.database);
    QCOMPARE(qint64(m.database->pageSize), expected.value(QStringLiteral("page_size")).toInteger());
    QVERIFY(m.database->damage.isEmpty());
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.db"));
    writeFile(path.toUtf8(), entry.content);
    const QByteArray table = expected.value(QStringLiteral("table")).toString().toUtf8();
    QCOMPARE(valueIn(path, "SELECT count(*) FROM " + table),
        expected.value(QStringLiteral("rows")).toInteger());
    QCOMPARE(
        valueIn(path, "PRAGMA page_size"), expected.value(QStringLiteral("page_size")).toInteger());
}

void TestGolden::otherProgramsReadIt()
{
    QFETCH(QString, path);

    const ProgramResult unzip
        = runProgram(QStringLiteral("unzip"), { QStringLiteral("-tq"), path });
    QVERIFY2(unzip.exitStatus == 0, unzip.output.constData());
    const ProgramResult python = runProgram(QStringLiteral("python3"),
        { QStringLiteral("-m"), QStringLiteral("zipfile"), QStringLiteral("-t"), path });
    QVERIFY2(python.exitStatus == 0, python.output.constData());
}

QTEST_GUILESS_MAIN(TestGolden)
#include "tst_golden.moc"
