#include "integrations/notify/dispatcher.h"
#include "tests/support/enginejobs.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <memory>
#include <utility>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

using Outcome = Attempt::Outcome;

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

// Keeps what it is sent, and ends it as it is told.
struct Script
{
    QStringList sent; // messages, one for each try
    Attempt next {}; // how a try ends
    bool waits = false; // ends nothing by itself
    Notifier::Done last;
};

class ScriptedNotifier final : public Notifier
{
public:
    explicit ScriptedNotifier(Script &script)
        : m_script(script)
    {
    }
    void send(const Notification &notification, Done done) override
    {
        m_script.sent.append(notification.message);
        m_script.last = done;
        if (!m_script.waits)
            done(m_script.next);
    }

private:
    Script &m_script;
};

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
        timers = std::make_unique<TimerQueue>(clock);
        dispatcher = std::make_unique<Dispatcher>(Dispatcher::Parts {
            *state, *timers, [this](const QString &notifier, int count, const QString &why) {
                givenUp.append(QStringLiteral("%1 %2 %3").arg(notifier).arg(count).arg(why));
            } });
        const Result<void> loaded = dispatcher->load();
        if (!loaded)
            qFatal("%s", qPrintable(loaded.error().message));
    }
    void stop()
    {
        dispatcher.reset();
        timers.reset();
        state.reset();
    }

    void add(const char *name = "a")
    {
        dispatcher->setNotifier(text(name), std::make_unique<ScriptedNotifier>(script), {});
        settle();
    }
    void begin(const char *name = "a")
    {
        dispatcher->start();
        add(name);
    }

    void send(const QString &message, const char *name = "a")
    {
        answers.append(QString());
        dispatcher->send(text(name), { QString(), message },
            [this, index = answers.size() - 1](const Delivery &delivery) {
                static const char *const states[] = { "delivered", "queued", "refused" };
                answers[index] += text(states[int(delivery.state)])
                    + (delivery.why.isEmpty() ? QString() : u' ' + delivery.why);
            });
        settle();
    }

    // What is put off to the next turn of the event loop is done.
    static void settle()
    {
        for (int turn = 0; turn < 20; ++turn)
            QCoreApplication::processEvents();
    }

    void pass(std::chrono::seconds time)
    {
        clock.set(clock.now().addSecs(time.count()));
        timers->wake();
        settle();
    }

    int rows()
    {
        Result<QSqlQuery> count = state->run(text("SELECT count(*) FROM notify_queue"));
        return count && count->next() ? count->value(0).toInt() : -1;
    }

    QTemporaryDir folder;
    SetClock clock { QDateTime(QDate(2026, 4, 13), QTime(14, 0), Qt::UTC) };
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<TimerQueue> timers;
    std::unique_ptr<Dispatcher> dispatcher;
    Script script;
    QStringList answers; // to each send(); empty: none yet
    QStringList givenUp;
};

const Attempt later { Outcome::Later, QStringLiteral("down") };
const Attempt never { Outcome::Never, QStringLiteral("no") };

} // namespace

class TestDispatcher : public QObject
{
    Q_OBJECT

private slots:
    void whatIsDeliveredIsForgotten()
    {
        Arena arena;
        arena.begin();
        arena.send(text("1"));
        QCOMPARE(arena.answers, QStringList { text("delivered") });
        QCOMPARE(arena.rows(), 0);
        QCOMPARE(arena.dispatcher->waiting(text("a")), 0);
    }

    void nothingIsTriedBeforeTheStart()
    {
        Arena arena;
        arena.add();
        arena.send(text("1"));
        QVERIFY(arena.script.sent.isEmpty());
        QCOMPARE(arena.rows(), 1);
        arena.dispatcher->start();
        arena.settle();
        QCOMPARE(arena.script.sent, QStringList { text("1") });
        QCOMPARE(arena.answers, QStringList { text("delivered") });
    }

    void itIsKeptBeforeItIsTried()
    {
        Arena arena;
        arena.begin();
        arena.script.waits = true;
        arena.send(text("1"));
        QCOMPARE(arena.script.sent.size(), 1);
        QCOMPARE(arena.rows(), 1);
    }

