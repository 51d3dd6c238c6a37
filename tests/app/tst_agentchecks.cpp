// What hubkeep.yaml and the API say of agents, judged by the same code.

#include "app/configuration.h"
#include "app/parttypes.h"
#include "tests/support/enginetree.h"

#include <QFile>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *written)
{
    return QString::fromUtf8(written);
}

backup::Part partOf(const PartConfiguration &agent)
{
    return { agent.name, agent.type, agent.options, true };
}

} // namespace

class TestAgentChecks : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrongIsSaidAtOnce_data()
    {
        QTest::addColumn<QString>("remote");
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("bandwidth");
        QTest::addColumn<QString>("problem"); // empty: none
        const auto row = [](const char *name, const char *remote, const char *option,
                             const char *bandwidth, const char *problem) {
            QTest::newRow(name) << text(remote) << text(option) << text(bandwidth) << text(problem);
        };
        const char *const limits = "bandwidth: must be bytes a second with a unit, as '512k' or "
                                   "'2M', or by time of day, as '08:00,512k 19:00,off'";
        const char *const remotes
            = "remote: must be a remote of rclone and a path, as 'b2:bucket/hubkeep'";
        row("options with a name", "b2:x", "account", "2M", "");
        row("a name with all that it may have", "my b2.x_y-z:", "account", "tuesday-08:00,1M", "");
        row("options without a name", ":webdav:hub", "url", "2M",
            "remote: needs a name before its ':' for its options, any will do");
        row("a folder", "my/remote:hub", "url", "2M", remotes);
        row("no name at all", "::hub", "url", "2M", remotes);
        row("an option's name", "b:", "a b=", "2M",
            "options.a b=: is no name of an option of rclone's, as 'access_key_id' is one");
        row("a day that is none", "b:", "url", "monx-08:00,1M", limits);
        row("half a day", "b:", "url", "tues-08:00,1M", limits);
    }

    void whatIsWrongIsSaidAtOnce()
    {
        QFETCH(QString, remote);
        QFETCH(QString, option);
        QFETCH(QString, bandwidth);
        QFETCH(QString, problem);
        const Folder folder;
        const QString yaml = text("backup: {agents: [{name: a, type: rclone, remote: '%1', "
                                  "options: {'%2': x}, bandwidth: '%3'}]}")
                                 .arg(remote, option, bandwidth);
        writeFile(folder / "config/hubkeep.yaml", yaml.toUtf8());
        const LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
        QCOMPARE(loaded.problems.isEmpty() ? QString() : loaded.problems.first().message,
            problem.isEmpty() ? QString() : text("backup.agents[0].") + problem);
        const Result<PartConfiguration> agent
            = agentFromVariant({ { text("name"), text("a") }, { text("type"), text("rclone") },
                { text("remote"), remote }, { text("bandwidth"), bandwidth },
                { text("options"), QVariantMap { { option, text("x") } } } });
        QCOMPARE(agent ? QString() : agent.error().message, problem);
        if (!problem.isEmpty())
            return;
        // And the hub does not leave it out.
        const auto make = agentTypes(DataFolder(QFile::decodeName(folder.path())), text("UTC"))
                              .value(text("rclone"));
        QVERIFY(make(partOf(loaded.configuration.backup.agents.first())));
        QVERIFY(make(partOf(*agent)));
    }

    void yesAndNoAreOptionsToo()
    {
        const Folder folder;
        writeFile(folder / "config/hubkeep.yaml",
            "backup: {agents: [{name: a, type: rclone, remote: 's:x', options: {type: s3, "
            "disable_http2: true, force_path_style: no, chunk_size: 5}}]}");
        const LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
        QCOMPARE(loaded.problems.size(), 0);
        const QVariantMap wanted { { text("type"), text("s3") },
            { text("disable_http2"), text("true") }, { text("force_path_style"), text("false") },
            { text("chunk_size"), text("5") } };
        QCOMPARE(loaded.configuration.backup.agents.first().options.value(text("options")).toMap(),
            wanted);
        const Result<PartConfiguration> agent = agentFromVariant({ { text("name"), text("a") },
            { text("type"), text("rclone") }, { text("remote"), text("s:x") },
            { text("options"),
                QVariantMap { { text("type"), text("s3") }, { text("disable_http2"), true },
                    { text("force_path_style"), false }, { text("chunk_size"), 5 } } } });
        QVERIFY2(agent, agent ? "" : qPrintable(agent.error().message));
        QCOMPARE(agent->options.value(text("options")).toMap(), wanted);
    }

    void theHubsOwnFoldersAreNoPlaceForBackups()
    {
        const auto problem = [](const char *path) {
            const Result<PartConfiguration> agent
                = agentFromVariant({ { text("name"), text("a") }, { text("type"), text("local") },
                                       { text("path"), text(path) } },
                    text("/srv/hub"));
            return agent ? QString() : agent.error().message;
        };
        const QString own = text("path: must not be where the hub keeps its own data");
        QCOMPARE(problem("/srv/hub"), own);
        QCOMPARE(problem("/srv/hub/./data/x"), own);
        QCOMPARE(problem("/srv/hub/keys"), own);
        QCOMPARE(problem("/srv/hub/backups"), QString());
        QCOMPARE(problem("/srv/hub2/data"), QString());
    }
};

QTEST_GUILESS_MAIN(TestAgentChecks)
#include "tst_agentchecks.moc"
