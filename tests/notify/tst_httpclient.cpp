#include "integrations/notify/httpclient.h"
#include "tests/support/httplistener.h"
#include "tests/support/notifyarena.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QScopeGuard>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

// Sends and waits for the end.
std::optional<Attempt> ask(HttpClient &client, const QString &url, const QByteArray &body = "{}")
{
    const auto ended = std::make_shared<std::optional<Attempt>>();
    const auto exchange = client.send({ "POST", QUrl(url), { { "X-Key", "secret" } }, body },
        [ended](const Attempt &attempt) { *ended = attempt; });
    (void)QTest::qWaitFor([&] { return ended->has_value(); }, 20'000);
    return *ended;
}

// An authority, ca.pem, and the certificate of 127.0.0.1 that it signed.
class TestCertificates
{
public:
    TestCertificates()
    {
        const QString script = QStringLiteral(
            "cd '%1' && exec 2>/dev/null && EC='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'"
            " && openssl req -x509 $EC -days 2 -subj /CN=Authority -keyout ca.key -out ca.pem"
            " && openssl req $EC -subj /CN=server -keyout key.pem -out request"
            " && echo subjectAltName=IP:127.0.0.1 > names && openssl x509 -req -in request -days 2"
            " -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out cert.pem");
        if (QProcess::execute(text("sh"), { text("-c"), script.arg(m_folder.path()) }) != 0)
            qFatal("openssl made no certificates");
    }
    QString path(const char *name) const { return m_folder.filePath(text(name)); }
    QSslConfiguration server() const
    {
        QFile key(path("key.pem"));
        if (!key.open(QIODevice::ReadOnly))
            qFatal("there is no key");
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setLocalCertificateChain(QSslCertificate::fromPath(path("cert.pem")));
        tls.setPrivateKey(QSslKey(&key, QSsl::Ec));
        tls.setPeerVerifyMode(QSslSocket::VerifyNone);
        return tls;
    }

private:
    QTemporaryDir m_folder;
};

} // namespace

class TestHttpClient : public QObject
{
    Q_OBJECT

private slots:
    void whatIsSentArrivesWhole()
    {
        HttpListener listener;
        HttpClient client;
        QCOMPARE(toString(ask(client, listener.url(text("/a?b=c")), "naïve \0 body")),
            text("delivered"));
        QCOMPARE(listener.requests.size(), 1);
        const ReceivedRequest request = listener.requests.first();
        QCOMPARE(request.method, QByteArray("POST"));
        QCOMPARE(request.path, QByteArray("/a?b=c"));
        QCOMPARE(request.headers.value("x-key"), QByteArray("secret"));
        QVERIFY(request.headers.value("user-agent").startsWith("HubKeep/"));
        QCOMPARE(request.body, QByteArray("naïve \0 body"));
    }

