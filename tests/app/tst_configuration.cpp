// hubkeep.yaml: what it says, and every problem with it at its place.

#include "app/configuration.h"
#include "tests/support/enginetree.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QtTest>

#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

const QByteArray recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

// Every problem of a hubkeep.yaml, one a line.
QString problemsOf(const QByteArray &text)
{
    const Folder folder;
    writeFile(folder / "config/hubkeep.yaml", text);
    QStringList lines;
    for (const ConfigurationProblem &problem :
        loadConfiguration(QFile::decodeName(folder.path())).problems)
        lines.append(toString(problem));
    return lines.join(u'\n');
}

} // namespace

class TestConfiguration : public QObject
{
    Q_OBJECT

private slots:
    void aMissingFileIsTheDefaults();
    void aFullFileIsRead();
    void anEmptySectionIsOneThatIsNotThere();
    void everyProblemHasItsPlace_data();
    void everyProblemHasItsPlace();
    void allProblemsAreFoundInOneGo();
    void whatIsSecretIsNeverQuoted();
    void tlsFilesAreLookedFor();
    void anAgentStaysOutOfTheHubsOwnFolders();
    void theDefaultFilesAreFine();
    void theDefaultFilesReplaceNothing();
    void whatTheDefaultFileSuggestsIsFine();
    void sourcesOfTheApiAreChecked_data();
    void sourcesOfTheApiAreChecked();
    void agentsOfTheApiAreChecked();
    void durations_data();
    void durations();
    void sizes_data();
    void sizes();
};

void TestConfiguration::aMissingFileIsTheDefaults()
{
    const Folder folder;
    const LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
    QCOMPARE(loaded.problems.size(), 0);
    const Configuration &configuration = loaded.configuration;
    QCOMPARE(configuration.name, QStringLiteral("Home"));
    QVERIFY(!configuration.timeZone.isEmpty());
    QCOMPARE(configuration.http.host, QStringLiteral("127.0.0.1"));
    QCOMPARE(configuration.http.port, 8420);
    QVERIFY(configuration.backup.enabled);
    QCOMPARE(configuration.backup.timeout, std::chrono::milliseconds(2h));
    QCOMPARE(configuration.backup.sources.size(), 0);
    QCOMPARE(configuration.backup.agents.size(), 1);
    QCOMPARE(configuration.backup.agents[0].name, QStringLiteral("local"));
    QCOMPARE(configuration.backup.agents[0].options.value(QStringLiteral("path")),
        QVariant(QStringLiteral("backups")));
}

