#include "integrations/notify/secrets.h"
#include "tests/support/notifyarena.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

NotifierConfig hook()
{
    return notifierConfig({ { text("name"), text("hook") }, { text("type"), text("webhook") },
        { text("url"),
            text("https://anna:pass%20word@hooks.example:8443/services/T0123/B4567?k=qwertz") },
        { text("headers"), QVariantMap { { text("X-Key"), text("Bearer abcdefgh") } } } });
}

} // namespace

class TestSecrets : public QObject
{
    Q_OBJECT

private slots:
    void secretsAreReplacedInEveryForm_data()
    {
        QTest::addColumn<QString>("said");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char *said, const char *shown) {
            QTest::newRow(said) << text(said) << text(shown);
        };
        row("nothing secret on hooks.example:8443", "nothing secret on hooks.example:8443");
        row("GET /services/T0123/B4567?k=qwertz failed", "GET *** failed");
        row("the key qwertz, and services", "the key ***, and ***");
        row("pass word and pass%20word", "*** and ***");
        row("Bearer abcdefgh", "***");
        row("abcdefgh", "***");
        row("%2Fservices%2FT0123%2FB4567", "***");
    }
    void secretsAreReplacedInEveryForm()
    {
        QFETCH(const QString, said);
        QFETCH(const QString, shown);
        QCOMPARE(Secrets::of(hook()).redacted(said), shown);
    }

    void passwordsAreFoundEncodedAsWell()
    {
        const Secrets secrets = Secrets::of(notifierConfig(
            { { text("type"), text("ntfy") }, { text("url"), text("https://n.sh/topic") },
                { text("username"), text("anna") }, { text("password"), text("hünd") } }));
        const QString header = QString::fromLatin1(text("anna:hünd").toUtf8().toBase64());
        QCOMPARE(secrets.redacted(QStringLiteral("Basic ") + header), text("Basic ***"));
        QCOMPARE(secrets.redacted(text("h%C3%BCnd hünd")), text("*** ***"));
    }

    void allOfAnAppriseAddressIsSecret()
    {
        const Secrets secrets = Secrets::of(notifierConfig({ { text("type"), text("apprise") },
            { text("url"), text("tgram://123456789:ABCdefGHI/998877665") } }));
        QCOMPARE(secrets.redacted(text("Unparseable URL tgram://123456789:ABCdefGHI/998877665")),
            text("Unparseable URL ***"));
        QCOMPARE(secrets.redacted(text("bot ABCdefGHI to 998877665")), text("bot *** to ***"));
    }

    void theApiShowsWhereButNotHow_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("shown");
        QTest::newRow("ntfy") << text("ntfy") << text("https://n.sh/t") << text("https://n.sh/t");
        QTest::newRow("ntfy with a user")
            << text("ntfy") << text("https://a:b@n.sh/t") << text("https://n.sh/t?***");
        QTest::newRow("ntfy with a query")
            << text("ntfy") << text("https://n.sh/t?auth=x") << text("https://n.sh/t?***");
        QTest::newRow("webhook") << text("webhook") << text("https://h.example/services/KEY")
                                 << text("https://h.example/***");
        QTest::newRow("webhook at the root")
            << text("webhook") << text("http://h.example:81") << text("http://h.example:81");
        QTest::newRow("apprise") << text("apprise") << text("mailto://a:b@c.example")
                                 << text("mailto://***");
    }
    void theApiShowsWhereButNotHow()
    {
        QFETCH(const QString, type);
        QFETCH(const QString, url);
        QFETCH(const QString, shown);
        const NotifierConfig config
            = notifierConfig({ { text("type"), type }, { text("url"), url } });
        QCOMPARE(masked(config).value(text("url")).toString(), shown);
        // And takes it back for what it was.
        QCOMPARE(*unmasked(masked(config), config), config.options);
    }

    void whatCameBySecretIsNotShown()
    {
        NotifierConfig config = notifierConfig({ { text("name"), text("phone") },
            { text("type"), text("ntfy") }, { text("url"), text("https://n.sh/hidden-topic") },
            { text("username"), text("someuser") }, { text("priority"), 5 } });
        config.secret = { text("name"), text("url"), text("username"), text("priority") };
        const QVariantMap shown { { text("name"), text("phone") }, { text("type"), text("ntfy") },
            { text("url"), text("https://n.sh/***") }, { text("username"), text("***") },
            { text("priority"), text("***") } };
        QCOMPARE(masked(config), shown);
        QCOMPARE(*unmasked(shown, config), config.options);
        QCOMPARE(Secrets::of(config).redacted(text("someuser, hidden-topic of phone")),
            text("***, *** of phone"));
    }

    void whatComesBackMaskedOrNullIsKept()
    {
        const NotifierConfig known = hook();
        QCOMPARE(*unmasked(masked(known), known), known.options);
        QVariantMap nulls = known.options;
        nulls[text("url")] = QVariant();
        nulls[text("headers")] = QVariantMap { { text("X-Key"), QVariant() } };
        QCOMPARE(*unmasked(nulls, known), known.options);
        nulls[text("headers")] = QVariant::fromValue(nullptr); // as JSON has it
        QCOMPARE(*unmasked(nulls, known), known.options);
        QVariantMap without = known.options;
        without.remove(text("headers"));
        QCOMPARE(*unmasked(without, known), without); // what is left out is gone
        QVariantMap other = masked(known);
        other[text("url")] = text("https://other.example/key");
        QCOMPARE(unmasked(other, known)->value(text("url")).toString(),
            text("https://other.example/key"));
        QCOMPARE(
            unmasked(other, known)->value(text("headers")), known.options.value(text("headers")));
    }

    void aMaskWithNothingBehindItIsRefused()
    {
        for (const QVariantMap &options :
            { QVariantMap { { text("token"), text("***") } },
                QVariantMap { { text("url"), text("https://h.example/***") } },
                QVariantMap { { text("headers"), QVariantMap { { text("X"), text("***") } } } } }) {
            const auto whole = unmasked(options, std::nullopt);
            QVERIFY(!whole.ok());
            QCOMPARE(whole.error().code, ErrorCode::InvalidArgument);
            QVERIFY(!unmasked(options, hook()).ok());
        }
        // Nothing kept as nothing.
        QCOMPARE(*unmasked({ { text("token"), QVariant() } }, std::nullopt), QVariantMap());
    }
};

QTEST_GUILESS_MAIN(TestSecrets)
#include "tst_secrets.moc"
