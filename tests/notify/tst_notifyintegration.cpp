#include "automation/core/logging.h"
#include "integrations/notify/notifyintegration.h"
#include "tests/support/httplistener.h"
#include "tests/support/notifyarena.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

NotifierConfig ntfy(
    const HttpListener &listener, const char *name = "phone", const QVariantMap &more = {})
{
    QVariantMap options { { text("name"), text(name) }, { text("type"), text("ntfy") },
        { text("url"), listener.url(text("/backups")) } };
    options.insert(more);
    return notifierConfig(options);
}

QVariantMap message(const char *words, const QVariantMap &more = {})
{
    QVariantMap arguments { { text("message"), text(words) } };
    arguments.insert(more);
    return arguments;
}

// How often it failed, so far.
qsizetype triesIn(const QByteArray &log)
{
    return log.count(" failed: ");
}

// What arrived, in its order.
QStringList messages(const HttpListener &listener)
{
    QStringList list;
    for (const ReceivedRequest &request : listener.requests)
        list.append(request.json().value(text("message")).toString());
    return list;
}

} // namespace

class TestNotifyIntegration : public QObject
{
    Q_OBJECT

private slots:
    // First: everything that the others log is looked through at the end.
    void initTestCase() { startLogging(LogLevel::Debug); }

    void aNotifierIsAnAction()
    {
        HttpListener listener;
        NotifyArena arena({ ntfy(listener) });
        QCOMPARE(arena.call(text("notify.phone"),
                     message("It failed — naïvely",
                         { { text("title"), text("Бэкап") },
                             { text("data"), QVariantMap { { text("priority"), 5 } } } })),
            text("delivered"));
        QCOMPARE(listener.requests.size(), 1);
        QCOMPARE(listener.requests.first().path, QByteArray("/"));
        QCOMPARE(listener.requests.first().json(),
            (QJsonObject { { text("topic"), text("backups") }, { text("title"), text("Бэкап") },
                { text("message"), text("It failed — naïvely") }, { text("priority"), 5 } }));
        QCOMPARE(arena.rows(), 0);
    }

    void whatTemplatesMakeIsTakenAsText_data()
    {
        QTest::addColumn<QVariant>("message");
        QTest::addColumn<QString>("arrives");
        QTest::newRow("a number") << QVariant(42) << text("42");
        QTest::newRow("a fraction") << QVariant(2.5) << text("2.5");
        QTest::newRow("a boolean") << QVariant(true) << text("True");
        QTest::newRow("a text") << QVariant(text(" x ")) << text(" x ");
    }
    void whatTemplatesMakeIsTakenAsText()
    {
        QFETCH(const QVariant, message);
        QFETCH(const QString, arrives);
        HttpListener listener;
        NotifyArena arena({ ntfy(listener) });
        QCOMPARE(arena.call(text("notify.phone"),
                     { { text("message"), message }, { text("title"), QVariant() },
                         { text("data"), QVariant() } }),
            text("delivered"));
        QCOMPARE(messages(listener), QStringList { arrives });
        QVERIFY(!listener.requests.first().json().contains(text("title")));
    }

