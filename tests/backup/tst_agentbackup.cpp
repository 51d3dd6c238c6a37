#include "integrations/backup/agentbackup.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

AgentBackup fullBackup()
{
    AgentBackup b;
    b.id = QStringLiteral("backup-20260211-143022-a1b2c3d4");
    b.filename = b.id + QLatin1String(".zip.age");
    b.size = 12'345'678'901;
    b.sha256 = QString(64, u'a');
    b.created = QDateTime({ 2026, 2, 11 }, { 14, 30, 22, 123 }, Qt::UTC);
    b.name = QStringLiteral("Nightly \"ü\"");
    b.instanceId = QString(32, u'0');
    b.automatic = true;
    b.isProtected = true;
    b.includesHub = true;
    b.sources = { QStringLiteral("shop"), QStringLiteral("photos") };
    b.failedSources = { QStringLiteral("ledger") };
    b.counts = { 5, 4, 3, 2, 1 };
    b.plan = QStringLiteral("0123456789abcdef");
    b.sourceCounts = { { QStringLiteral("shop"), { 3, 2, 1, 0, 9 } },
        { QStringLiteral("ledger"), { 1, 0, 0, 1, 5 } } };
    b.unreadable = 7;
    b.verified = b.created.addSecs(60);
    return b;
}

QByteArray document(const AgentBackup &backup)
{
    return QJsonDocument(toJson(backup)).toJson();
}

} // namespace

class TestAgentBackup : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsRead()
    {
        const Result<AgentBackup> read = agentBackupFromJson(document(fullBackup()));
        QVERIFY2(read, qPrintable(sentence(read)));
        QVERIFY(*read == fullBackup());
    }

    void aDatabaseIsReadAsOne()
    {
        AgentBackup b = fullBackup();
        b.kind = BackupKind::Database;
        b.filename = QStringLiteral("shop_20260211_143022_2.db");
        b.database = QStringLiteral("shop");
        b.verified = {};
        const Result<AgentBackup> read = agentBackupFromJson(document(b));
        QVERIFY2(read, qPrintable(sentence(read)));
        QVERIFY(*read == b);
        QVERIFY(!read->verified.isValid());
    }

    void itsTextIsTheContracts()
    {
        const QJsonObject o = toJson(fullBackup());
        QCOMPARE(o.value(QStringLiteral("backup_id")).toString(), fullBackup().id);
        QCOMPARE(o.value(QStringLiteral("kind")).toString(), QStringLiteral("archive"));
        QCOMPARE(o.value(QStringLiteral("created_at")).toString(),
            QStringLiteral("2026-02-11T14:30:22.123Z"));
        QCOMPARE(o.value(QStringLiteral("protected")).toBool(), true);
    }

    void negativeCountsAreNone()
    {
        QJsonObject o = toJson(fullBackup());
        o.insert(QStringLiteral("unreadable"), -5);
        o.insert(QStringLiteral("totals"), QJsonObject { { QStringLiteral("files"), -1 } });
        const Result<AgentBackup> read = agentBackupFromJson(QJsonDocument(o).toJson());
        QVERIFY(read);
        QCOMPARE(read->unreadable, 0);
        QCOMPARE(read->counts, Counts {});
    }

    void whatIsMissingOrWrongIsCorrupt_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QJsonValue>("value");
        const auto row = [](const char *field, const QJsonValue &value) {
            QTest::addRow("%s %s", field,
                QJsonDocument(QJsonArray { value }).toJson(QJsonDocument::Compact).constData())
                << QString::fromLatin1(field) << value;
        };
        row("backup_id", QJsonValue());
        row("backup_id", QStringLiteral("../x"));
        row("kind", QStringLiteral("folder"));
        row("size", -1);
        row("size", QStringLiteral("5"));
        row("created_at", QStringLiteral("yesterday"));
        row("filename", QStringLiteral("../backup-20260211-143022-a1b2c3d4.zip"));
        row("filename", QStringLiteral("backup-20260211-143022-00000000.zip"));
        row("filename", QStringLiteral("shop_20260211_143022.db"));
        row("sha256", QStringLiteral("abc"));
        row("sha256", QString(64, u'A'));
    }

    void whatIsMissingOrWrongIsCorrupt()
    {
        QFETCH(QString, field);
        QFETCH(QJsonValue, value);
        QJsonObject o = toJson(fullBackup());
        o.insert(field, value);
        const Result<AgentBackup> read = agentBackupFromJson(QJsonDocument(o).toJson());
        QVERIFY(!read && read.error().code == ErrorCode::Corrupt);
    }

    void whatIsNoDocumentIsCorrupt()
    {
        for (const QByteArray &text : { QByteArray(), QByteArray("[]"), QByteArray("{}"),
                 QByteArray("{"), QByteArray(100'000, '[') }) {
            const Result<AgentBackup> read = agentBackupFromJson(text);
            QVERIFY(!read && read.error().code == ErrorCode::Corrupt);
        }
    }

    void anArchiveDescribesItself()
    {
        const Folder folder;
        writeFile(folder / "shop/a", "content");
        const BackupOutcome made = mustRun(request(folder / "out", files(folder / "shop")));
        const Result<AgentBackup> described = describeArchive(made.path);
        QVERIFY(described);
        QCOMPARE(described->id, made.info.id);
        QCOMPARE(described->filename, made.info.id + QLatin1String(".zip"));
        QCOMPARE(described->size, made.size);
        QCOMPARE(described->sources, QStringList { QStringLiteral("shop") });
        QCOMPARE(described->counts.files, 1);
        const Result<AgentBackup> none = describeArchive(folder / "shop/a");
        QVERIFY(!none && none.error().code == ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(TestAgentBackup)
#include "tst_agentbackup.moc"
