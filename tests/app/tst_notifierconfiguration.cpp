// What hubkeep.yaml says of notifiers, and every problem with it at its place.

#include "app/configuration.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestNotifierConfiguration : public QObject
{
    Q_OBJECT

private slots:
    void everyProblemHasItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char *name, const char *yaml, const char *expected) {
            QTest::newRow(name) << QByteArray(yaml) << QString::fromUtf8(expected);
        };
        add("notifier", "notify: [{name: a, type: nfty, url: 'http://x'}]",
            "1:26: notify[0].type: must be one of ntfy, webhook, desktop, apprise; did you mean "
            "'ntfy'?");
        add("notifiers twice", "notify: [{name: a, type: desktop}, {name: a, type: desktop}]",
            "1:43: notify[1].name: 'a' is the name of notify[0] already");
        add("notifier of an action's name", "notify: [{name: send_message, type: desktop}]",
            "1:17: notify[0].name: must not be send_message, which is an action of its own");
        add("notifier of another action's name", "notify: [{name: notify, type: desktop}]",
            "1:17: notify[0].name: must not be notify, which is an action of its own");
        add("notifier without a topic", "notify: [{name: a, type: ntfy, url: 'https://ntfy.sh/'}]",
            "1:37: notify[0].url: must end with a topic, as 'https://ntfy.sh/my-topic'");
        add("notifier's priority",
            "notify: [{name: a, type: ntfy, url: 'https://n.sh/t', priority: hihg}]",
            "1:65: notify[0].priority: must be 1 to 5, or min, low, default, high or max; did you "
            "mean "
            "'high'?");
        add("notifier's key", "notify: [{name: a, type: webhook, url: 'http://x', haeders: {}}]",
            "1:52: notify[0]: unknown key 'haeders'; did you mean 'headers'?");
        add("webhook's header",
            "notify: [{name: a, type: webhook, url: 'http://x', headers: {Host: b}}]",
            "1:62: notify[0].headers.Host: is set by the hub itself");
        add("webhook's body",
            "notify: [{name: a, type: webhook, url: 'http://x', body: {a: ['{{ b', c]}}]",
            "1:63: notify[0].body.a[0]: line 1, column 1: the '{{' that begins here has no '}}'");
        add("apprise without an address", "notify: [{name: a, type: apprise}]",
            "1:10: notify[0]: needs either 'url' or 'config', a file with Apprise's addresses");
        add("apprise with two", "notify: [{name: a, type: apprise, url: 'json://x', config: /x}]",
            "1:10: notify[0]: needs either 'url' or 'config', a file with Apprise's addresses");
        add("webhook method", "notify: [{name: a, type: webhook, url: 'http://x', method: GET}]",
            "1:60: notify[0].method: must be one of POST, PUT");
    }
    void everyProblemHasItsPlace()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QString, expected);
        const Folder folder;
        writeFile(folder / "config/hubkeep.yaml", text);
        const QList<ConfigurationProblem> problems
            = loadConfiguration(QFile::decodeName(folder.path())).problems;
        QCOMPARE(problems.size(), 1);
        QCOMPARE(toString(problems.first()), QStringLiteral("hubkeep.yaml:") + expected);
    }

    void thoseOfTheApiAreCheckedAsWell_data()
    {
        QTest::addColumn<QVariantMap>("fields");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char *name, const QVariantMap &fields, const char *expected) {
            QTest::newRow(name) << fields << QString::fromUtf8(expected);
        };
        const auto text = [](const char *words) { return QVariant(QString::fromUtf8(words)); };
        const QString name = QStringLiteral("name");
        const QString type = QStringLiteral("type");
        const QString url = QStringLiteral("url");
        add("fine", { { name, text("a") }, { type, text("desktop") } }, "");
        add("no type", { { name, text("a") } },
            "the key 'type' is missing; it is one of ntfy, webhook, desktop, apprise");
        add("not a slug", { { name, text("My Phone") }, { type, text("desktop") } },
            "name: must be up to 64 lower-case letters, digits and '_', as 'my_phone'");
        // What is wrong may be a secret all the same, so it is not repeated.
        add("no address",
            { { name, text("a") }, { type, text("webhook") }, { url, text("hooks.example/KEY") } },
            "url: must be an http:// or https:// address");
        add("apprise with nothing", { { name, text("a") }, { type, text("apprise") } },
            "needs either 'url' or 'config', a file with Apprise's addresses");
    }
    void thoseOfTheApiAreCheckedAsWell()
    {
        QFETCH(const QVariantMap, fields);
        QFETCH(const QString, expected);
        const Result<PartConfiguration> checked = notifierFromVariant(fields);
        QCOMPARE(checked ? QString() : checked.error().message, expected);
    }
};

QTEST_GUILESS_MAIN(TestNotifierConfiguration)
#include "tst_notifierconfiguration.moc"
