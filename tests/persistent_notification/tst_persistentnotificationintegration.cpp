#include "automation/core/hub.h"
#include "integrations/persistent_notification/persistentnotificationintegration.h"
#include "tests/support/enginejobs.h"

#include <QFuture>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>
#include <utility>

using namespace hubkeep;
using namespace hubkeep::persistentnotification;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

struct Arena
{
    Arena() { start(); }

    void start()
    {
        Result<std::unique_ptr<StateDatabase>> opened
            = StateDatabase::open(folder.filePath(text("state.db")));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        hub.emplace(
            clock, HubIdentity { text("Home"), text("UTC"), folder.path(), QString(), false });
        const Result<void> added
            = hub->add(std::make_unique<PersistentNotificationIntegration>(*state), QVariantMap());
        if (!added)
            qFatal("%s", qPrintable(added.error().message));
        watching = hub->bus().subscribe(QString::fromLatin1(persistentNotificationsEvent),
            [this](const Event &event) { events.append(event); });
    }

    void restart()
    {
        watching = Subscription();
        hub.reset();
        state.reset();
        events.clear();
        start();
    }

    // The error's message; empty: it worked.
    QString call(const char *action, const QVariantMap &arguments = {}, const Context &context = {})
    {
        const ActionResult result = hub->actions().call(text(action), { arguments, context });
        return result.result().ok() ? QString() : result.result().error().message;
    }

    PersistentNotifications &notices() { return *hub->find<PersistentNotifications>(); }
    QStringList ids()
    {
        QStringList list;
        for (const PersistentNotification &notice : notices().all())
            list.append(notice.id);
        return list;
    }
    QString lastChange() const
    {
        if (events.isEmpty())
            return {};
        return events.last().data.value(text("update_type")).toString() + u' '
            + events.last().data.value(text("notifications")).toMap().keys().join(u',');
    }

    QTemporaryDir folder;
    SetClock clock { QDateTime(QDate(2026, 4, 13), QTime(14, 0), Qt::UTC) };
    std::unique_ptr<StateDatabase> state;
    std::optional<Hub> hub;
    Subscription watching;
    QList<Event> events;
};

} // namespace

class TestPersistentNotificationIntegration : public QObject
{
    Q_OBJECT

private slots:
    void whatIsCreatedIsThereAndSaid()
    {
        Arena arena;
        const Context context = Context::make(text("anna"));
        QCOMPARE(
            arena.call("persistent_notification.create",
                { { text("message"), text("It **failed** — naïvely") },
                    { text("title"), text("Backup") }, { text("notification_id"), text("b") } },
                context),
            QString());
        const QList<PersistentNotification> expected { { text("b"), text("Backup"),
            text("It **failed** — naïvely"), arena.clock.now() } };
        QCOMPARE(arena.notices().all(), expected);
        QCOMPARE(arena.events.size(), 1);
        QCOMPARE(arena.events.first().context, context);
        QCOMPARE(arena.events.first().data,
            (QVariantMap { { text("update_type"), text("added") },
                { text("notifications"),
                    QVariantMap { { text("b"),
                        QVariantMap { { text("notification_id"), text("b") },
                            { text("title"), text("Backup") },
                            { text("message"), text("It **failed** — naïvely") },
                            { text("created_at"),
                                text("2026-04-13T14:00:00.000000+00:00") } } } } } }));
    }

    void withoutAnIdEachGetsItsOwn()
    {
        Arena arena;
        arena.call("persistent_notification.create", { { text("message"), text("1") } });
        arena.call("persistent_notification.create", { { text("message"), text("2") } });
        QCOMPARE(arena.ids().size(), 2);
        QCOMPARE(arena.ids().first().size(), 32);
        QVERIFY(toJson(arena.notices().all().first()).value(text("title")).isNull());
    }

    void theSameIdChangesItInItsPlace()
    {
        Arena arena;
        arena.notices().create(text("a"), QString(), text("one"));
        arena.notices().create(text("b"), QString(), text("two"));
        arena.notices().create(text("a"), text("A"), text("three"));
        QCOMPARE(arena.lastChange(), text("updated a"));
        QCOMPARE(arena.ids(), QStringList({ text("a"), text("b") }));
        QCOMPARE(arena.notices().all().first().message, text("three"));
        arena.restart();
        QCOMPARE(arena.ids(), QStringList({ text("a"), text("b") }));
        QCOMPARE(arena.notices().all().first().title, text("A"));
    }

