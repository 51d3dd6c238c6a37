// Secrets of agents that were added through the API: sealed in state.db, and of no use elsewhere.

#include "app/partsecrets.h"
#include "integrations/backup/backupintegration.h"
#include "tests/support/enginecli.h"
#include "tests/support/enginetree.h"
#include "tests/support/loglistener.h"
#include "tests/support/wholehub.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *written)
{
    return QString::fromUtf8(written);
}

const QJsonObject nas { { text("name"), text("nas") }, { text("type"), text("rclone") },
    { text("remote"), text("nas:b") },
    { text("options"),
        QJsonObject { { text("type"), text("webdav") }, { text("url"), text("http://127.0.0.1:9") },
            { text("user"), text("hub") }, { text("pass"), text("s3cr3t-word") } } } };

QVariantMap optionsOf(Application &hub)
{
    for (const Part &part : hub.backupIntegration().parts(PartKind::Agent)) {
        if (part.name == u"nas")
            return part.options.value(text("options")).toMap();
    }
    return {};
}

// All that lies there, whatever SQLite calls it.
bool isInData(const WholeHub &hub, const char *word)
{
    const QDir data(hub.dataFolder() + text("/data"));
    for (const QString &name : data.entryList(QDir::Files)) {
        if (readFile(QFile::encodeName(data.filePath(name))).contains(word))
            return true;
    }
    return false;
}

} // namespace

class TestSealedSecrets : public QObject
{
    Q_OBJECT

private slots:
    void whatIsAddedIsSealedAndWorksAfterARestart()
    {
        WholeHub hub;
        QCOMPARE(hub.post(text("/api/v1/agents"), nas).status, 201);
        QVERIFY(!isInData(hub, "s3cr3t-word"));
        hub.restart();
        QVERIFY(!isInData(hub, "s3cr3t-word"));
        QVERIFY(isInData(hub, "sealed:v1:"));
        QVERIFY(
            optionsOf(hub.application()) == nas.value(text("options")).toObject().toVariantMap());
        QVERIFY(hub.application().manager().agentIds().contains(text("rclone.nas")));
        const QByteArray key = QFile::encodeName(hub.dataFolder() + text("/data/secrets.key"));
        QCOMPARE(int(statusOf(key).st_mode & 0777), 0600);
        // Nobody is shown it, sealed or not.
        const QByteArray shown = hub.get(text("/api/v1/agents")).body;
        QVERIFY2(shown.contains("***") && !shown.contains("sealed"), shown.constData());
    }

    void whatLayThereInTheClearIsSealedAtTheNextStart()
    {
        WholeHub hub;
        hub.stop();
        {
            auto state = StateDatabase::open(hub.dataFolder() + text("/data/state.db"));
            QVERIFY(state);
            QVERIFY((*state)->setSetting(text("backup.agents"), QJsonArray { nas }));
        }
        QVERIFY(isInData(hub, "s3cr3t-word")); // so that the next one proves something
        hub.restart();
        QVERIFY(!isInData(hub, "s3cr3t-word"));
        QCOMPARE(optionsOf(hub.application()).value(text("pass")).toString(), text("s3cr3t-word"));
    }

    void aHubThatIsRestoredElsewhereSaysThatTheyAreMissing()
    {
        WholeHub hub;
        QCOMPARE(hub.post(text("/api/v1/agents"), nas).status, 201);
        const QString id = hub.post(text("/api/v1/backup"),
                                  { { text("agents"), QJsonArray { text("local.local") } } })
                               .json()
                               .value(text("backup_id"))
                               .toString();
        QCOMPARE(hub.finish().value(text("status")).toString(), text("completed"));
        const QByteArray archive
            = QFile::encodeName(hub.dataFolder() + text("/backups/") + id + text(".zip"));
        const QByteArray stored = runHubkeep({ "cat", archive, "hub/data/state.db" }).out;
        QVERIFY(stored.contains("sealed:v1:") && !stored.contains("s3cr3t-word"));
        hub.stop();

        const Folder folder;
        const CliResult restored
            = runHubkeep({ "restore", archive, "--json", "--hub", folder / "new" });
        QVERIFY2(restored.exitCode == 0, restored.err.constData());
        QCOMPARE(
            restored.json().value(text("agents_without_secrets")), (QJsonArray { text("nas") }));
        QVERIFY2(restored.err.contains("nas"), restored.err.constData());

        const SystemClock clock;
        LogListener log;
        const Result<std::unique_ptr<Application>> elsewhere = Application::open(
            { QFile::decodeName(folder / "new"), text("127.0.0.1"), quint16(0) }, clock);
        QVERIFY(elsewhere);
        const QString said = log.said.join(u'\n');
        QVERIFY2(
            said.contains(u"nas is left out") && said.contains(u"secrets.key"), qPrintable(said));
        QVERIFY(!(*elsewhere)->manager().agentIds().contains(text("rclone.nas")));
        // Given again, it is there again.
        QVariantMap options = nas.toVariantMap();
        QVERIFY((*elsewhere)
                    ->backupIntegration()
                    .replacePart(PartKind::Agent, text("nas"),
                        { text("nas"), text("rclone"), options, false }));
        QVERIFY((*elsewhere)->manager().agentIds().contains(text("rclone.nas")));
    }
};

QTEST_GUILESS_MAIN(TestSealedSecrets)
#include "tst_sealedsecrets.moc"