void TestConfiguration::aFullFileIsRead()
{
    const Folder folder;
    writeFile(folder / "config/cert.pem", "certificate");
    writeFile(folder / "config/key.pem", "key");
    writeFile(folder / "config/secrets.yaml", "ops_url: mailto://ops@mail.example\n");
    writeFile(folder / "config/hubkeep.yaml",
        QByteArray(R"(
hub: {name: Shed, time_zone: Europe/Amsterdam}
http:
  host: 0.0.0.0
  port: "8421"
  tls: {certificate: cert.pem, key: key.pem}
backup:
  enabled: no
  timeout: 1h 30m
  sources:
    - {name: vaultwarden, type: files, path: /srv/vaultwarden, exclude: ["icon_cache/**", "*.tmp"]}
    - {name: photos, type: files, path: /srv/photos, include: "*.jpg"}
    - {name: shop, type: sqlite, path: /srv/shop/orders.db}
    - name: ledger
      type: command
      dump: [pg_dump, --jobs, 2, ledger]
      restore: [pg_restore, --clean]
  agents:
    - {name: nas, type: local, path: /mnt/nas}
    - {name: offsite, type: rclone, remote: "b2:bucket/hubkeep", bandwidth: 2M, read_back: 20G}
    - {name: attic, type: rclone, remote: "nas:backups", bandwidth: "Mon-08:00,512k:1M 19:00,off",
       config: rclone.conf, options: {type: sftp, host: nas, port: 22}}
  hooks:
    before: [{command: [docker, pause, shop], timeout: 30s}]
    after: [{command: [docker, unpause, shop]}]
  encryption: {recipients: [RECIPIENT], recovery_recipients: [RECIPIENT]}
  health: {ping_url: "https://hc.example/uuid", overdue_after: 26h}
recorder: {keep_days: 10}
notify:
  - {name: phone, type: ntfy, url: "https://ntfy.example/backups"}
  - {name: ops, type: apprise, url: !secret ops_url}
  - {name: hook, type: webhook, url: "http://127.0.0.1/x", headers: {X-Key: 007}}
  - {name: here, type: desktop}
mqtt: {host: 127.0.0.1, port: 1883, discovery_prefix: homeassistant}
)")
            .replace("RECIPIENT", recipient));
    const LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
    for (const ConfigurationProblem &problem : loaded.problems)
        qWarning("%s", qPrintable(toString(problem)));
    QCOMPARE(loaded.problems.size(), 0);
    const Configuration &configuration = loaded.configuration;
    QCOMPARE(configuration.name, QStringLiteral("Shed"));
    QCOMPARE(configuration.timeZone, QStringLiteral("Europe/Amsterdam"));
    QCOMPARE(configuration.http.host, QStringLiteral("0.0.0.0"));
    QCOMPARE(configuration.http.port, 8421);
    QCOMPARE(QFile::encodeName(configuration.http.tls.certificate), folder / "config/cert.pem");
    QCOMPARE(QFile::encodeName(configuration.http.tls.key), folder / "config/key.pem");
    QVERIFY(!configuration.backup.enabled);
    QCOMPARE(configuration.backup.timeout, std::chrono::milliseconds(90min));
    const QList<PartConfiguration> &sources = configuration.backup.sources;
    QCOMPARE(sources.size(), 4);
    QCOMPARE(sources[0].options.value(QStringLiteral("exclude")).toStringList(),
        QStringList({ QStringLiteral("icon_cache/**"), QStringLiteral("*.tmp") }));
    QCOMPARE(sources[1].options.value(QStringLiteral("include")).toStringList(),
        QStringList({ QStringLiteral("*.jpg") }));
    QCOMPARE(sources[2].type, QStringLiteral("sqlite"));
    QCOMPARE(sources[3].options.value(QStringLiteral("dump")).toStringList(),
        QStringList({ QStringLiteral("pg_dump"), QStringLiteral("--jobs"), QStringLiteral("2"),
            QStringLiteral("ledger") }));
    QCOMPARE(
        sources[3].options.value(QStringLiteral("file")).toString(), QStringLiteral("ledger.dump"));
    QCOMPARE(configuration.backup.agents.size(), 3);
    QCOMPARE(configuration.backup.agents[1].options.value(QStringLiteral("bandwidth")).toString(),
        QStringLiteral("2M"));
    QCOMPARE(configuration.backup.before[0].timeout, std::chrono::milliseconds(30s));
    QCOMPARE(configuration.backup.after[0].timeout, std::chrono::milliseconds(60s));
    QCOMPARE(configuration.backup.after[0].command[1], QStringLiteral("unpause"));
    const QVariantMap &sections = configuration.sections;
    QCOMPARE(sections.keys(), QStringList({ QStringLiteral("mqtt"), QStringLiteral("recorder") }));
    QCOMPARE(configuration.backup.encryption.recipients.count(QLatin1String(recipient)), 2);
    const QList<PartConfiguration> &notifiers = configuration.notifiers;
    QCOMPARE(notifiers.size(), 4);
    QCOMPARE(notifiers[0].secret, QStringList());
    QCOMPARE(notifiers[1].secret, QStringList(QStringLiteral("url")));
    QCOMPARE(notifiers[0].name, QStringLiteral("phone"));
    QCOMPARE(notifiers[3].type, QStringLiteral("desktop"));
    QCOMPARE(notifiers[1].options.value(QStringLiteral("url")).toString(),
        QStringLiteral("mailto://ops@mail.example"));
    QCOMPARE(notifiers[2]
                 .options.value(QStringLiteral("headers"))
                 .toMap()
                 .value(QStringLiteral("X-Key")),
        QVariant(QStringLiteral("007")));
    QCOMPARE(sections.value(QStringLiteral("recorder")).toMap().value(QStringLiteral("keep_days")),
        QVariant(qint64(10)));
}