    void pausesGrowToAnHour()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        arena.send(text("1"));
        QCOMPARE(arena.answers, QStringList { text("queued down") });
        std::chrono::seconds whole = 40s;
        for (int tries = 1; tries < 14; ++tries) {
            QCOMPARE(arena.script.sent.size(), tries);
            std::chrono::seconds waited = 0s;
            while (arena.script.sent.size() == tries) {
                arena.pass(1s);
                waited += 1s;
            }
            QVERIFY2(waited >= whole * 3 / 4 && waited <= whole + 1s,
                qPrintable(QString::number(waited.count())));
            whole = std::min<std::chrono::seconds>(whole * 2, 1h);
        }
        QCOMPARE(whole, std::chrono::seconds(1h));
    }

    void theOtherSidesWishIsRespected()
    {
        Arena arena;
        arena.begin();
        arena.script.next = { Outcome::Later, text("busy"), 600s };
        arena.send(text("1"));
        arena.pass(599s);
        arena.send(text("2")); // no reason to ask earlier
        QCOMPARE(arena.script.sent.size(), 1);
        QVERIFY(arena.answers.last().startsWith(text("queued a could not be reached")));
        arena.script.next = { Outcome::Later, text("busy"), 0s, arena.clock.now().addSecs(86'400) };
        arena.pass(1s);
        QCOMPARE(arena.script.sent.size(), 2);
        arena.script.next = {};
        arena.pass(3599s);
        QCOMPARE(arena.script.sent.size(), 2);
        arena.pass(1s); // an hour at most
        QCOMPARE(arena.script.sent, QStringList({ text("1"), text("1"), text("1"), text("2") }));
    }

    void theOrderIsKeptPerNotifierAlone()
    {
        Arena arena;
        Script other;
        arena.begin();
        arena.dispatcher->setNotifier(text("b"), std::make_unique<ScriptedNotifier>(other), {});
        arena.script.waits = true;
        for (const char *message : { "1", "2", "3" })
            arena.send(text(message));
        arena.send(text("x"), "b");
        QCOMPARE(arena.script.sent, QStringList { text("1") });
        QCOMPARE(other.sent, QStringList { text("x") });
        arena.script.last({});
        arena.settle();
        arena.script.last({});
        arena.settle();
        QCOMPARE(arena.script.sent, QStringList({ text("1"), text("2"), text("3") }));
    }

    void aNewOneIsAReasonToTryAtOnce()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        arena.send(text("1"));
        arena.pass(29s);
        arena.send(text("2")); // not yet: it was just tried
        QCOMPARE(arena.script.sent.size(), 1);
        // The pause after the second try is a minute at least.
        arena.pass(11s);
        QCOMPARE(arena.script.sent.size(), 2);
        arena.pass(30s);
        QCOMPARE(arena.script.sent.size(), 2);
        arena.script.next = {};
        arena.send(text("3"));
        QCOMPARE(arena.script.sent,
            QStringList({ text("1"), text("1"), text("1"), text("2"), text("3") }));
        QCOMPARE(arena.answers.last(), text("delivered"));
    }

    void whatNeverWorksMakesRoomForTheNext()
    {
        Arena arena;
        arena.begin();
        arena.script.next = never;
        arena.send(text("1"));
        QCOMPARE(arena.answers, QStringList { text("refused no") });
        QVERIFY(arena.givenUp.isEmpty());
        // Its sender has gone when a later try says so: then it is said elsewhere.
        arena.script.next = later;
        arena.send(text("2"));
        arena.script.next = never;
        arena.pass(41s);
        QCOMPARE(arena.givenUp, QStringList { text("a 1 no") });
        QCOMPARE(arena.rows(), 0);
    }

    void afterTwoDaysAllThatAreAsOldAreGivenUp()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        arena.send(text("1"));
        arena.send(text("2"));
        for (int hour = 0; hour < 47; ++hour)
            arena.pass(1h);
        arena.send(text("3"));
        arena.pass(59min);
        QVERIFY(arena.givenUp.isEmpty());
        arena.pass(61s);
        QCOMPARE(arena.givenUp, QStringList { text("a 2 down") });
        QCOMPARE(arena.rows(), 1);
        arena.script.next = {};
        arena.pass(1h);
        QCOMPARE(arena.script.sent.last(), text("3"));
        QCOMPARE(arena.rows(), 0);
    }

    void aRestartKeepsOrderTriesAndTimes()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        for (const char *message : { "1", "2", "3" })
            arena.send(text(message));
        arena.stop();
        arena.script.sent.clear();
        arena.start();
        QCOMPARE(arena.dispatcher->waiting(text("a")), 3);
        arena.script.next = {};
        arena.dispatcher->start();
        arena.settle();
        QVERIFY(arena.script.sent.isEmpty()); // there is no notifier yet
        arena.add();
        QCOMPARE(arena.script.sent, QStringList({ text("1"), text("2"), text("3") }));
        arena.stop();
        arena.start();
        QCOMPARE(arena.dispatcher->waiting(text("a")), 0);
    }

    void oneUnderWayWhenTheHubStopsIsSentAgain()
    {
        Arena arena;
        arena.begin();
        arena.script.waits = true;
        arena.send(text("1"));
        arena.stop();
        arena.start();
        arena.begin();
        QCOMPARE(arena.script.sent, QStringList({ text("1"), text("1") }));
        QCOMPARE(arena.answers, QStringList { QString() }); // nobody was told
    }

    void aReplacedNotifierGetsWhatWasUnderWay()
    {
        Arena arena;
        arena.begin();
        arena.script.waits = true;
        arena.send(text("1"));
        const Notifier::Done old = arena.script.last;
        Script other;
        arena.dispatcher->setNotifier(text("a"), std::make_unique<ScriptedNotifier>(other), {});
        arena.settle();
        QCOMPARE(other.sent, QStringList { text("1") });
        QCOMPARE(arena.answers, QStringList { text("delivered") });
        old(never); // of the one that is gone
        QCOMPARE(arena.answers, QStringList { text("delivered") });
    }

    void withoutItsNotifierItWaitsForTwoDays()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        arena.send(text("1"));
        QCOMPARE(arena.dispatcher->removeNotifier(text("a"), false), 1);
        arena.pass(47h);
        QCOMPARE(arena.rows(), 1);
        QVERIFY(arena.givenUp.isEmpty());
        arena.pass(1h);
        arena.settle();
        QCOMPARE(arena.givenUp.size(), 1);
        QVERIFY(arena.givenUp.first().contains(text("no notifier of that name")));
        QCOMPARE(arena.rows(), 0);
    }

    void aRemovedOneTakesWhatWaitsWithIt()
    {
        Arena arena;
        arena.begin();
        arena.script.waits = true;
        arena.send(text("1"));
        arena.send(text("2"));
        QCOMPARE(arena.dispatcher->removeNotifier(text("a"), true), 2);
        QCOMPARE(arena.rows(), 0);
        QCOMPARE(arena.answers.first(), text("refused The notifier a was removed"));
    }

    void theOldestGoWhereTooManyWait()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        // As if they had been there before: quicker than sending each.
        QVERIFY(arena.state
                    ->inTransaction([&]() -> Result<void> {
                        for (qsizetype i = 0; i < Dispatcher::mostWaiting; ++i) {
                            const Result<QSqlQuery> added = arena.state->run(
                                text("INSERT INTO notify_queue (notifier, created, attempts, "
                                     "next_try, content) VALUES ('a', ?, 1, ?, ?)"),
                                { arena.clock.now().toMSecsSinceEpoch(),
                                    arena.clock.now().addSecs(3000).toMSecsSinceEpoch(),
                                    QStringLiteral("{\"message\":\"%1\"}").arg(i) });
                            if (!added)
                                return added.error();
                        }
                        return {};
                    })
                    .ok());
        arena.stop();
        arena.start();
        arena.begin();
        QCOMPARE(arena.script.sent, QStringList { text("0") });
        arena.send(text("new"));
        QCOMPARE(arena.rows(), int(Dispatcher::mostWaiting));
        QCOMPARE(arena.givenUp.size(), 1);
        QVERIFY2(arena.givenUp.first().startsWith(text("a 1 more waited than the 10000")),
            qPrintable(arena.givenUp.first()));
        arena.send(text("newer")); // said once an hour
        QCOMPARE(arena.givenUp.size(), 1);
        arena.script.next = {};
        arena.pass(1h);
        QVERIFY(arena.script.sent.size() > 2);
        QCOMPARE(arena.script.sent.mid(0, 3), QStringList({ text("0"), text("2"), text("3") }));
    }

    void aDatabaseThatTakesNothingDoesNotStopIt()
    {
        Arena arena;
        arena.begin();
        QVERIFY(arena.state->run(text("DROP TABLE notify_queue")).ok());
        arena.script.next = later;
        arena.send(text("1"));
        QCOMPARE(arena.answers.last(), text("queued down"));
        arena.script.next = {};
        arena.pass(41s);
        QCOMPARE(arena.script.sent, QStringList({ text("1"), text("1") }));
    }

    void aClockThatIsSetBackDoesNotStopIt()
    {
        Arena arena;
        arena.begin();
        arena.script.next = later;
        arena.send(text("1"));
        arena.clock.set(arena.clock.now().addYears(-1));
        arena.timers->wake();
        emit arena.timers->clockChanged(std::chrono::hours(-24 * 365));
        arena.settle();
        arena.script.next = {};
        arena.pass(1h);
        QCOMPARE(arena.script.sent.size(), 2);
    }

    void contentSurvivesAsItIs()
    {
        const Notification notification { text("Тит\nул"), text("\"quotes\" \\ 😀"),
            { { text("priority"), 5 },
                { text("nested"), QVariantMap { { text("a"), QVariantList { 1.5, true } } } } },
            { text("x"), text("y") } };
        const Notification read = notificationFromBytes(toBytes(notification));
        QCOMPARE(read.title, notification.title);
        QCOMPARE(read.message, notification.message);
        QCOMPARE(read.targets, notification.targets);
        QCOMPARE(
            QJsonObject::fromVariantMap(read.data), QJsonObject::fromVariantMap(notification.data));
        QCOMPARE(notificationFromBytes("no json"), Notification());
    }
};

QTEST_GUILESS_MAIN(TestDispatcher)
#include "tst_dispatcher.moc"
