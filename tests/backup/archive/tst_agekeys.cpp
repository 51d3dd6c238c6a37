#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/bech32.h"

#include <QTest>

using namespace hubkeep;
using namespace hubkeep::backup;

namespace {

constexpr char identityText[]
    = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";

} // namespace

class TestAgeKeys : public QObject
{
    Q_OBJECT

private slots:
    void writesBech32AsOthersDo_data();
    void writesBech32AsOthersDo();
    void findsEveryTypingErrorOfOneCharacter();
    void refusesWhatIsNoBech32_data();
    void refusesWhatIsNoBech32();
    void identitiesComeBackFromTheirText();
    void newIdentitiesDiffer();
    void refusesWhatIsNoRecipient_data();
    void refusesWhatIsNoRecipient();
    void readsIdentityFiles();
    void refusesIdentityFiles_data();
    void refusesIdentityFiles();
};

void TestAgeKeys::writesBech32AsOthersDo_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing in it") << QByteArray("a12uel5l") << QByteArray("a") << QByteArray();
    QTest::newRow("a prefix with a one")
        << QByteArray("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedchara"
                      "ctersbio1tt5tgs")
        << QByteArray("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedchara"
                      "ctersbio")
        << QByteArray();
    QTest::newRow("all letters") << QByteArray("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")
                                 << QByteArray("abcdef")
                                 << QByteArray::fromHex("00443214c74254b635cf84653a56d7c675be77df");
}

void TestAgeKeys::writesBech32AsOthersDo()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, prefix);
    QFETCH(QByteArray, bytes);
    QCOMPARE(encodeBech32(prefix, bytes), text);
    const std::optional<Bech32> decoded = decodeBech32(text);
    QVERIFY(decoded);
    QCOMPARE(decoded->prefix, prefix);
    QCOMPARE(decoded->bytes, bytes);
    QVERIFY(decodeBech32(text.toUpper()));
}

void TestAgeKeys::findsEveryTypingErrorOfOneCharacter()
{
    const QByteArray text(identityText);
    for (qsizetype i = 0; i < text.size(); ++i) {
        QByteArray changed = text;
        changed[i] = text[i] == 'Q' ? 'P' : 'Q';
        QVERIFY2(!AgeIdentity::parse(changed), changed.constData());
        QVERIFY2(!AgeIdentity::parse(text.left(i) + text.mid(i + 1)), changed.constData());
    }
}

void TestAgeKeys::refusesWhatIsNoBech32_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : { "", "1", "a", "a1", "1qzzfhee", "10a06t8", "A1G7SGD8", "a12UEL5L",
             "x1b4n0q5v", "li1dgmt3", "a12uel5m", "a 12uel5l", "age1\x80uel5l" })
        QTest::newRow(text) << QByteArray(text);
    QTest::newRow("bits too many") << QByteArray("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxv");
}

void TestAgeKeys::refusesWhatIsNoBech32()
{
    QFETCH(QByteArray, text);
    QVERIFY(!decodeBech32(text));
}

void TestAgeKeys::identitiesComeBackFromTheirText()
{
    const Result<AgeIdentity> identity = AgeIdentity::parse(identityText);
    QVERIFY(identity);
    QCOMPARE(identity->text(), QByteArray(identityText));
    const QByteArray recipient = identity->recipient().text();
    QVERIFY(recipient.startsWith("age1"));
    const Result<AgeRecipient> parsed = AgeRecipient::parse(recipient);
    QVERIFY(parsed);
    QVERIFY(*parsed == identity->recipient());
}

void TestAgeKeys::newIdentitiesDiffer()
{
    const AgeIdentity one = AgeIdentity::generate();
    const AgeIdentity other = AgeIdentity::generate();
    QVERIFY(one.text() != other.text());
    QVERIFY(AgeIdentity::parse(one.text()));
    QCOMPARE(one.text().size(), qsizetype(qstrlen(identityText)));
}

void TestAgeKeys::refusesWhatIsNoRecipient_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("nothing") << QByteArray() << QStringLiteral("copied whole");
    QTest::newRow("cut off") << QByteArray("age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920x")
                             << QStringLiteral("copied whole");
    QTest::newRow("an SSH key") << QByteArray("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")
                                << QStringLiteral("copied whole");
    QTest::newRow("a secret") << QByteArray(identityText) << QStringLiteral("secret key");
    QTest::newRow("too short a key")
        << encodeBech32("age", QByteArray(31, 'a')) << QStringLiteral("copied whole");
    QTest::newRow("another's key")
        << encodeBech32("npub", QByteArray(32, 'a')) << QStringLiteral("copied whole");
    QTest::newRow("post-quantum") << encodeBech32("age1pq", QByteArray(32, 'a'))
                                  << QStringLiteral("Post-quantum");
}

void TestAgeKeys::refusesWhatIsNoRecipient()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    const Result<AgeRecipient> recipient = AgeRecipient::parse(text);
    QVERIFY(!recipient);
    QCOMPARE(recipient.error().code, ErrorCode::InvalidArgument);
    QVERIFY2(recipient.error().message.contains(says), qPrintable(recipient.error().message));
    QVERIFY(!recipient.error().message.contains(QLatin1String(identityText)));
}

void TestAgeKeys::readsIdentityFiles()
{
    const AgeIdentity other = AgeIdentity::generate();
    const Result<std::vector<AgeIdentity>> identities
        = parseIdentities(QByteArray("# created: 2026-11-21\n# public key: age1…\r\n")
            + identityText + "\r\n\n" + other.text());
    QVERIFY(identities);
    QCOMPARE(identities->size(), size_t(2));
    QCOMPARE(identities->back().text(), other.text());
}

void TestAgeKeys::refusesIdentityFiles_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << QByteArray() << QStringLiteral("There is no identity");
    QTest::newRow("only comments")
        << QByteArray("# nothing\n") << QStringLiteral("There is no identity");
    QTest::newRow("a typing error") << QByteArray("# one\n") + identityText + "X\n"
                                    << QStringLiteral("Line 2: ");
    QTest::newRow("a plugin's") << QByteArray("AGE-PLUGIN-YUBIKEY-1QQQ")
                                << QStringLiteral("Only X25519");
}

void TestAgeKeys::refusesIdentityFiles()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    const Result<std::vector<AgeIdentity>> identities = parseIdentities(text);
    QVERIFY(!identities);
    QVERIFY2(identities.error().message.contains(says), qPrintable(identities.error().message));
}

QTEST_GUILESS_MAIN(TestAgeKeys)
#include "tst_agekeys.moc"