void TestConfiguration::anEmptySectionIsOneThatIsNotThere()
{
    QCOMPARE(
        problemsOf("hub:\nhttp:\nbackup:\n  sources:\n  agents:\n  hooks:\nnotify:\n"), QString());
    QCOMPARE(problemsOf(""), QString());
    QCOMPARE(problemsOf("# nothing\n"), QString());
}

void TestConfiguration::everyProblemHasItsPlace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected"); // problems, one a line; without "hubkeep.yaml:"
    const auto add = [](const char *name, const QByteArray &text, const char *expected) {
        QTest::addRow("%s", name) << text << QString::fromUtf8(expected);
    };
    const auto source
        = [](const QByteArray &keys) { return "backup: {sources: [{" + keys + "}]}"; };

    add("unknown section", "bakcup: {}", "1:1: unknown key 'bakcup'; did you mean 'backup'?");
    add("unknown key, nothing near", "hub: {colour: red}", "1:7: hub: unknown key 'colour'");
    add("no mapping", "- hub", "1:1: must be a mapping, not a list");
    add("a text", "hub", "1:1: must be a mapping, not the text 'hub'");
    add("name is a boolean", "hub:\n  name: on",
        "2:9: hub.name: must be a text, not the boolean on (a text on needs quotes)");
    add("name is empty", "hub: {name: ''}", "1:13: hub.name: must not be empty");
    add("time zone", "hub: {time_zone: Europe/Amstedram}",
        "1:18: hub.time_zone: must be a time zone's name, as 'Europe/Amsterdam'; did you mean "
        "'Europe/Amsterdam'?");
    add("port", "http: {port: 65536}",
        "1:14: http.port: must be a whole number from 0 to 65535, not the number 65536");
    add("port text", "http: {port: many}",
        "1:14: http.port: must be a whole number from 0 to 65535, not the text 'many'");
    add("port list", "http: {port: [1]}",
        "1:14: http.port: must be a whole number from 0 to 65535, not a list");
    add("host", "http: {host: example.org}",
        "1:14: http.host: must be an address of this machine, as 127.0.0.1, 0.0.0.0 or ::");
    add("open host", "http:\n  host: 0.0.0.0",
        "2:9: http.host: other machines could read passwords on their way to 0.0.0.0; set "
        "http.tls, or http.insecure: true where something else encrypts");
    add("open host, insecure", "http: {host: '::', insecure: true}", "");
    add("loopback hosts", "http: {host: '::1'}", "");
    add("localhost", "http: {host: localhost}", "");
    add("insecure as text", "http: {insecure: maybe}",
        "1:18: http.insecure: must be true or false, not the text 'maybe'");
    add("half a tls", "http: {tls: {}}",
        "1:13: http.tls: the key 'certificate' is missing\n"
        "hubkeep.yaml:1:13: http.tls: the key 'key' is missing");
    add("timeout", "backup: {timeout: soon}",
        "1:19: backup.timeout: must be a duration, as '90s', '1h 30m' or '01:30:00'");
    add("timeout zero", "backup: {timeout: 0}",
        "1:19: backup.timeout: must be more than nothing and at most 30 days");
    add("timeout in minutes and seconds", "backup: {timeout: 12:30}",
        "1:19: backup.timeout: must be a duration, as '90s', '1h 30m' or '01:30:00'");

    add("unknown source key",
        "backup:\n  sources:\n    - {name: a, type: sqlite, path: /a}\n"
        "    - name: b\n      type: files\n      pathh: /b\n",
        "4:7: backup.sources[1]: the key 'path' is missing\n"
        "hubkeep.yaml:6:7: backup.sources[1]: unknown key 'pathh'; did you mean 'path'?");
    add("no type", source("name: a"),
        "1:20: backup.sources[0]: the key 'type' is missing; it is one of files, sqlite, command");
    add("unknown type", source("name: a, type: file, path: /a"),
        "1:36: backup.sources[0].type: must be one of files, sqlite, command; did you mean "
        "'files'?");
    add("another type's key", source("name: a, type: sqlite, path: /a, exclude: x"),
        "1:54: backup.sources[0]: unknown key 'exclude'");
    add("relative path", source("name: a, type: files, path: srv"),
        "1:49: backup.sources[0].path: must be an absolute path, one that begins with '/'");
    add("no source", "backup: {sources: [a]}",
        "1:20: backup.sources[0]: must be a mapping, not the text 'a'");
    add("empty source", "backup:\n  sources:\n    -\n    - {name: a, type: sqlite, path: /a}",
        "3:5: backup.sources[0]: is empty");
    add("sources is a mapping", "backup: {sources: {a: 1}}",
        "1:19: backup.sources: must be a list, not a mapping");
    add("name with a slash", source("name: a/b, type: sqlite, path: /a"),
        "1:27: backup.sources[0].name: is a folder's name in the backup, so it cannot be '.' or "
        "'..' or have a '/' in it");
    add("name of dots", source("name: .., type: sqlite, path: /a"),
        "1:27: backup.sources[0].name: is a folder's name in the backup, so it cannot be '.' or "
        "'..' or have a '/' in it");
    add("name too long", source("name: " + QByteArray(101, 'x') + ", type: sqlite, path: /a"),
        "1:27: backup.sources[0].name: must not be longer than 100 bytes");
    add("name with a control character", source("name: \"a\\tb\", type: sqlite, path: /a"),
        "1:27: backup.sources[0].name: must not have control characters in it");
    add("name of the hub's", source("name: hub, type: sqlite, path: /a"),
        "1:27: backup.sources[0].name: must not be hub, state or history, which are the hub's own");
    add("names twice",
        "backup:\n  sources:\n    - {name: a, type: sqlite, path: /a}\n"
        "    - {name: a, type: sqlite, path: /b}",
        "4:14: backup.sources[1].name: 'a' is the name of backup.sources[0] already");
    add("glob from outside", source("name: a, type: files, path: /a, exclude: [../x]"),
        "1:63: backup.sources[0].exclude[0]: must be relative to the source, without './' or '..'");
    add("glob of gitignore", source("name: a, type: files, path: /a, exclude: ['!x']"),
        "1:63: backup.sources[0].exclude[0]: cannot begin with '!': nothing is un-excluded here; "
        "name what to back up under 'include', or write '\\!' for a name that begins so");
    add("command line", source("name: a, type: command, dump: pg_dump x"),
        "1:51: backup.sources[0].dump: must be a list of texts, not the text 'pg_dump x'");
    add("no command", source("name: a, type: command, dump: []"),
        "1:51: backup.sources[0].dump: must not be an empty list");
    add("file elsewhere", source("name: a, type: command, dump: [x], file: ../x"),
        "1:62: backup.sources[0].file: must be a plain file name, as 'ledger.dump'");

    add("agent's name", "backup: {agents: [{name: My NAS, type: local, path: x}]}",
        "1:26: backup.agents[0].name: must be up to 64 lower-case letters, digits and '_', as "
        "'my_nas'");
    add("agent in config", "backup: {agents: [{name: a, type: local, path: config/x}]}",
        "1:48: backup.agents[0].path: must not be where the hub keeps its own data; a relative "
        "path "
        "is below the data folder, as 'backups'");
    add("agent's folder twice",
        "backup: {agents: [{name: a, type: local, path: x}, {name: b, type: local, path: ./x/}]}",
        "1:81: backup.agents[1].path: is the folder of backup.agents[0] already");
    add("remote", "backup: {agents: [{name: a, type: rclone, remote: bucket}]}",
        "1:51: backup.agents[0].remote: must be a remote of rclone and a path, as "
        "'b2:bucket/hubkeep'");
    add("bandwidth", "backup: {agents: [{name: a, type: rclone, remote: 'b:', bandwidth: 2000}]}",
        "1:68: backup.agents[0].bandwidth: must be bytes a second with a unit, as '512k' or '2M', "
        "or by time of day, as '08:00,512k 19:00,off'");
    add("bandwidth by hour",
        "backup: {agents: [{name: a, type: rclone, remote: 'b:', bandwidth: '8:00,1M'}]}",
        "1:68: backup.agents[0].bandwidth: must be bytes a second with a unit, as '512k' or '2M', "
        "or by time of day, as '08:00,512k 19:00,off'");
    add("secrets in a remote",
        "backup: {agents: [{name: a, type: rclone, remote: ':s3,secret_access_key=x:b'}]}",
        "1:51: backup.agents[0].remote: must not have options in it, for everybody on this machine "
        "can read them there; write them under 'options'");
    add("hook", "backup: {hooks: {before: [{timeout: 30s}]}}",
        "1:27: backup.hooks.before[0]: the key 'command' is missing");
    add("recipient", "backup: {encryption: {recipients: [age1short]}}",
        "1:36: backup.encryption.recipients[0]: must be an age recipient: age1 and 58 lower-case "
        "letters and digits");
    add("recipient with a typing error",
        "backup: {encryption: {recipients: [" + recipient.chopped(1) + "q]}}",
        "1:36: backup.encryption.recipients[0]: is mistyped: its checksum is wrong");
    add("secret key", "backup: {encryption: {recipients: [AGE-SECRET-KEY-1XYZ]}}",
        "1:36: backup.encryption.recipients[0]: is a secret key, which must not be here; write its "
        "public half, the one that begins with age1");
    add("no recipients", "backup: {encryption: {recipients: []}}",
        "1:35: backup.encryption.recipients: must not be an empty list");
    add("encryption for recovery only",
        "backup: {encryption: {recovery_recipients: [" + recipient + "]}}",
        "1:22: backup.encryption: the key 'recipients' is missing");
    add("ping", "backup: {health: {ping_url: hc.example}}",
        "1:29: backup.health.ping_url: must be an http:// or https:// address");
    add("keep_days", "recorder: {keep_days: 0}",
        "1:23: recorder.keep_days: must be a whole number from 1 to 36500, not the number 0");
    add("recorder's key", "recorder: {keep_day: 3}",
        "1:12: recorder: unknown key 'keep_day'; did you mean 'keep_days'?");
    add("recorder's list", "recorder: {exclude: {domain: sensor}}",
        "1:22: recorder.exclude: unknown key 'domain'; did you mean 'domains'?");
    add("what to record", "recorder: {include: {event_types: [x]}}",
        "1:22: recorder.include: unknown key 'event_types'");
    add("entity", "recorder: {include: {entities: sensor}}",
        "1:32: recorder.include.entities: must be an entity's id, as 'sensor.backup_size'");
    add("entity's glob", "recorder: {exclude: {entity_globs: [sensor.a*, b*]}}",
        "1:48: recorder.exclude.entity_globs[1]: must be a pattern of entities' ids, as "
        "'sensor.backup_*'");
    add("domain", "recorder: {exclude: {domains: [sensor.x]}}",
        "1:32: recorder.exclude.domains[0]: must be a domain, the first part of an entity's id, as "
        "'sensor'");
    add("recorder",
        "recorder: {include: {domains: sensor, entities: [a.b]}, exclude: {event_types: "
        "[x], entity_globs: 'a.*'}}",
        "");
    add("mqtt", "mqtt: {port: 1883}", "1:7: mqtt: the key 'host' is missing");
    add("mqtt host", "mqtt: {host: 'mqtt://x'}",
        "1:14: mqtt.host: must be a host's name or address alone");
    add("a key twice", "hub:\n  name: a\n  name: b\n",
        "3:3: the key 'name' is there already, in line 2");
    add("characters, not bytes, are counted", "hub: {name: 'Käse', nme: 1}",
        "1:21: hub: unknown key 'nme'; did you mean 'name'?");
}