    void argumentsThatMakeNoSenseAreSaid()
    {
        HttpListener listener;
        NotifyArena arena({ ntfy(listener) });
        QVERIFY(arena.call(text("notify.phone"), {}).contains(text("'message' is missing")));
        QVERIFY(arena.call(text("notify.phone"), { { text("message"), QVariantList { 1 } } })
                    .contains(text("'message' takes a text")));
        QVERIFY(arena.call(text("notify.phone"), message("m", { { text("titel"), 1 } }))
                    .contains(text("did you mean 'title'")));
        QVERIFY(arena.call(text("notify.phone"), { { text("message"), QString(70'000, u'x') } })
                    .contains(text("longer than 64 KiB")));
        QCOMPARE(listener.requests.size(), 0);
    }

    void sendMessageTellsThoseThatAreNamedOrAll()
    {
        HttpListener one;
        HttpListener two;
        NotifyArena arena({ ntfy(one, "one"), ntfy(two, "two") });
        const QString send = text("notify.send_message");
        QCOMPARE(arena.call(send, message("all")), text("delivered"));
        QCOMPARE(arena.call(send, message("a", { { text("notifier"), text("two") } })),
            text("delivered"));
        QCOMPARE(arena.call(send, message("b", { { text("entity_id"), text("notify.two") } })),
            text("delivered"));
        QCOMPARE(
            arena.call(send,
                message("c", { { text("target"), QVariantList { text("one"), text("two") } } })),
            text("delivered"));
        QCOMPARE(arena.call(text("notify.notify"), message("first")), text("delivered"));
        QCOMPARE(messages(one), QStringList({ text("all"), text("c"), text("first") }));
        QCOMPARE(messages(two), QStringList({ text("all"), text("a"), text("b"), text("c") }));
        QVERIFY(arena.call(send, message("x", { { text("target"), text("tow") } }))
                    .contains(text("no notifier tow; did you mean 'two'")));
    }

    void withoutANotifierItSaysWhereToNameOne()
    {
        NotifyArena arena;
        for (const char *action : { "notify.notify", "notify.send_message" })
            QVERIFY(arena.call(text(action), message("m")).contains(text("hubkeep.yaml")));
    }

    void whatCanNeverWorkFails()
    {
        HttpListener listener;
        listener.answers = { HttpListener::answer(403, R"({"error":"not you"})") };
        NotifyArena arena({ ntfy(listener) });
        QCOMPARE(arena.call(text("notify.phone"), message("m")),
            QStringLiteral("Telling phone: 127.0.0.1:%1 answered 403: not you")
                .arg(listener.port()));
        QCOMPARE(arena.rows(), 0);
        QVERIFY(arena.activity.isEmpty()); // its caller knows
        QCOMPARE(arena.call(text("notify.phone"), message("n")), text("delivered"));
    }

    void aServerThatIsDownGetsItWhenItIsUp()
    {
        HttpListener listener;
        listener.stop();
        NotifyArena arena({ ntfy(listener) });
        QCOMPARE(arena.call(text("notify.phone"), message("1")), text("queued"));
        QCOMPARE(arena.call(text("notify.phone"), message("2")), text("queued"));
        QCOMPARE(arena.rows(), 2);
        listener.start();
        arena.pass(29s);
        QCOMPARE(arena.rows(), 2);
        arena.pass(12s);
        QTRY_COMPARE(messages(listener), QStringList({ text("1"), text("2") }));
        QTRY_COMPARE(arena.rows(), 0);
    }

    void itSurvivesARestart()
    {
        HttpListener listener;
        listener.stop();
        NotifyArena arena({ ntfy(listener) });
        for (const char *words : { "1", "2", "3" })
            QCOMPARE(arena.call(text("notify.phone"),
                         message(words,
                             { { text("data"), QVariantMap { { text("tags"), text("t") } } } })),
                text("queued"));
        arena.restart();
        QCOMPARE(arena.rows(), 3);
        listener.start();
        arena.pass(41s);
        QTRY_COMPARE(messages(listener), QStringList({ text("1"), text("2"), text("3") }));
        QTRY_COMPARE(arena.rows(), 0);
        QCOMPARE(listener.requests.first().json().value(text("tags")),
            QJsonValue(QJsonArray { text("t") }));
        arena.restart();
        arena.pass(1h);
        QCOMPARE(arena.call(text("notify.phone"), message("4")), text("delivered"));
        QCOMPARE(listener.requests.size(), 4);
    }

    void aHubThatStopsWaitsForNobody()
    {
        HttpListener listener;
        listener.silent = true;
        NotifyArena arena({ ntfy(listener) });
        const ActionResult result = arena.begin(text("notify.phone"), message("1"));
        QTRY_COMPARE(listener.requests.size(), 1);
        QElapsedTimer timer;
        timer.start();
        arena.stop();
        QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(result.isFinished() && result.resultCount() == 0);
        listener.silent = false;
        arena.start();
        QTRY_COMPARE(messages(listener), QStringList({ text("1"), text("1") }));
    }

    void aCallerWaitsTenSecondsAtMost()
    {
        HttpListener listener;
        listener.silent = true;
        NotifyArena arena({ ntfy(listener) });
        const ActionResult result = arena.begin(text("notify.phone"), message("1"));
        QTRY_COMPARE(listener.requests.size(), 1);
        QVERIFY(!result.isFinished());
        arena.pass(10s);
        QVERIFY(result.isFinished());
        QCOMPARE(result.result()->value(text("queued")), QVariant(true));
        QCOMPARE(arena.rows(), 1);
    }

    void afterTwoDaysItIsGivenUpAndSaid()
    {
        HttpListener listener;
        listener.stop();
        NotifyArena arena({ ntfy(listener) });
        QCOMPARE(arena.call(text("notify.phone"), message("1")), text("queued"));
        QCOMPARE(arena.call(text("notify.phone"), message("2")), text("queued"));
        for (int hour = 0; hour < 48; ++hour) {
            QCOMPARE(arena.rows(), 2);
            QVERIFY(arena.activity.isEmpty());
            const qsizetype before = triesIn(recentLog());
            arena.pass(1h);
            QTRY_VERIFY(triesIn(recentLog()) > before || arena.rows() == 0);
        }
        QTRY_COMPARE(arena.rows(), 0);
        QCOMPARE(arena.activity.size(), 1);
        QCOMPARE(arena.activity.first(),
            QStringLiteral("2 notifications to phone were given up: 127.0.0.1:%1 refused the "
                           "connection")
                .arg(listener.port()));
        QCOMPARE(arena.notices(), arena.activity);
    }

    void notifiersComeChangeAndGo()
    {
        HttpListener listener;
        NotifyArena arena({ ntfy(listener, "one") });
        NotifyIntegration &integration = arena.integration();
        NotifierConfig two = ntfy(listener, "two");
        two.fromFile = false;
        QVERIFY(integration.addNotifier(two).ok());
        QCOMPARE(integration.addNotifier(two).error().code, ErrorCode::Busy);
        QCOMPARE(arena.call(text("notify.two"), message("m")), text("delivered"));
        QCOMPARE(integration.removeNotifier(text("one")).error().code, ErrorCode::Busy);
        arena.restart();
        QVERIFY(arena.hub().actions().has(text("notify.two")));
        two.options[text("url")] = listener.url(text("/other"));
        QVERIFY(arena.integration().replaceNotifier(text("two"), two).ok());
        QCOMPARE(arena.call(text("notify.two"), message("m")), text("delivered"));
        QCOMPARE(listener.requests.last().json().value(text("topic")).toString(), text("other"));
        QVERIFY(arena.integration().removeNotifier(text("two")).ok());
        QVERIFY(!arena.hub().actions().has(text("notify.two")));
        QCOMPARE(arena.integration().removeNotifier(text("two")).error().code, ErrorCode::NotFound);
        // The file's go and come with the file.
        arena.integration().reconfigure({ ntfy(listener, "renamed") });
        QVERIFY(!arena.hub().actions().has(text("notify.one")));
        QCOMPARE(arena.call(text("notify.renamed"), message("m")), text("delivered"));
        arena.hub().clear();
        QVERIFY(arena.hub().actions().all().isEmpty());
    }

    void aMendedNotifierGetsWhatWaitsAtOnce()
    {
        HttpListener broken;
        broken.stop();
        HttpListener working;
        NotifyArena arena({ ntfy(broken) });
        QCOMPARE(arena.call(text("notify.phone"), message("1")), text("queued"));
        arena.integration().reconfigure({ ntfy(working) });
        QTRY_COMPARE(messages(working), QStringList { text("1") });
    }

    void whatWaitsForARemovedOneGoesWithIt()
    {
        HttpListener listener;
        listener.stop();
        NotifyArena arena;
        NotifierConfig phone = ntfy(listener);
        phone.fromFile = false;
        QVERIFY(arena.integration().addNotifier(phone).ok());
        QCOMPARE(arena.call(text("notify.phone"), message("1")), text("queued"));
        QVERIFY(arena.integration().removeNotifier(text("phone")).ok());
        QCOMPARE(arena.rows(), 0);
    }

    void aTestIsSentOnceAndSavesNothing()
    {
        HttpListener listener;
        NotifyArena arena;
        const auto tried = [&] {
            const auto future = arena.integration().testNotifier(ntfy(listener, "new"));
            (void)QTest::qWaitFor([&] { return future.isFinished(); }, 20'000);
            return future.result();
        };
        QVERIFY(tried().ok);
        listener.answers = { HttpListener::answer(500) };
        const NotifyIntegration::Test failed = tried();
        QVERIFY(!failed.ok);
        QVERIFY(failed.message.contains(text("answered 500")));
        QCOMPARE(listener.requests.size(), 2);
        QCOMPARE(arena.rows(), 0);
        QVERIFY(arena.integration().notifiers().isEmpty());
    }

    void secretsAreNowhereToBeRead()
    {
        HttpListener listener;
        const QString path = text("/services/T0SECRETPATH/B1SECRETKEY?sig=QUERYSECRET");
        const NotifierConfig hook = notifierConfig({ { text("name"), text("hook") },
            { text("type"), text("webhook") }, { text("url"), listener.url(path) },
            { text("headers"),
                QVariantMap { { text("Authorization"), text("Bearer HEADERSECRET") } } } });
        const NotifierConfig phone = ntfy(listener, "phone",
            { { text("url"), listener.url(text("/TOPICSECRET")) },
                { text("username"), text("anna") }, { text("password"), text("PASSWORDSECRET") } });
        const NotifierConfig tokened
            = ntfy(listener, "tokened", { { text("token"), text("tk_TOKENSECRET") } });
        NotifyArena arena({ hook, phone, tokened });
        QStringList said;
        // A server that repeats all that it was sent, in each way of failing.
        for (const int status : { 403, 500 }) {
            for (const char *name : { "hook", "phone", "tokened" }) {
                const QByteArray echo = "no: /services/T0SECRETPATH/B1SECRETKEY?sig=QUERYSECRET "
                                        "HEADERSECRET tk_TOKENSECRET anna:PASSWORDSECRET "
                    + QByteArray("anna:PASSWORDSECRET").toBase64() + " TOPICSECRET";
                listener.answers = { HttpListener::answer(status, echo) };
                said << arena.call(QStringLiteral("notify.") + text(name), message("m"));
                const auto tried
                    = arena.integration().testNotifier(*arena.integration().find(text(name)));
                (void)QTest::qWaitFor([&] { return tried.isFinished(); }, 20'000);
                said << tried.result().message;
            }
        }
        listener.stop();
        for (int i = 0; i < 50; ++i) {
            const qsizetype before = triesIn(recentLog());
            arena.pass(1h);
            QTRY_VERIFY(triesIn(recentLog()) > before || arena.rows() == 0);
        }
        QTRY_COMPARE(arena.rows(), 0);
        QCOMPARE(arena.activity.size(), 3);
        said << arena.activity << arena.notices() << QString::fromUtf8(recentLog());
        for (const ActionDescription &action : arena.hub().actions().all())
            said << action.title << action.summary;
        QVERIFY(recentLog().contains("Telling phone failed"));
        // Each one's own are hidden; that a server knows others' is not ours to know. So each
        // sentence is looked through for the secrets of the one it is about.
        const QMap<QString, QStringList> secrets {
            { text("hook"),
                { text("T0SECRETPATH"), text("B1SECRETKEY"), text("QUERYSECRET"),
                    text("HEADERSECRET") } },
            { text("phone"),
                { text("PASSWORDSECRET"), text("TOPICSECRET"),
                    QString::fromLatin1(QByteArray("anna:PASSWORDSECRET").toBase64()) } },
            { text("tokened"), { text("TOKENSECRET") } },
        };
        for (const QString &one : std::as_const(said)) {
            for (const QString &line : one.split(u'\n')) {
                for (auto it = secrets.begin(); it != secrets.end(); ++it) {
                    if (!line.contains(QLatin1Char(' ') + it.key()))
                        continue;
                    for (const QString &secret : *it)
                        QVERIFY2(!line.contains(secret), qPrintable(line));
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestNotifyIntegration)
#include "tst_notifyintegration.moc"
