#include "integrations/notify/webhooknotifier.h"
#include "tests/support/httplistener.h"
#include "tests/support/notifyarena.h"

#include <QJsonArray>
#include <QTest>

#include <memory>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

QVariant variant(const QByteArray &json)
{
    const QJsonDocument document = QJsonDocument::fromJson('[' + json + ']');
    return document.array().first().toVariant();
}

} // namespace

class TestWebhookNotifier : public QObject
{
    Q_OBJECT

private slots:
    void withoutABodyAllOfItIsSent()
    {
        QCOMPARE(sent({}, { text("T"), text("M\"\n"), { { text("a"), 1 } } }),
            QByteArray("{\"data\":{\"a\":1},\"message\":\"M\\\"\\n\",\"title\":\"T\"}"));
        QCOMPARE(sent({}, { QString(), text("M") }),
            QByteArray("{\"data\":{},\"message\":\"M\",\"title\":null}"));
    }

    void textsOfTheBodyAreTemplates_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *body, const char *expected) {
            QTest::newRow(body) << QByteArray(body) << QByteArray(expected);
        };
        row("{\"text\":\"{{ title }}: {{ message }}\"}",
            "{\"text\":\"T: He said \\\"no\\\"\\\\\"}");
        row("{\"deep\":[{\"a\":\"{{ notifier }}\"},2,true,null,\"plain\"]}",
            "{\"deep\":[{\"a\":\"hook\"},2,true,null,\"plain\"]}");
        row("\"{{ data.level }}\"", "\"5\""); // a text stays one
        row("[\"{{ data.missing or 'none' }}\"]", "[\"none\"]");
        row("{\"on\":\"{{ is_state('sensor.disk', 'full') }}\"}", "{\"on\":\"True\"}");
        row("{\"{{ title }}\":\"{{ '{{' }}\"}", "{\"{{ title }}\":\"{{\"}");
        row("{\"to\":\"{{ target | join(',') }}\"}", "{\"to\":\"a,b\"}");
    }
    void textsOfTheBodyAreTemplates()
    {
        QFETCH(const QByteArray, body);
        QFETCH(const QByteArray, expected);
        QCOMPARE(sent({ { text("body"), variant(body) } },
                     { text("T"), text("He said \"no\"\\"), { { text("level"), 5 } },
                         { text("a"), text("b") } }),
            expected);
    }

    void aMessageDoesNotBreakOutOfItsPlace()
    {
        const QString hostile = text("\", \"admin\": true, \"x\": \"{{ title }}");
        const QByteArray body = sent(
            { { text("body"), variant("{\"text\":\"{{ message }}\"}") } }, { text("T"), hostile });
        QCOMPARE(
            QJsonDocument::fromJson(body).object(), (QJsonObject { { text("text"), hostile } }));
    }

    void methodAndHeadersAreSentAsWritten()
    {
        HttpListener listener;
        const auto hook = make(
            { { text("url"), listener.url(text("/a/b?key=1")) }, { text("method"), text("PUT") },
                { text("headers"),
                    QVariantMap { { text("X-Key"), text("007") },
                        { text("content-type"), text("application/vnd.x+json") } } } });
        QCOMPARE(toString(tryOnce(*hook, { QString(), text("m") })), text("delivered"));
        const ReceivedRequest request = listener.requests.first();
        QCOMPARE(request.method, QByteArray("PUT"));
        QCOMPARE(request.path, QByteArray("/a/b?key=1"));
        QCOMPARE(request.headers.value("x-key"), QByteArray("007"));
        QCOMPARE(request.headers.value("content-type"), QByteArray("application/vnd.x+json"));
    }

    void aTemplateThatFailsIsNotTriedAgain()
    {
        HttpListener listener;
        const auto hook = make({ { text("url"), listener.url(text("/")) },
            { text("body"), variant("{\"a\":\"{{ 1 / 0 }}\"}") } });
        const QString end = toString(tryOnce(*hook, { QString(), text("m") }));
        QVERIFY2(end.startsWith(text("never: body.a: line 1, column")), qPrintable(end));
        QVERIFY(listener.requests.isEmpty());
    }

    void whatMakesNoSenseIsRefused_data()
    {
        QTest::addColumn<QVariantMap>("options");
        QTest::addColumn<QString>("says");
        const QVariantMap good { { text("url"), text("http://x.example/") } };
        const auto row
            = [&](const char *name, const char *option, const QVariant &value, const char *says) {
                  QVariantMap options = good;
                  options.insert(text(option), value);
                  QTest::newRow(name) << options << text(says);
              };
        row("no http", "url", text("file:///etc/passwd"), "url: must be");
        row("no host", "url", text("http://"), "url: must be");
        row("a template that does not end", "body", variant("{\"a\":[\"{{ x\"]}"),
            "body.a[0]: line 1");
        row("two headers in one", "headers", QVariantMap { { text("X"), text("a\r\nHost: evil") } },
            "headers.X: ");
        row("no header's name", "headers", QVariantMap { { text("X Y"), text("a") } },
            "headers.X Y: is no header's name");
        row("the hub's header", "headers", QVariantMap { { text("Content-Length"), text("1") } },
            "is set by the hub itself");
    }
    void whatMakesNoSenseIsRefused()
    {
        QFETCH(const QVariantMap, options);
        QFETCH(const QString, says);
        const auto made = WebhookNotifier::make(m_client, m_arena.hub(), options);
        QVERIFY(!made.ok());
        QVERIFY2(made.error().message.contains(says), qPrintable(made.error().message));
    }

private:
    std::unique_ptr<Notifier> make(QVariantMap options)
    {
        options.insert(text("name"), text("hook"));
        Result<std::unique_ptr<Notifier>> made
            = WebhookNotifier::make(m_client, m_arena.hub(), options);
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        return std::move(*made);
    }
    QByteArray sent(QVariantMap options, const Notification &notification)
    {
        HttpListener listener;
        options.insert(text("url"), listener.url(text("/")));
        if (!m_arena.hub().states().set(text("sensor.disk"), text("full")))
            return "no state";
        const QString end = toString(tryOnce(*make(options), notification));
        return listener.requests.isEmpty() ? end.toUtf8() : listener.requests.first().body;
    }

    HttpClient m_client;
    NotifyArena m_arena;
};

QTEST_GUILESS_MAIN(TestWebhookNotifier)
#include "tst_webhooknotifier.moc"
