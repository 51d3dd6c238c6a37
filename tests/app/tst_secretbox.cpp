#include "app/secretbox.h"
#include "tests/support/enginetree.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

SecretBox boxOf(const QByteArray &path)
{
    Result<SecretBox> box = SecretBox::open(QFile::decodeName(path));
    if (!box)
        qFatal("%s", qPrintable(box.error().message));
    return *box;
}

} // namespace

class TestSecretBox : public QObject
{
    Q_OBJECT

private slots:
    void whatWasSealedOpensWithItsKeyAlone()
    {
        const Folder folder;
        const QString secret = QString::fromUtf8("s3cr3t \u2603");
        const QString sealed = boxOf(folder / "key").sealed(secret);
        QVERIFY(SecretBox::isSealed(sealed) && !SecretBox::isSealed(secret));
        QVERIFY(!sealed.contains(u"s3cr3t"));
        QVERIFY(boxOf(folder / "key").sealed(secret) != sealed); // a nonce each
        QCOMPARE(boxOf(folder / "key").opened(sealed), secret); // read again
        QCOMPARE(boxOf(folder / "key").opened(boxOf(folder / "key").sealed({})), QString());
        QVERIFY(!boxOf(folder / "other").opened(sealed));
        QCOMPARE(int(statusOf(folder / "key").st_mode & 0777), 0600);
    }

    void whatWasChangedDoesNotOpen()
    {
        const Folder folder;
        const SecretBox box = boxOf(folder / "key");
        const QString sealed = box.sealed(QStringLiteral("secret"));
        QString changed = sealed;
        changed[sealed.size() - 6] = sealed[sealed.size() - 6] == u'A' ? u'B' : u'A';
        QVERIFY(!box.opened(changed));
        QVERIFY(!box.opened(sealed.left(20)));
        QVERIFY(!box.opened(QStringLiteral("sealed:v1:")));
        QVERIFY(!box.opened(QStringLiteral("secret")));
    }

    void aDamagedKeyIsSetAside()
    {
        const Folder folder;
        writeFile(folder / "key", "no key\n");
        QTest::ignoreMessage(
            QtCriticalMsg, QRegularExpression(QStringLiteral("is damaged and is now")));
        const SecretBox box = boxOf(folder / "key");
        QCOMPARE(readFile(folder / "key.damaged"), QByteArray("no key\n"));
        QCOMPARE(
            boxOf(folder / "key").opened(box.sealed(QStringLiteral("x"))), QStringLiteral("x"));
    }
};

QTEST_GUILESS_MAIN(TestSecretBox)
#include "tst_secretbox.moc"
