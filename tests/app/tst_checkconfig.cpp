// `hubkeep check-config` as the contract has it: every problem in every file, one a line.

#include "tests/support/enginecli.h"
#include "tests/support/enginetree.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QtTest>

#include <utility>

using namespace hubkeep;
using namespace hubkeep::test;

class TestCheckConfig : public QObject
{
    Q_OBJECT

private slots:
    void aGoodConfigurationIsFine();
    void everyFileIsChecked();
    void theActionsOfAutomationsAreChecked();
    void rcloneIsAskedForItsOptions();
    void withJsonThereIsOneDocument();
    void aFolderThatIsNotThereIsAnError();
};

void TestCheckConfig::aGoodConfigurationIsFine()
{
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml", "hub: {name: Shed}\n");
    const CliResult result = runHubkeep({ "--data", folder.path(), "check-config" });
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.out, QByteArray());
    QCOMPARE(result.err, "The configuration in " + folder.path() + "/config is fine\n");
    const CliResult quiet = runHubkeep({ "check-config", "--quiet", "--data", folder.path() });
    QCOMPARE(quiet.exitCode, 0);
    QCOMPARE(quiet.err, QByteArray());
}

void TestCheckConfig::everyFileIsChecked()
{
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml",
        "backup:\n  sources:\n    - {name: a, type: files, pathh: /a}\n"
        "  agents: !include agents.yaml\nhub: !include hub.yaml\n");
    writeFile(folder / "config/agents.yaml", "- {name: B, type: local, path: b}\n");
    writeFile(folder / "config/hub.yaml", "nmae: x\nname: y\nname: z\n");
    writeFile(folder / "config/automations.yaml",
        "- alias: a\n  alias: b\n  triggers: []\n  action: []\n  mod: single\n");
    writeFile(folder / "config/automations/one.yaml", "a: [\n");
    writeFile(folder / "config/automations/.hidden.yaml", "a: [\n");
    writeFile(folder / "config/secrets.yaml", "- x\n");
    const CliResult result = runHubkeep({ "--data", folder.path(), "check-config" });
    QCOMPARE(result.exitCode, 1);
    QCOMPARE(result.err, QByteArray());
    QCOMPARE(result.out,
        QByteArray(
            "agents.yaml:1:10: backup.agents[0].name: must be up to 64 lower-case letters, "
            "digits and '_', as 'b'\n"
            "automations.yaml:2:3: the key 'alias' is there already, in line 1\n"
            "automations.yaml:5:3: an automation has no key 'mod'; did you mean 'mode'?\n"
            "automations/one.yaml:1:4: a ',' or ']' is missing in what begins here\n"
            "hub.yaml:1:1: hub: unknown key 'nmae'; did you mean 'name'?\n"
            "hub.yaml:3:1: the key 'name' is there already, in line 2\n"
            "hubkeep.yaml:3:7: backup.sources[0]: the key 'path' is missing\n"
            "hubkeep.yaml:3:30: backup.sources[0]: unknown key 'pathh'; did you mean 'path'?\n"
            "secrets.yaml:1:1: must be a mapping of names to secrets\n"));
}

void TestCheckConfig::theActionsOfAutomationsAreChecked()
{
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml",
        "notify: [{name: ops, type: webhook, url: 'http://127.0.0.1/'}]\n");
    writeFile(folder / "config/automations.yaml",
        "triggers: []\nactions:\n  - action: backup.creat\n  - action: notify.ops\n"
        "  - action: notify.opps\n");
    const CliResult result = runHubkeep({ "--data", folder.path(), "check-config" });
    QCOMPARE(result.exitCode, 1);
    QCOMPARE(result.out,
        QByteArray("automations.yaml:3:13: there is no action 'backup.creat'; did you mean "
                   "'backup.create'?\n"
                   "automations.yaml:5:13: there is no action 'notify.opps'; did you mean "
                   "'notify.ops'?\n"));
    // Which there are cannot be told where the hub's database cannot be read.
    writeFile(folder / "data/state.db", "no database");
    QCOMPARE(runHubkeep({ "--data", folder.path(), "check-config" }).exitCode, 0);
}

void TestCheckConfig::rcloneIsAskedForItsOptions()
{
    if (QStandardPaths::findExecutable(QStringLiteral("rclone")).isEmpty())
        QSKIP("rclone is not installed");
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml",
        "backup:\n  agents:\n"
        "    - {name: a, type: rclone, remote: 'a:b', options: {typ: s3}}\n"
        "    - {name: b, type: rclone, remote: 'b:b', options: {type: webdaw}}\n"
        "    - {name: c, type: rclone, remote: 'c:b', options: {type: webdav, ulr: x}}\n"
        "    - {name: d, type: rclone, remote: 'd:b', options: {type: webdav, url: notaurl}}\n"
        "    - {name: e, type: rclone, remote: 'e:b', options: {type: s3, access-key-id: x}}\n"
        "    - {name: f, type: rclone, remote: 'f:b', options: {pass: x}}\n");
    const CliResult result = runHubkeep({ "--data", folder.path(), "check-config" });
    QCOMPARE(result.exitCode, 1);
    const QList<QByteArray> lines = result.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 4);
    for (const auto &[line, said] : { std::pair { 0,
                                          "[0].options.typ: rclone has no option 'typ'; "
                                          "did you mean 'type'?" },
             std::pair { 1, "no type 'webdaw'; did you mean 'webdav'?" },
             std::pair { 2, "rclone's webdav has no option 'ulr'; did you mean 'url'?" },
             std::pair { 3, "[3].options.url: must be an address" } })
        QVERIFY2(lines[line].contains(said), lines[line].constData());
}

void TestCheckConfig::withJsonThereIsOneDocument()
{
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml", "htpt: {}\n");
    const CliResult bad = runHubkeep({ "--data", folder.path(), "check-config", "--json" });
    QCOMPARE(bad.exitCode, 1);
    QCOMPARE(bad.json(),
        (QJsonObject { { QStringLiteral("ok"), false },
            { QStringLiteral("problems"),
                QJsonArray {
                    QJsonObject { { QStringLiteral("file"), QStringLiteral("hubkeep.yaml") },
                        { QStringLiteral("line"), 1 }, { QStringLiteral("column"), 1 },
                        { QStringLiteral("message"),
                            QStringLiteral("unknown key 'htpt'; did you mean 'http'?") } } } } }));
    writeFile(folder / "config/hubkeep.yaml", "");
    const CliResult good = runHubkeep({ "--data", folder.path(), "check-config", "--json" });
    QCOMPARE(good.exitCode, 0);
    QCOMPARE(good.json(),
        (QJsonObject {
            { QStringLiteral("ok"), true }, { QStringLiteral("problems"), QJsonArray() } }));
}

void TestCheckConfig::aFolderThatIsNotThereIsAnError()
{
    const Folder folder;
    const CliResult result = runHubkeep({ "--data", folder / "nope", "check-config" });
    QCOMPARE(result.exitCode, 1);
    QVERIFY2(isOneSentence(result.err), result.err.constData());
    // Without a file the defaults count.
    const CliResult empty = runHubkeep({ "--data", folder.path(), "check-config" });
    QCOMPARE(empty.exitCode, 0);
    QVERIFY2(empty.err.contains("defaults"), empty.err.constData());
}

QTEST_GUILESS_MAIN(TestCheckConfig)
#include "tst_checkconfig.moc"
