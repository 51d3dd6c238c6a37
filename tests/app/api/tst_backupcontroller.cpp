#include "tests/support/enginetree.h"
#include "tests/support/wholehub.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

const QString restorePath = text("/api/v1/backup/restore");

} // namespace

class TestBackupController : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_hub = std::make_unique<WholeHub>(
            "backup:\n  sources:\n    - {name: shop, type: files, path: \"@/shop\"}\n");
        m_shop = QFile::encodeName(m_hub->folder()) + "/shop";
        writeFile(m_shop + "/a.txt", "as it was");
    }
    void cleanup() { m_hub.reset(); }

    void aListOfNothingIsRefused()
    {
        for (const char *list : { "sources", "agents" }) {
            const Answer answer
                = m_hub->post(text("/api/v1/backup"), { { text(list), QJsonArray() } });
            QCOMPARE(answer.status, 400);
            QVERIFY2(answer.message().contains(text(list)), qPrintable(answer.message()));
        }
        QCOMPARE(m_hub->get(text("/api/v1/backup/status")).json().value(text("status")).toString(),
            text("idle"));
    }

    void whoNamesAPartDoesNotGetTheHubsDatabases()
    {
        const QString id = create();
        QJsonObject body { { text("backup_id"), id }, { text("preview"), true } };
        const auto touchesHub = [&](const QJsonObject &more) {
            QJsonObject asked = body;
            for (auto it = more.begin(); it != more.end(); ++it)
                asked.insert(it.key(), it.value());
            const Answer answer = m_hub->post(restorePath, asked);
            if (answer.status != 200)
                qWarning("%s", answer.body.constData());
            return answer.body.contains("hub/data/state.db");
        };
        const QJsonArray shop { text("shop") };
        QVERIFY(touchesHub({}));
        QVERIFY(!touchesHub({ { text("sources"), shop } }));
        QVERIFY(!touchesHub({ { text("include"), QJsonArray { text("*.txt") } } }));
        QVERIFY(touchesHub({ { text("sources"), shop }, { text("restore_metadata"), true } }));

        writeFile(m_shop + "/a.txt", "newer");
        const Answer started = m_hub->post(restorePath,
            { { text("backup_id"), id }, { text("sources"), shop }, { text("confirm"), true } });
        QCOMPARE(started.status, 202);
        const QJsonObject status = m_hub->finish();
        QCOMPARE(status.value(text("status")).toString(), text("completed"));
        QCOMPARE(readFile(m_shop + "/a.txt"), QByteArray("as it was"));
        QVERIFY(!QFile::exists(m_hub->dataFolder() + text("/restore.staged")));
    }

    void aRestoreMayNameItsAgent()
    {
        const QString id = create();
        const auto statusWith = [&](const char *agent) {
            return m_hub
                ->post(restorePath,
                    { { text("backup_id"), id }, { text("preview"), true },
                        { text("agent_id"), text(agent) } })
                .status;
        };
        QCOMPARE(statusWith("backup.local"), 200);
        QCOMPARE(statusWith("moon.base"), 404);
    }

private:
    QString create()
    {
        const Answer answer = m_hub->post(text("/api/v1/backup"));
        const QJsonObject status = m_hub->finish();
        if (answer.status != 202 || status.value(text("status")).toString() != u"completed")
            qFatal("%s %s", answer.body.constData(),
                qPrintable(status.value(text("error")).toString()));
        return answer.json().value(text("backup_id")).toString();
    }

    std::unique_ptr<WholeHub> m_hub;
    QByteArray m_shop;
};

QTEST_GUILESS_MAIN(TestBackupController)
#include "tst_backupcontroller.moc"