void TestConfiguration::everyProblemHasItsPlace()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    QCOMPARE(problemsOf(text),
        expected.isEmpty() ? QString() : QStringLiteral("hubkeep.yaml:") + expected);
}

void TestConfiguration::allProblemsAreFoundInOneGo()
{
    QCOMPARE(problemsOf("hub: {nam: x}\nhttp: {port: -1}\nbackup:\n  timeout: !secret t\n"
                        "  agents: [{type: local, name: A}]\n"),
        QStringLiteral(
            "hubkeep.yaml:1:7: hub: unknown key 'nam'; did you mean 'name'?\n"
            "hubkeep.yaml:2:14: http.port: must be a whole number from 0 to 65535, not the number "
            "-1\n"
            "hubkeep.yaml:4:12: there is no secret 't', because there is no secrets.yaml; write it "
            "there\n"
            "hubkeep.yaml:5:12: backup.agents[0]: the key 'path' is missing\n"
            "hubkeep.yaml:5:32: backup.agents[0].name: must be up to 64 lower-case letters, digits "
            "and '_', as 'a'"));
}

void TestConfiguration::whatIsSecretIsNeverQuoted()
{
    for (const char *text : { "http: {port: !secret s}", "hub: !secret s",
             "http: {host: !secret s}", "backup: {timeout: !secret s}",
             "backup: {encryption: {recipients: !secret s}}", "http: {insecure: !secret s}",
             "backup: {agents: [{name: a, type: !secret s}]}", "backup: {sources: !secret s}" }) {
        const Folder folder;
        writeFile(folder / "config/hubkeep.yaml", text);
        writeFile(folder / "config/secrets.yaml", "s: hunter2\n");
        const LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
        QCOMPARE(loaded.problems.size(), 1);
        const QString line = toString(loaded.problems[0]);
        QVERIFY2(line.startsWith(QLatin1String("hubkeep.yaml:1:")), qPrintable(line));
        QVERIFY2(!line.contains(QLatin1String("hunter2")), qPrintable(line));
    }
}