    void theySurviveARestartAndDismissedOnesDoNot()
    {
        Arena arena;
        for (const char *id : { "a", "b", "c" })
            arena.notices().create(text(id), QString(), text("message"));
        QCOMPARE(arena.call(
                     "persistent_notification.dismiss", { { text("notification_id"), text("b") } }),
            QString());
        QCOMPARE(arena.lastChange(), text("removed b"));
        const QList<PersistentNotification> before = arena.notices().all();
        arena.restart();
        QCOMPARE(arena.notices().all(), before);
        QCOMPARE(arena.ids(), QStringList({ text("a"), text("c") }));
        QVERIFY(arena.events.isEmpty());
    }

    void dismissingAllSaysSoOnce()
    {
        Arena arena;
        arena.notices().create(text("a"), QString(), text("message"));
        arena.notices().create(text("b"), QString(), text("message"));
        arena.events.clear();
        arena.call("persistent_notification.dismiss_all");
        arena.call("persistent_notification.dismiss_all");
        QCOMPARE(arena.events.size(), 1);
        QCOMPARE(arena.lastChange(), text("removed a,b"));
        arena.restart();
        QVERIFY(arena.ids().isEmpty());
    }

    void dismissingWhatIsNotThereIsNoError()
    {
        Arena arena;
        QCOMPARE(arena.call(
                     "persistent_notification.dismiss", { { text("notification_id"), text("x") } }),
            QString());
        QVERIFY(arena.events.isEmpty());
        QVERIFY(arena.call("persistent_notification.dismiss").contains(text("notification_id")));
        QVERIFY(arena.call("persistent_notification.create").contains(text("message")));
    }

    void notifyPersistentNotificationIsTheSame()
    {
        Arena arena;
        QCOMPARE(
            arena.call("notify.persistent_notification",
                { { text("message"), text("m") }, { text("title"), text("t") },
                    { text("data"), QVariantMap { { text("notification_id"), text("id") } } } }),
            QString());
        QCOMPARE(arena.notices().all().first(),
            (PersistentNotification { text("id"), text("t"), text("m"), arena.clock.now() }));
    }

    void theOldestGoWhereThereAreTooMany()
    {
        Arena arena;
        const int most = int(PersistentNotificationIntegration::most);
        for (int i = 0; i <= most; ++i)
            arena.notices().create(QString::number(i), QString(), text("message"));
        QCOMPARE(arena.ids().size(), most);
        QCOMPARE(arena.ids().first(), text("1"));
        QCOMPARE(arena.lastChange(), text("removed 0"));
        arena.restart();
        QCOMPARE(arena.ids().size(), most);
    }

    void whatIsTooLongIsCutBetweenCharacters()
    {
        Arena arena;
        const qsizetype most = PersistentNotificationIntegration::longestMessage;
        arena.notices().create(
            text("a"), QString(5000, u't'), QString(most - 2, u'x') + text("😀") + text("more"));
        const PersistentNotification notice = arena.notices().all().first();
        QCOMPARE(notice.message, QString(most - 2, u'x') + text("…"));
        QCOMPARE(notice.title.size(), 1024);
    }

    void nothingStaysOfAnIntegrationThatWent()
    {
        Arena arena;
        QVERIFY(arena.hub->find<PersistentNotifications>());
        arena.hub->clear();
        QVERIFY(!arena.hub->find<PersistentNotifications>());
        QVERIFY(arena.hub->actions().all().isEmpty());
    }

    void aDatabaseThatTakesNothingDoesNotStopThem()
    {
        Arena arena;
        QVERIFY(arena.state->run(text("DROP TABLE persistent_notifications")).ok());
        QTest::ignoreMessage(
            QtWarningMsg, QRegularExpression(text("Keeping a notice, which a restart will")));
        arena.notices().create(text("a"), QString(), text("message"));
        QCOMPARE(arena.ids(), QStringList { text("a") });
        QCOMPARE(arena.lastChange(), text("added a"));
    }
};

QTEST_GUILESS_MAIN(TestPersistentNotificationIntegration)
#include "tst_persistentnotificationintegration.moc"
