#include "tests/support/agentsuite.h"

#include "integrations/backup/filedigest.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QJsonDocument>
#include <QtTest>

namespace hubkeep::test {

using namespace hubkeep::backup;

namespace {

QDateTime time(int second = 0)
{
    return QDateTime({ 2026, 4, 13 }, { 14, 25, second }, Qt::UTC);
}

QString digestOf(const QByteArray &content)
{
    return QString::fromLatin1(toHex(sha256({ content.constData(), size_t(content.size()) })));
}

// Anything: agents do not look into what they keep.
SampleBackup anyBackup(const QByteArray &content)
{
    SampleBackup sample;
    sample.backup.id = makeBackupId(time());
    sample.backup.filename = sample.backup.id + QLatin1String(".zip");
    sample.backup.size = content.size();
    sample.backup.sha256 = digestOf(content);
    sample.backup.created = time();
    sample.backup.name = QStringLiteral("anything");
    sample.content = content;
    return sample;
}

Result<void> upload(BackupAgent &agent, const SampleBackup &sample, JobControl &control)
{
    const Folder folder;
    writeFile(folder / "file", sample.content);
    return agent.upload(sample.backup, QString::fromUtf8(folder / "file"), control);
}

Result<void> upload(BackupAgent &agent, const SampleBackup &sample)
{
    JobControl control;
    return upload(agent, sample, control);
}

QByteArray download(BackupAgent &agent, const BackupId &id)
{
    const Folder folder;
    JobControl control;
    const Result<void> done = agent.download(id, QString::fromUtf8(folder / "file"), control);
    return done ? readFile(folder / "file")
                : QByteArray("not downloaded: ") + done.error().message.toUtf8();
}

// By id, the listing failing the test where it fails.
QMap<BackupId, AgentBackup> listed(BackupAgent &agent)
{
    const Result<QList<AgentBackup>> all = agent.list();
    if (!all)
        qFatal("Listing: %s", qPrintable(all.error().message));
    QMap<BackupId, AgentBackup> byId;
    for (const AgentBackup &backup : *all)
        byId.insert(backup.id, backup);
    if (byId.size() != all->size())
        qFatal("A backup is listed twice");
    return byId;
}

} // namespace

SampleBackup makeSample(qint64 bytes)
{
    const Folder folder;
    writeFile(folder / "shop/a.bin", randomBytes(bytes));
    writeFile(folder / "shop/b.txt", "text");
    const BackupOutcome made = mustRun(request(folder / "out", files(folder / "shop")));
    SampleBackup sample;
    sample.backup = *describeArchive(made.path);
    sample.content = readFile(made.path);
    sample.backup.sha256 = digestOf(sample.content);
    sample.backup.instanceId = QStringLiteral("0123456789abcdef0123456789abcdef");
    sample.backup.automatic = true;
    sample.backup.verified = time(30);
    return sample;
}

SampleBackup makeDatabaseSample(const QString &database)
{
    SampleBackup sample = anyBackup("SQLite format 3\0 and so on");
    sample.backup.kind = BackupKind::Database;
    sample.backup.filename = database + QLatin1String("_20260413_142530.db");
    sample.backup.database = database;
    return sample;
}

void AgentSuite::aNewPlaceIsEmpty()
{
    const auto place = makePlace();
    QCOMPARE(listed(*place->agent()).size(), 0);
}

void AgentSuite::whatIsUploadedIsListedAsItWas()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeSample();
    QCOMPARE(sentence(upload(*agent, sample)), QString());
    const auto all = listed(*agent);
    QCOMPARE(all.size(), 1);
    QVERIFY(all.first() == sample.backup);
}

void AgentSuite::whatIsUploadedIsListedByAFreshAgent()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    QVERIFY(upload(*place->agent(), sample));
    const auto all = listed(*place->agent());
    QCOMPARE(all.keys(), QStringList { sample.backup.id });
    QVERIFY(all.first() == sample.backup);
}

void AgentSuite::whatIsDownloadedIsWhatWasUploaded()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeSample(3'000'000);
    QVERIFY(upload(*agent, sample));
    QVERIFY(download(*agent, sample.backup.id) == sample.content);
    const QString local = agent->localPath(sample.backup.id);
    QVERIFY(local.isEmpty() || readFile(local.toUtf8()) == sample.content);
}

