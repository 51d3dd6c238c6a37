// Restore drills over HTTP, and hooks that may fail, in a whole hub.

#include "tests/support/enginetree.h"
#include "tests/support/wholehub.h"

#include <QJsonArray>
#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

QByteArray configuration(const QByteArray &more = {})
{
    return "backup:\n"
           "  sources:\n"
           "    - {name: docs, type: files, path: \"@/docs\"}\n"
        + more;
}

struct DrilledHub : WholeHub
{
    explicit DrilledHub(const QByteArray &more = {})
        : WholeHub(configuration(more))
    {
        writeFile(folder().toUtf8() + "/docs/a.txt", "content of a");
        QDir().mkpath(folder() + text("/docs"));
    }
    QString backUp()
    {
        const QString id = post(text("/api/v1/backup")).json()[text("backup_id")].toString();
        finish();
        return id;
    }
};

} // namespace

class TestDrillRoutes : public QObject
{
    Q_OBJECT

private slots:
    void aDrillIsHeldAndRemembered()
    {
        DrilledHub hub;
        const QString id = hub.backUp();
        const QString path = text("/api/v1/backup/%1/drill").arg(id);
        QCOMPARE(hub.ask("POST", path, hub.user()).status, 403);
        QCOMPARE(hub.post(path, { { text("nonsense"), 1 } }).status, 400);
        QCOMPARE(hub.post(path, { { text("agent_id"), text("local.nowhere") } }).status, 404);
        const Answer started = hub.post(path);
        QCOMPARE(started.status, 202);
        QCOMPARE(started.json()[text("backup_id")].toString(), id);
        const QJsonObject status = hub.finish();
        QCOMPARE(status[text("operation")].toString(), text("drill"));
        QCOMPARE(status[text("status")].toString(), text("completed"));

        const QJsonObject page = hub.get(text("/api/v1/drills")).json();
        const QJsonArray drills = page[text("drills")].toArray();
        QCOMPARE(drills.size(), 1);
        QVERIFY(drills[0][text("ok")].toBool());
        QCOMPARE(drills[0][text("backup_id")].toString(), id);
        QCOMPARE(drills[0][text("agent_id")].toString(), text("local.local"));
        QVERIFY(drills[0][text("files")].toInt() >= 1);
        QCOMPARE(page[text("every_hours")].toInt(), 7 * 24);
        QVERIFY(page[text("due")].isNull());
        QCOMPARE(hub.ask("GET", text("/api/v1/drills"), hub.user()).status, 403);

        hub.restart();
        QCOMPARE(hub.get(text("/api/v1/drills")).json()[text("drills")].toArray().size(), 1);
    }

    void theConfigurationSaysHowOften()
    {
        DrilledHub hub("  drills: {every: 30d, remote_limit: 500M}\n");
        QCOMPARE(hub.get(text("/api/v1/drills")).json()[text("every_hours")].toInt(), 30 * 24);
        DrilledHub never("  drills: {enabled: false}\n");
        never.backUp();
        QVERIFY(never.get(text("/api/v1/drills")).json()[text("due")].isNull());
    }

    void aHookMayFailWithoutItsBackup_data()
    {
        QTest::addColumn<QByteArray>("onError");
        QTest::addColumn<QString>("status");
        QTest::addRow("fail") << QByteArray("fail") << text("failed");
        QTest::addRow("warn") << QByteArray("warn") << text("completed");
        QTest::addRow("ignore") << QByteArray("ignore") << text("completed");
    }
    void aHookMayFailWithoutItsBackup()
    {
        QFETCH(QByteArray, onError);
        QFETCH(QString, status);
        DrilledHub hub("  hooks:\n"
                       "    before: [{command: [\"false\"], on_error: "
            + onError + "}]\n");
        hub.post(text("/api/v1/backup"));
        QCOMPARE(hub.finish()[text("status")].toString(), status);
    }
};

QTEST_GUILESS_MAIN(TestDrillRoutes)
#include "tst_drillroutes.moc"