void TestConfiguration::tlsFilesAreLookedFor()
{
    const Folder folder;
    writeFile(folder / "config/cert.pem", "x");
    makeFolder(folder / "config/key.pem");
    writeFile(folder / "config/hubkeep.yaml",
        "http:\n  host: 0.0.0.0\n  tls:\n    certificate: cert.pem\n    key: key.pem\n");
    LoadedConfiguration loaded = loadConfiguration(QFile::decodeName(folder.path()));
    QCOMPARE(loaded.problems.size(), 1);
    QCOMPARE(toString(loaded.problems[0]),
        QStringLiteral("hubkeep.yaml:5:10: http.tls.key: '%1' is no file")
            .arg(QFile::decodeName(folder / "config/key.pem")));
    writeFile(folder / "config/hubkeep.yaml",
        "http: {tls: {certificate: /nowhere/c.pem, key: cert.pem}}");
    loaded = loadConfiguration(QFile::decodeName(folder.path()));
    QCOMPARE(loaded.problems.size(), 1);
    QCOMPARE(toString(loaded.problems[0]),
        QStringLiteral(
            "hubkeep.yaml:1:27: http.tls.certificate: there is no file '/nowhere/c.pem'"));
}

void TestConfiguration::anAgentStaysOutOfTheHubsOwnFolders()
{
    const Folder folder;
    for (const char *below : { "", "/data", "/config/x", "//keys/" }) {
        writeFile(folder / "config/hubkeep.yaml",
            "backup: {agents: [{name: a, type: local, path: " + folder.path() + below + "}]}");
        QCOMPARE(loadConfiguration(QFile::decodeName(folder.path())).problems.size(), 1);
    }
    writeFile(folder / "config/hubkeep.yaml",
        "backup: {agents: [{name: a, type: local, path: " + folder / "backups" + "}]}");
    QCOMPARE(loadConfiguration(QFile::decodeName(folder.path())).problems.size(), 0);
}

