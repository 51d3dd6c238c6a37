#include "automation/core/persistentnotifications.h"
#include "integrations/backup/keyreminder.h"
#include "integrations/persistent_notification/persistentnotificationintegration.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

struct Fixture
{
    Fixture()
        : keys(QString::fromUtf8(folder / "hub"))
        , state(std::move(*StateDatabase::open(QString::fromUtf8(folder / "state.db"))))
    {
        start();
    }
    void start()
    {
        reminder.reset();
        hub = std::make_unique<Hub>(clock, HubIdentity {});
        timers = std::make_unique<TimerQueue>(clock);
        const Result<void> added = hub->add(
            std::make_unique<persistentnotification::PersistentNotificationIntegration>(*state),
            {});
        if (!added)
            qFatal("%s", qPrintable(added.error().message));
        reminder = std::make_unique<KeyReminder>(*hub, *state, keys, *timers);
    }
    QList<PersistentNotification> notices() { return hub->find<PersistentNotifications>()->all(); }
    void passMinutes(int minutes)
    {
        clock.set(clock.now().addSecs(minutes * 60));
        timers->wake();
    }

    Folder folder;
    SetClock clock;
    KeyStore keys;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<Hub> hub;
    std::unique_ptr<TimerQueue> timers;
    std::unique_ptr<KeyReminder> reminder;
};

} // namespace

class TestKeyReminder : public QObject
{
    Q_OBJECT

private slots:
    void onlyAKeyThatBackupsAreEncryptedToIsAskedFor()
    {
        Fixture f;
        const Result<StoredKey> key = f.keys.create(f.clock.now());
        QVERIFY(key);
        f.reminder->setRecipients({ text("age1somebodyelse") });
        QVERIFY(f.notices().isEmpty());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("recovery kit is kept")));
        f.reminder->setRecipients({ key->recipient });
        QCOMPARE(f.notices().size(), 1);
        QVERIFY(f.notices().first().message.contains(text("key show-kit ") + key->id));
        const Result<AgeIdentity> identity = f.keys.identity(key->id);
        QVERIFY(!f.notices().first().message.contains(
            QString::fromLatin1(secretGroups(*identity).first())));
    }

    void itIsAskedOnce()
    {
        Fixture f;
        const Result<StoredKey> key = f.keys.create(f.clock.now());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("recovery kit is kept")));
        f.reminder->setRecipients({ key->recipient });
        f.hub->find<PersistentNotifications>()->dismiss(f.notices().first().id);
        f.passMinutes(5);
        QVERIFY(f.notices().isEmpty());
        f.start();
        f.reminder->setRecipients({ key->recipient });
        QVERIFY(f.notices().isEmpty());
    }

    void aLostKeyIsSaidToBeLost()
    {
        Fixture f;
        const Result<StoredKey> key = f.keys.create(f.clock.now());
        const QByteArray file = f.folder / "hub/keys/" + key->id.toLatin1() + ".txt";
        const QByteArray identity = readFile(file);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("recovery kit is kept")));
        f.reminder->setRecipients({ key->recipient });
        removeTree(file);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("is lost")));
        f.passMinutes(1);
        QCOMPARE(f.notices().size(), 1);
        QVERIFY(f.notices().first().message.contains(key->id + text(", which backups")));
        QVERIFY(!f.notices().first().message.contains(text("show-kit")));
        f.hub->find<PersistentNotifications>()->dismiss(f.notices().first().id);
        f.passMinutes(5); // said once
        QVERIFY(f.notices().isEmpty());

        writeFile(file, identity);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("recovery kit is kept")));
        f.passMinutes(1);
        QCOMPARE(f.notices().size(), 1);
        QVERIFY(f.notices().first().message.contains(text("show-kit")));
    }

    void theNoticeGoesWhenTheKitIsProved()
    {
        Fixture f;
        const Result<StoredKey> key = f.keys.create(f.clock.now());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(text("recovery kit is kept")));
        f.reminder->setRecipients({ key->recipient });
        QString characters;
        for (const int group : key->asked)
            characters
                += QString::fromLatin1(secretGroups(*f.keys.identity(key->id)).value(group - 1))
                + u' ';
        QVERIFY(f.keys.confirm(key->id, characters, f.clock.now()));
        f.passMinutes(1);
        QVERIFY(f.notices().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestKeyReminder)
#include "tst_keyreminder.moc"