    void theAnswerSaysWhetherTryingAgainHelps_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("expected"); // "@" is the server
        const auto row = [](int status, const char *body, const char *expected) {
            QTest::addRow("%d %s", status, body) << status << QByteArray(body) << text(expected);
        };
        row(200, "", "delivered");
        row(201, "{}", "delivered");
        row(204, "", "delivered");
        row(400, R"({"code":40001,"error":"bad topic"})", "never: @ answered 400: bad topic");
        row(401, R"({"message":"who are you"})", "never: @ answered 401: who are you");
        row(403, "not you\nnor others", "never: @ answered 403: not you");
        row(404, "<html>much of it</html>", "never: @ answered 404: Reason");
        row(413, R"({"error":{"message":"too long"}})", "never: @ answered 413: too long");
        row(408, "", "later: @ answered 408: Reason");
        row(425, "", "later: @ answered 425: Reason");
        row(429, "slower", "later: @ answered 429: slower");
        row(500, "[]", "later: @ answered 500: []");
        row(503, "", "later: @ answered 503: Reason");
        row(507, "", "later: @ answered 507: Reason");
    }
    void theAnswerSaysWhetherTryingAgainHelps()
    {
        QFETCH(const int, status);
        QFETCH(const QByteArray, body);
        QFETCH(QString, expected);
        HttpListener listener;
        listener.answers = { HttpListener::answer(status, body) };
        HttpClient client;
        expected.replace(u'@', QStringLiteral("127.0.0.1:%1").arg(listener.port()));
        QCOMPARE(toString(ask(client, listener.url(text("/x")))), expected);
    }

    void retryAfterIsTakenAsSecondsOrADate()
    {
        HttpListener listener;
        HttpClient client;
        listener.answers = { HttpListener::answer(429, "", "Retry-After: 120\r\n"),
            HttpListener::answer(503, "", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"),
            HttpListener::answer(503, "", "Retry-After: soon\r\n"),
            HttpListener::answer(403, "", "Retry-After: 120\r\n") };
        const QString url = listener.url(text("/x"));
        QCOMPARE(ask(client, url)->wait, std::chrono::seconds(120));
        QCOMPARE(
            ask(client, url)->notBefore, QDateTime(QDate(2026, 10, 21), QTime(7, 28), Qt::UTC));
        const std::optional<Attempt> neither = ask(client, url);
        QVERIFY(!neither->notBefore.isValid() && neither->wait.count() == 0);
        QCOMPARE(ask(client, url)->wait.count(), 0);
    }

    void redirectsAreFollowedWhereTheRequestStaysTheSame()
    {
        HttpListener listener;
        HttpClient client;
        listener.answers = { HttpListener::answer(307, "", "Location: /there\r\n"),
            HttpListener::answer(308, "", "Location: elsewhere\r\n") };
        QCOMPARE(toString(ask(client, listener.url(text("/here")), "body")), text("delivered"));
        QCOMPARE(listener.requests.size(), 3);
        QCOMPARE(listener.requests[1].path, QByteArray("/there"));
        QCOMPARE(listener.requests[2].path, QByteArray("/elsewhere"));
        QCOMPARE(listener.requests[2].method, QByteArray("POST"));
        QCOMPARE(listener.requests[2].body, QByteArray("body"));
    }

    void otherRedirectsAreNotFollowed_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("location");
        QTest::newRow("would become a GET") << 302 << QByteArray("/there");
        QTest::newRow("would become a GET, too") << 303 << QByteArray("/there");
        QTest::newRow("moved") << 301 << QByteArray("/there");
        QTest::newRow("another host") << 307 << QByteArray("http://localhost:@/key-0123456789");
        QTest::newRow("another scheme") << 308 << QByteArray("https://127.0.0.1:@/x");
        QTest::newRow("nowhere") << 307 << QByteArray();
    }
    void otherRedirectsAreNotFollowed()
    {
        QFETCH(const int, status);
        QFETCH(QByteArray, location);
        HttpListener listener;
        location.replace('@', QByteArray::number(listener.port()));
        if (!location.isEmpty())
            listener.answers
                = { HttpListener::answer(status, "", "Location: " + location + "\r\n") };
        else
            listener.answers = QList<QByteArray>(20, HttpListener::answer(status));
        HttpClient client;
        const QString end = toString(ask(client, listener.url(text("/here"))));
        QVERIFY2(end.startsWith(text("never: ")), qPrintable(end));
        QVERIFY2(end.contains(QString::number(status)), qPrintable(end));
        QVERIFY2(!end.contains(text("key-0123456789")), qPrintable(end));
        QVERIFY(location.isEmpty() || listener.requests.size() == 1);
    }

    void aCircleOfRedirectsEnds()
    {
        HttpListener listener;
        listener.answers
            = QList<QByteArray>(50, HttpListener::answer(307, "", "Location: /here\r\n"));
        HttpClient client;
        QVERIFY(toString(ask(client, listener.url(text("/here")))).startsWith(text("never: ")));
        QCOMPARE(listener.requests.size(), 6);
    }

    void aSilentServerIsLeft()
    {
        HttpListener listener;
        listener.silent = true;
        HttpClient client(std::chrono::milliseconds(100));
        QCOMPARE(toString(ask(client, listener.url(text("/x")))),
            QStringLiteral("later: 127.0.0.1:%1 did not answer within 0.1 s").arg(listener.port()));
    }

    void oneThatDripsIsLeftAsWell()
    {
        HttpListener listener;
        listener.answers = { "HTTP/1.1 200 OK\r\nContent-Le" }; // and never the rest
        HttpClient client(std::chrono::milliseconds(100));
        QVERIFY(toString(ask(client, listener.url(text("/x")))).startsWith(text("later: ")));
    }

    void oneThatHangsUpOrIsNotThereIsAskedLater()
    {
        HttpListener listener;
        HttpClient client;
        const QString url = listener.url(text("/x"));
        listener.hangsUp = true;
        QCOMPARE(toString(ask(client, url)),
            QStringLiteral("later: 127.0.0.1:%1 closed the connection without an answer")
                .arg(listener.port()));
        listener.stop();
        QCOMPARE(toString(ask(client, url)),
            QStringLiteral("later: 127.0.0.1:%1 refused the connection").arg(listener.port()));
        QVERIFY(toString(ask(client, text("http://no-such-host.invalid/key-0123456789")))
                    .startsWith(text("later: There is no host no-such-host.invalid")));
    }

    void aHugeAnswerIsNotRead()
    {
        HttpListener listener;
        const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";
        const QByteArray failure = "HTTP/1.1 500 No\r\nContent-Length: 100000000\r\n\r\n";
        const QByteArray much(300 * 1024, 'x');
        listener.answers = { head + much, failure + much };
        HttpClient client;
        // The head says that it has it, whatever comes behind; the rest is never waited for.
        QCOMPARE(toString(ask(client, listener.url(text("/x")))), text("delivered"));
        const QString end = toString(ask(client, listener.url(text("/x"))));
        QVERIFY2(end.startsWith(text("later: ")) && end.size() < 400, qPrintable(end));
    }

    void aServerThatNobodyVouchesForIsNotTrusted()
    {
        const TestCertificates made;
        HttpListener listener(made.server());
        HttpClient client;
        const QString end = toString(ask(client, listener.url(text("/x"))));
        QVERIFY2(
            end.startsWith(text("later: 127.0.0.1:%1 cannot be trusted: ").arg(listener.port()))
                && end.endsWith(text("; check its certificate")),
            qPrintable(end));
        QVERIFY(end.contains(text("certificate"))); // Qt's words for why
        QVERIFY(listener.requests.isEmpty()); // nothing secret was sent
    }

    void whomTheSystemsAuthoritiesVouchForIsTrusted()
    {
        const TestCertificates made;
        HttpListener listener(made.server());
        qputenv("SSL_CERT_FILE", made.path("ca.pem").toUtf8());
        const auto clean = qScopeGuard([] { qunsetenv("SSL_CERT_FILE"); });
        HttpClient client;
        QCOMPARE(toString(ask(client, listener.url(text("/x")))), text("delivered"));
        QCOMPARE(listener.requests.size(), 1);
        // For the name that it is asked by, and no other.
        QString other = listener.url(text("/x"));
        other.replace(text("127.0.0.1"), text("localhost"));
        const QString end = toString(ask(client, other));
        QVERIFY2(end.contains(text("cannot be trusted")), qPrintable(end));
        QCOMPARE(listener.requests.size(), 1);
    }

    void whoIsDestroyedIsNotCalled()
    {
        HttpListener listener;
        listener.silent = true;
        HttpClient client;
        bool called = false;
        auto exchange = client.send({ "POST", QUrl(listener.url(text("/x"))), {}, "x" },
            [&called](const Attempt &) { called = true; });
        QTRY_COMPARE(listener.requests.size(), 1);
        exchange.reset();
        listener.silent = false;
        QCOMPARE(toString(ask(client, listener.url(text("/y")))), text("delivered"));
        QVERIFY(!called);
    }

    void cookiesAreNotKept()
    {
        HttpListener listener;
        listener.answers = { HttpListener::answer(200, "", "Set-Cookie: a=b\r\n") };
        HttpClient client;
        (void)ask(client, listener.url(text("/x")));
        (void)ask(client, listener.url(text("/x")));
        QCOMPARE(listener.requests.size(), 2);
        QVERIFY(!listener.requests[1].headers.contains("cookie"));
    }
};

QTEST_GUILESS_MAIN(TestHttpClient)
#include "tst_httpclient.moc"