void AgentSuite::whatIsSetAsideIsKeptAndListedNoMore()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    const QString &id = sample.backup.id;
    QVERIFY(upload(*place->agent(), sample));
    const auto agent = place->agent();
    const Result<void> aside = agent->setAside(id);
    QVERIFY2(aside, qPrintable(aside ? QString() : aside.error().message));
    for (const auto &asked : { agent, place->agent() }) {
        const Result<QList<AgentBackup>> listed = asked->list();
        QVERIFY(listed && listed->isEmpty());
    }
    const QString name = id + QLatin1String(".zip.damaged");
    QVERIFY(place->content(name) == sample.content);
    QCOMPARE(agent->setAside(id).error().code, ErrorCode::NotFound);

    QVERIFY(upload(*agent, sample));
    QVERIFY(download(*agent, id) == sample.content);
    QCOMPARE(agent->setAside(id).error().code, ErrorCode::Corrupt); // one is enough
    QVERIFY(download(*agent, id) == sample.content);
    QVERIFY(agent->remove(id));
    QVERIFY(place->content(name) == sample.content); // nobody deletes it
}

void AgentSuite::namesOnTheAgentAreTheContracts()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    QVERIFY(upload(*place->agent(), sample));
    const QString &id = sample.backup.id;
    QCOMPARE(
        place->names(), (QStringList { id + QLatin1String(".json"), id + QLatin1String(".zip") }));
    QVERIFY(place->content(id + QLatin1String(".zip")) == sample.content);
    QVERIFY(*agentBackupFromJson(place->content(id + QLatin1String(".json"))) == sample.backup);
}

void AgentSuite::aDatabaseIsKeptAsItsFile()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeDatabaseSample();
    QCOMPARE(sentence(upload(*agent, sample)), QString());
    QCOMPARE(place->names(),
        (QStringList { sample.backup.id + QLatin1String(".json"),
            QStringLiteral("shop_20260413_142530.db") }));
    QVERIFY(listed(*agent).value(sample.backup.id) == sample.backup);
    QCOMPARE(download(*agent, sample.backup.id), sample.content);
    QVERIFY(agent->remove(sample.backup.id));
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::manyBackupsAreAllListed()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    QStringList ids;
    for (int n = 0; n < 30; ++n) {
        const SampleBackup sample = anyBackup(QByteArray::number(n));
        QCOMPARE(sentence(upload(*agent, sample)), QString());
        ids.append(sample.backup.id);
    }
    ids.sort();
    QCOMPARE(listed(*agent).keys(), ids);
}

void AgentSuite::anEmptyOrALargeFileIsKept()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    for (const qint64 size : { qint64(0), qint64(1 << 20), qint64(12'345'678) }) {
        const SampleBackup sample = anyBackup(randomBytes(size));
        QCOMPARE(sentence(upload(*agent, sample)), QString());
        QVERIFY(download(*agent, sample.backup.id) == sample.content);
    }
}

void AgentSuite::oddNamesComeBack()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    SampleBackup sample = makeSample();
    sample.backup.name = QStringLiteral("Ünïcode \"quotes\" \\ / \n ../../x \U0001F4BE");
    sample.backup.sources = { QStringLiteral("a b"), QStringLiteral("ä/..") };
    QVERIFY(upload(*agent, sample));
    QVERIFY(listed(*agent).value(sample.backup.id) == sample.backup);
    const SampleBackup odd = makeDatabaseSample(QStringLiteral("my shop %41 ü & co"));
    QVERIFY(upload(*agent, odd));
    QVERIFY(listed(*agent).value(odd.backup.id) == odd.backup);
    QCOMPARE(download(*agent, odd.backup.id), odd.content);
}

void AgentSuite::uploadingAgainReplaces()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    SampleBackup sample = makeSample();
    QVERIFY(upload(*agent, sample));
    sample.content = "other bytes";
    sample.backup.size = sample.content.size();
    sample.backup.sha256 = digestOf(sample.content);
    QCOMPARE(sentence(upload(*agent, sample)), QString());
    QCOMPARE(listed(*agent).size(), 1);
    QVERIFY(listed(*agent).first() == sample.backup);
    QCOMPARE(download(*agent, sample.backup.id), sample.content);
}

void AgentSuite::anotherFileOfTheSameIdReplaces()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    SampleBackup sample = makeSample();
    QVERIFY(upload(*agent, sample));
    sample.backup.filename = sample.backup.id + QLatin1String(".zip.age");
    sample.backup.isProtected = true;
    QVERIFY(upload(*agent, sample));
    QCOMPARE(place->names(),
        (QStringList { sample.backup.id + QLatin1String(".json"),
            sample.backup.id + QLatin1String(".zip.age") }));
    QVERIFY(listed(*agent).first() == sample.backup);
}

void AgentSuite::whatIsRemovedIsGone()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup one = makeSample();
    const SampleBackup other = makeSample();
    QVERIFY(upload(*agent, one) && upload(*agent, other));
    QCOMPARE(sentence(agent->remove(one.backup.id)), QString());
    QCOMPARE(listed(*agent).keys(), QStringList { other.backup.id });
    QCOMPARE(place->names().size(), 2);
}

