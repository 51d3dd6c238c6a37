#include "integrations/backup/keystore.h"
#include "tests/support/agecommand.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

const QDateTime now(QDate(2026, 11, 21), QTime(17, 0), Qt::UTC);

KeyStore storeIn(const Folder &folder)
{
    return KeyStore(QString::fromUtf8(folder / "hub"));
}

QString askedOf(const KeyStore &keys, const StoredKey &key)
{
    const Result<AgeIdentity> identity = keys.identity(key.id);
    QString characters;
    for (const int group : key.asked)
        characters += QString::fromLatin1(secretGroups(*identity).value(group - 1)) + u' ';
    return characters;
}

} // namespace

class TestKeyStore : public QObject
{
    Q_OBJECT

private slots:
    void aNewKeyIsPrivateAndListed()
    {
        const Folder folder;
        const KeyStore keys = storeIn(folder);
        QCOMPARE(keys.list()->size(), 0);
        const Result<StoredKey> made = keys.create(now);
        QVERIFY(made);
        const QByteArray file = folder / "hub/keys/" + made->id.toLatin1() + ".txt";
        QCOMPARE(int(statusOf(file).st_mode & 0777), 0600);
        QCOMPARE(int(statusOf(folder / "hub/keys").st_mode & 0777), 0700);
        QVERIFY(readFile(file).contains("AGE-SECRET-KEY-1"));
        const Result<QList<StoredKey>> listed = keys.list();
        QCOMPARE(listed->size(), 1);
        QCOMPARE(listed->first().recipient, made->recipient);
        QCOMPARE(listed->first().created, now);
        QVERIFY(!listed->first().confirmed.isValid());
        QVERIFY(!QJsonDocument(toJson(*made)).toJson().contains("SECRET"));
        QCOMPARE(keys.identities().size(), size_t(1));
        QCOMPARE(QString::fromLatin1(keys.identities()[0].recipient().text()), made->recipient);
    }

    void ageTakesTheFileAsItIs()
    {
        if (!ageIsMissing().isEmpty())
            QSKIP(qPrintable(ageIsMissing()));
        const Folder folder;
        const Result<StoredKey> made = storeIn(folder).create(now);
        writeFile(folder / "plain", "content");
        QCOMPARE(runAge({ QStringLiteral("-r"), made->recipient, QStringLiteral("-o"),
                     QString::fromUtf8(folder / "sealed"), QString::fromUtf8(folder / "plain") }),
            QString());
        QCOMPARE(runAge({ QStringLiteral("-d"), QStringLiteral("-i"),
                     QString::fromUtf8(folder / "hub/keys/" + made->id.toLatin1() + ".txt"),
                     QStringLiteral("-o"), QString::fromUtf8(folder / "opened"),
                     QString::fromUtf8(folder / "sealed") }),
            QString());
        QCOMPARE(readFile(folder / "opened"), QByteArray("content"));
    }

    void theGroupsOfTheKitProveThatItIsKept()
    {
        const Folder folder;
        const KeyStore keys = storeIn(folder);
        const Result<StoredKey> made = keys.create(now);
        QCOMPARE(made->asked.size(), 2);
        QVERIFY(made->asked[0] >= 1 && made->asked[0] < made->asked[1]);
        for (const QString &wrong : { QString(), QStringLiteral("AAAAAAAA"),
                 askedOf(keys, *made).chopped(2), askedOf(keys, *made) + u'Q' }) {
            const Result<StoredKey> refused = keys.confirm(made->id, wrong, now);
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::InvalidArgument);
            QVERIFY(!keys.list()->first().confirmed.isValid());
        }
        const Result<StoredKey> confirmed
            = keys.confirm(made->id, askedOf(keys, *made).toLower(), now);
        QVERIFY2(confirmed, qPrintable(confirmed ? QString() : confirmed.error().message));
        QCOMPARE(keys.list()->first().confirmed, now);
    }

    void theGroupsAreTheWholeSecret()
    {
        const AgeIdentity identity = AgeIdentity::generate();
        QByteArray joined = "AGE-SECRET-KEY-1";
        for (const QByteArray &group : secretGroups(identity))
            joined += group;
        QCOMPARE(joined, identity.text());
    }

    void whatIsNoKeyIsLeftOut()
    {
        const Folder folder;
        const KeyStore keys = storeIn(folder);
        const Result<StoredKey> made = keys.create(now);
        writeFile(folder / "hub/keys/age1damaged0.txt", "AGE-SECRET-KEY-1NOTHING\n");
        writeFile(folder / "hub/keys/notes.txt", "mine");
        writeFile(folder / "hub/keys/" + made->id.toLatin1() + ".json", "{");
        QCOMPARE(keys.list()->size(), 1);
        QVERIFY(keys.list()->first().asked.isEmpty());
        // Nothing asked for is nothing proved.
        QVERIFY(!keys.confirm(made->id, {}, now));
    }

    void unknownKeysAreNotFound_data()
    {
        QTest::addColumn<QString>("id");
        for (const char *id : { "", "age1", "../../etc/x", "age1........", "age1qqqqqqqq" })
            QTest::newRow(id) << QString::fromLatin1(id);
    }
    void unknownKeysAreNotFound()
    {
        QFETCH(QString, id);
        const Folder folder;
        const KeyStore keys = storeIn(folder);
        QVERIFY(keys.create(now));
        QCOMPARE(keys.find(id).error().code, ErrorCode::NotFound);
        QCOMPARE(keys.confirm(id, QStringLiteral("AAAA"), now).error().code, ErrorCode::NotFound);
        QVERIFY(!keys.identity(id));
    }
};

QTEST_GUILESS_MAIN(TestKeyStore)
#include "tst_keystore.moc"