void TestConfiguration::theDefaultFilesAreFine()
{
    const Folder folder;
    const QString data = QFile::decodeName(folder.path());
    QVERIFY(writeDefaultConfiguration(data).ok());
    QCOMPARE(namesIn(folder / "config"),
        QList<QByteArray>({ "automations.yaml", "hubkeep.yaml", "secrets.yaml" }));
    QCOMPARE(statusOf(folder / "config/secrets.yaml").st_mode & 07777, 0600u);
    QCOMPARE(checkConfiguration(data).size(), 0);
    const LoadedConfiguration loaded = loadConfiguration(data);
    QCOMPARE(loaded.configuration.backup.agents.size(), 1);
    QCOMPARE(loaded.configuration.http.host, QStringLiteral("127.0.0.1"));
}

void TestConfiguration::theDefaultFilesReplaceNothing()
{
    const Folder folder;
    const QString data = QFile::decodeName(folder.path());
    writeFile(folder / "config/secrets.yaml", "mine: 1\n");
    QVERIFY(writeDefaultConfiguration(data).ok());
    QCOMPARE(readFile(folder / "config/secrets.yaml"), "mine: 1\n");
    QVERIFY(exists(folder / "config/hubkeep.yaml"));
    removeTree(folder / "config");
    writeFile(folder / "config/hubkeep.yaml", "");
    QVERIFY(writeDefaultConfiguration(data).ok());
    QCOMPARE(namesIn(folder / "config"), QList<QByteArray>({ "hubkeep.yaml" }));
}