void AgentSuite::removingWhatIsNotThereSucceeds()
{
    const auto place = makePlace();
    QCOMPARE(sentence(place->agent()->remove(makeBackupId(time()))), QString());
}

void AgentSuite::downloadingWhatIsNotThereIsNotFound()
{
    const auto place = makePlace();
    const Folder folder;
    JobControl control;
    const Result<void> done = place->agent()->download(
        makeBackupId(time()), QString::fromUtf8(folder / "file"), control);
    QVERIFY(!done && done.error().code == ErrorCode::NotFound);
    QVERIFY(namesIn(folder.path()).isEmpty());
}

void AgentSuite::aTargetThatExistsIsNotOverwritten()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeSample();
    QVERIFY(upload(*agent, sample));
    const Folder folder;
    writeFile(folder / "file", "mine");
    JobControl control;
    QVERIFY(!agent->download(sample.backup.id, QString::fromUtf8(folder / "file"), control));
    QCOMPARE(readFile(folder / "file"), QByteArray("mine"));
}

void AgentSuite::cancellingAnUploadLeavesNothing()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    JobControl control;
    control.cancel();
    const Result<void> done = upload(*agent, makeSample(5'000'000), control);
    QVERIFY(!done && done.error().code == ErrorCode::Cancelled);
    QCOMPARE(listed(*agent).size(), 0);
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::cancellingADownloadLeavesNothing()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeSample(5'000'000);
    QVERIFY(upload(*agent, sample));
    const Folder folder;
    JobControl control;
    control.cancel();
    const Result<void> done
        = agent->download(sample.backup.id, QString::fromUtf8(folder / "file"), control);
    QVERIFY(!done && done.error().code == ErrorCode::Cancelled);
    QVERIFY(namesIn(folder.path()).isEmpty());
}

void AgentSuite::anUploadThatFailsLeavesNothing()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    JobControl control;
    QVERIFY(!agent->upload(
        makeSample().backup, QStringLiteral("/nowhere/there/is/no/such/file"), control));
    QCOMPARE(listed(*agent).size(), 0);
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::aWrongSizeIsNotKept()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    SampleBackup sample = makeSample();
    sample.backup.size += 1;
    QVERIFY(!upload(*agent, sample));
    QCOMPARE(listed(*agent).size(), 0);
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::idsThatLeaveTheFolderAreRefused_data()
{
    QTest::addColumn<QString>("id");
    QTest::newRow("empty") << QString();
    QTest::newRow("up") << QStringLiteral("../backup-20260413-142500-00000000");
    QTest::newRow("absolute") << QStringLiteral("/etc/passwd");
    QTest::newRow("below") << QStringLiteral("backup-20260413-142500-00000000/x");
    QTest::newRow("encoded") << QStringLiteral("..%2fbackup-20260413-142500-00000000");
    QTest::newRow("NUL") << QStringLiteral("backup-20260413-142500-0000000") + QChar(0);
    QTest::newRow("line") << QStringLiteral("backup-20260413-142500-00000000\n");
    QTest::newRow("dot") << QStringLiteral(".");
}

void AgentSuite::idsThatLeaveTheFolderAreRefused()
{
    QFETCH(QString, id);
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup kept = makeSample();
    QVERIFY(upload(*agent, kept));
    SampleBackup sample = anyBackup("x");
    sample.backup.id = id;
    sample.backup.filename = id + QLatin1String(".zip");
    QVERIFY(!upload(*agent, sample));
    const Folder folder;
    JobControl control;
    QVERIFY(!agent->download(id, QString::fromUtf8(folder / "file"), control));
    QVERIFY(!agent->remove(id));
    QCOMPARE(agent->localPath(id), QString());
    QCOMPARE(listed(*agent).keys(), QStringList { kept.backup.id });
}

void AgentSuite::filenamesThatAreNoBackupsAreRefused_data()
{
    QTest::addColumn<QString>("filename");
    QTest::addColumn<bool>("isDatabase");
    QTest::newRow("up") << QStringLiteral("../x_20260413_142530.db") << true;
    QTest::newRow("below") << QStringLiteral("a/x_20260413_142530.db") << true;
    QTest::newRow("hidden") << QStringLiteral(".x_20260413_142530.db") << true;
    QTest::newRow("no time") << QStringLiteral("x.db") << true;
    QTest::newRow("line") << QStringLiteral("x\n_20260413_142530.db") << true;
    QTest::newRow("long") << QString(300, u'x') + QLatin1String("_20260413_142530.db") << true;
    QTest::newRow("another's") << QStringLiteral("backup-20260413-142500-00000000.zip") << false;
    QTest::newRow("marker") << QStringLiteral(".hubkeep") << false;
}

