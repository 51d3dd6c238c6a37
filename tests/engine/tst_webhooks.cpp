#include "automation/engine/webhooks.h"

#include <QtTest>

using namespace hubkeep::automation;

Q_DECLARE_METATYPE(hubkeep::automation::Webhooks::Answer)

class TestWebhooks : public QObject
{
    Q_OBJECT

private:
    static WebhookCall callOf(const char *id, const char *method = "POST", bool isLocal = true)
    {
        return { .id = QString::fromLatin1(id),
            .method = QString::fromLatin1(method),
            .isLocal = isLocal,
            .contentType = {},
            .body = {},
            .query = {} };
    }

private slots:
    void onlyWhatIsAllowedIsTaken_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<bool>("isLocal");
        QTest::addColumn<QStringList>("methods");
        QTest::addColumn<bool>("localOnly");
        QTest::addColumn<Webhooks::Answer>("answer");
        const QStringList usual { QStringLiteral("POST"), QStringLiteral("PUT") };
        const auto row = [](const char *name, const char *method, bool isLocal,
                             const QStringList &methods, bool localOnly, Webhooks::Answer answer) {
            QTest::newRow(name) << QString::fromLatin1(method) << isLocal << methods << localOnly
                                << answer;
        };
        row("POST", "POST", true, usual, true, Webhooks::Answer::Taken);
        row("PUT", "PUT", true, usual, true, Webhooks::Answer::Taken);
        row("GET", "GET", true, usual, true, Webhooks::Answer::MethodNotAllowed);
        row("GET allowed", "GET", true, { QStringLiteral("GET") }, true, Webhooks::Answer::Taken);
        row("from outside", "POST", false, usual, true, Webhooks::Answer::NotLocal);
        row("outside allowed", "POST", false, usual, false, Webhooks::Answer::Taken);
    }

    void onlyWhatIsAllowedIsTaken()
    {
        QFETCH(QString, method);
        QFETCH(bool, isLocal);
        QFETCH(QStringList, methods);
        QFETCH(bool, localOnly);
        QFETCH(Webhooks::Answer, answer);
        Webhooks webhooks;
        int calls = 0;
        const auto registration = webhooks.add(
            QStringLiteral("x"), { methods, localOnly }, [&](const WebhookCall &) { ++calls; });
        QCOMPARE(webhooks.call(callOf("x", qPrintable(method), isLocal)), answer);
        QCOMPARE(calls, answer == Webhooks::Answer::Taken ? 1 : 0);
    }

    void severalMayShareAnAddress()
    {
        Webhooks webhooks;
        QStringList seen;
        const auto note = [&](const char *name) {
            return [&seen, name](
                       const WebhookCall &call) { seen << QString::fromLatin1(name) + call.id; };
        };
        const auto a = webhooks.add(QStringLiteral("x"), {}, note("a"));
        auto b = webhooks.add(QStringLiteral("x"), {}, note("b"));
        const auto c = webhooks.add(QStringLiteral("y"), {}, note("c"));
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Taken);
        b = {};
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Taken);
        QCOMPARE(seen.join(u' '), QStringLiteral("ax bx ax"));
    }

    void whoIsGoneIsUnknown()
    {
        Webhooks webhooks;
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Unknown);
        {
            const auto gone = webhooks.add(QStringLiteral("x"), {}, [](const WebhookCall &) {});
        }
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Unknown);
    }

    void aHandlerMayEndItsOwnRegistration()
    {
        Webhooks webhooks;
        Webhooks::Registration registration;
        registration = webhooks.add(
            QStringLiteral("x"), {}, [&](const WebhookCall &) { registration = {}; });
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Taken);
        QCOMPARE(webhooks.call(callOf("x")), Webhooks::Answer::Unknown);
    }
};

QTEST_GUILESS_MAIN(TestWebhooks)
#include "tst_webhooks.moc"