// Somebody takes away every '#' before something that is YAML.
void TestConfiguration::whatTheDefaultFileSuggestsIsFine()
{
    const Folder folder;
    const QString data = QFile::decodeName(folder.path());
    QVERIFY(writeDefaultConfiguration(data).ok());
    writeFile(folder / "config/secrets.yaml", "ops_url: mailto://user@mail.example\n");
    QByteArray text;
    int shown = 0;
    static const QRegularExpression key(
        QStringLiteral("^(\\s*)# ((?: *- | +)?[a-z_]+: ?.*| +- command: .*)$"));
    for (const QByteArray &line : readFile(folder / "config/hubkeep.yaml").split('\n')) {
        const QRegularExpressionMatch match = key.match(QString::fromUtf8(line));
        if (match.hasMatch() && !line.contains("password: !secret")
            && !line.contains("recipients: [age1...") && !line.contains("encryption:")
            && !line.contains("tls:")) {
            text += match.captured(1).toUtf8() + match.captured(2).toUtf8() + '\n';
            ++shown;
        } else {
            text += line + '\n';
        }
    }
    text.replace("sources: []", "sources:");
    QVERIFY2(shown > 30, text.constData());
    writeFile(folder / "config/hubkeep.yaml", text);
    const LoadedConfiguration loaded = loadConfiguration(data);
    for (const ConfigurationProblem &problem : loaded.problems)
        qWarning("%s", qPrintable(toString(problem)));
    QVERIFY2(loaded.problems.isEmpty(), text.constData());
    QCOMPARE(loaded.configuration.backup.sources.size(), 3);
    QCOMPARE(loaded.configuration.backup.agents.size(), 3);
    QCOMPARE(loaded.configuration.backup.before.size(), 1);
    QCOMPARE(loaded.configuration.sections.size(), 2);
}

void TestConfiguration::sourcesOfTheApiAreChecked_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("problem");
    const auto add = [](const char *json, const char *problem) {
        QTest::addRow("%s", json) << QByteArray(json) << QString::fromUtf8(problem);
    };
    add(R"({"name":"a","type":"files","path":"/a","exclude":["*.tmp"]})", "");
    add(R"({"name":"a","type":"command","dump":["x"]})", "");
    add(R"({"name":"a","type":"files","path":"/a","exclude":null})", "");
    add(R"({"name":"a","type":"files","pathh":"/a"})", "unknown key 'pathh'; did you mean 'path'?");
    add(R"({"name":"a","type":"files"})", "the key 'path' is missing");
    add(R"({"name":"a","type":"files","path":true})", "path: must be a text, not the boolean true");
    add(R"({"name":"a","type":"files","path":{"a":1}})", "path: must be a text, not a mapping");
    add(R"({"name":"a","type":"files","path":"/a\u0000b"})",
        "path: must not have a NUL character in it");
    add(R"({"name":"../a","type":"sqlite","path":"/a"})",
        "name: is a folder's name in the backup, so it cannot be '.' or '..' or have a '/' in it");
    add(R"({"name":"a","type":"command","dump":"x"})",
        "dump: must be a list of texts, not the text 'x'");
    add(R"({})", "the key 'type' is missing; it is one of files, sqlite, command");
}