void AgentSuite::filenamesThatAreNoBackupsAreRefused()
{
    QFETCH(QString, filename);
    QFETCH(bool, isDatabase);
    const auto place = makePlace();
    SampleBackup sample = anyBackup("x");
    sample.backup.kind = isDatabase ? BackupKind::Database : BackupKind::Archive;
    sample.backup.filename = filename;
    QVERIFY(!upload(*place->agent(), sample));
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::anArchiveWithoutADocumentIsListedByItself()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    place->plant(sample.backup.filename, sample.content);
    const AgentBackup found = listed(*place->agent()).value(sample.backup.id);
    QCOMPARE(found.name, sample.backup.name);
    QCOMPARE(found.created, sample.backup.created);
    QCOMPARE(found.sources, QStringList { QStringLiteral("shop") });
    QCOMPARE(found.size, sample.backup.size);
    QVERIFY(!found.automatic && !found.verified.isValid());
    QVERIFY(download(*place->agent(), sample.backup.id) == sample.content);
}

void AgentSuite::aDamagedDocumentIsNotBelieved_data()
{
    QTest::addColumn<QByteArray>("document");
    const auto with = [](const char *field, const QJsonValue &value) {
        QJsonObject document = toJson(anyBackup("x").backup);
        document.insert(QLatin1String(field), value);
        return QJsonDocument(document).toJson();
    };
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut off") << with("name", QStringLiteral("x")).chopped(40);
    QTest::newRow("not JSON") << QByteArray(1000, '\xff');
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("another backup's") << with("name", QStringLiteral("x"));
    QTest::newRow("leaves the folder") << with("filename", QStringLiteral("../../etc/passwd"));
    QTest::newRow("no size") << with("size", QStringLiteral("big"));
    QTest::newRow("no kind") << with("kind", QJsonValue());
}

void AgentSuite::aDamagedDocumentIsNotBelieved()
{
    QFETCH(QByteArray, document);
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    place->plant(sample.backup.filename, sample.content);
    place->plant(sample.backup.id + QLatin1String(".json"), document);
    const auto all = listed(*place->agent());
    QCOMPARE(all.keys(), QStringList { sample.backup.id });
    QCOMPARE(all.first().name, sample.backup.name);
    QCOMPARE(all.first().filename, sample.backup.filename);
    QVERIFY(place->agent()->remove(sample.backup.id));
    QCOMPARE(place->names(), QStringList());
}

void AgentSuite::aDocumentWithoutItsFileIsNotListed()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    QVERIFY(upload(*place->agent(), sample));
    place->erase(sample.backup.filename);
    QCOMPARE(listed(*place->agent()).size(), 0);
}

void AgentSuite::anArchiveThatIsDamagedAndUndescribedIsNotListed()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    place->plant(sample.backup.filename, sample.content.chopped(10));
    QCOMPARE(listed(*place->agent()).size(), 0);
}

void AgentSuite::whatIsUnfinishedIsNotListedAndGoesAway()
{
    const auto place = makePlace();
    const SampleBackup sample = makeSample();
    place->plant(sample.backup.filename + QLatin1String(".partial"), sample.content);
    place->plant(sample.backup.filename + QLatin1String(".upload.partial"), sample.content);
    place->plant(sample.backup.id + QLatin1String(".json.upload.partial"), "{}");
    place->plant(QStringLiteral("shop_20260413_142530.db.upload.partial"), "x");
    const QStringList planted = place->names();
    QCOMPARE(planted.size(), 4);
    QCOMPARE(listed(*place->agent()).size(), 0);
    QCOMPARE(place->names(), place->isWithoutLocks() ? planted : QStringList());
}

void AgentSuite::strangersFilesAreLeftAlone()
{
    const auto place = makePlace();
    const QStringList strangers { QStringLiteral("backup-old.zip"), QStringLiteral("notes.json"),
        QStringLiteral("photo.partial"), QStringLiteral("shop.db") };
    for (const QString &name : strangers)
        place->plant(name, "mine");
    const auto agent = place->agent();
    const SampleBackup sample = makeSample();
    QVERIFY(upload(*agent, sample));
    QCOMPARE(listed(*agent).keys(), QStringList { sample.backup.id });
    QVERIFY(agent->remove(sample.backup.id));
    QCOMPARE(place->names(), strangers);
}

void AgentSuite::freeSpaceIsPlausible()
{
    const auto place = makePlace();
    const Result<qint64> free = place->agent()->freeSpace();
    if (free)
        QVERIFY(*free > 0);
    else
        QVERIFY(free.error().code == ErrorCode::NotFound);
}

void AgentSuite::progressReachesTheSize()
{
    const auto place = makePlace();
    const auto agent = place->agent();
    const SampleBackup sample = makeSample(5'000'000);
    JobControl control;
    QVERIFY(upload(*agent, sample, control));
    QCOMPARE(control.progress().doneBytes, sample.backup.size);
}

} // namespace hubkeep::test