void TestConfiguration::sourcesOfTheApiAreChecked()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, problem);
    const QVariantMap fields = QJsonDocument::fromJson(json).object().toVariantMap();
    const Result<PartConfiguration> source = sourceFromVariant(fields);
    QCOMPARE(source ? QString() : source.error().message, problem);
    if (!source) {
        QCOMPARE(source.error().code, ErrorCode::InvalidArgument);
        return;
    }
    QCOMPARE(source->name, QStringLiteral("a"));
    QCOMPARE(source->type, fields.value(QStringLiteral("type")).toString());
}

void TestConfiguration::agentsOfTheApiAreChecked()
{
    const Result<PartConfiguration> agent
        = agentFromVariant({ { QStringLiteral("name"), QStringLiteral("nas") },
            { QStringLiteral("type"), QStringLiteral("local") },
            { QStringLiteral("path"), QStringLiteral("/mnt/nas") } });
    QVERIFY(agent.ok());
    QCOMPARE(agent->options.value(QStringLiteral("path")).toString(), QStringLiteral("/mnt/nas"));
    const Result<PartConfiguration> climbing
        = agentFromVariant({ { QStringLiteral("name"), QStringLiteral("nas") },
            { QStringLiteral("type"), QStringLiteral("local") },
            { QStringLiteral("path"), QStringLiteral("../../etc") } });
    QVERIFY(!climbing.ok());
    QCOMPARE(climbing.error().message, QStringLiteral("path: must not have '..' in it"));
}

void TestConfiguration::durations_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("expected"); // milliseconds; -1: none
    const auto add = [](const char *text, qint64 expected) {
        QTest::addRow("'%s'", text) << QString::fromUtf8(text) << expected;
    };
    add("2h", 7'200'000);
    add("90s", 90'000);
    add("90", 90'000);
    add("1.5", 1500);
    add("1.5h", 5'400'000);
    add("500ms", 500);
    add("1h 30m", 5'400'000);
    add("1h30min", 5'400'000);
    add("3d", 259'200'000);
    add("01:30:00", 5'400'000);
    add("1:30:00", 5'400'000);
    add("00:00:01.5", 1500);
    add("0", 0);
    add("", -1);
    add("h", -1);
    add("2 hours", -1);
    add("12:30", -1);
    add("00:60:00", -1);
    add("-5", -1);
    add("1e3", -1);
    add("9999999999", -1);
    add("٣s", -1);
}

void TestConfiguration::durations()
{
    QFETCH(QString, text);
    QFETCH(qint64, expected);
    const auto parsed = parseDuration(text);
    QCOMPARE(parsed ? qint64(parsed->count()) : -1, expected);
}

void TestConfiguration::sizes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("expected");
    QTest::newRow("bytes") << QStringLiteral("512") << qint64(512);
    QTest::newRow("M") << QStringLiteral("2M") << qint64(2 << 20);
    QTest::newRow("MiB") << QStringLiteral("2 MiB") << qint64(2 << 20);
    QTest::newRow("k") << QStringLiteral("1.5k") << qint64(1536);
    QTest::newRow("B") << QStringLiteral("7B") << qint64(7);
    QTest::newRow("none") << QString() << qint64(-1);
    QTest::newRow("negative") << QStringLiteral("-1M") << qint64(-1);
    QTest::newRow("unknown") << QStringLiteral("2X") << qint64(-1);
    QTest::newRow("too much") << QStringLiteral("99999999P") << qint64(-1);
}

void TestConfiguration::sizes()
{
    QFETCH(QString, text);
    QFETCH(qint64, expected);
    QCOMPARE(parseSize(text).value_or(-1), expected);
}

QTEST_GUILESS_MAIN(TestConfiguration)
#include "tst_configuration.moc"
