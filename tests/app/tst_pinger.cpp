#include "app/pinger.h"

#include "tests/support/automatichub.h"
#include "tests/support/httplistener.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;
using namespace std::chrono_literals;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

struct Fixture
{
    HandClock clock { "2026-04-13T12:00:00Z" };
    TimerQueue timers { clock };
    HttpListener listener;
    Pinger pinger { timers };

    // Lets the next try come.
    void pass(std::chrono::milliseconds time)
    {
        clock.pass(time);
        timers.wake();
    }
};

} // namespace

class TestPinger : public QObject
{
    Q_OBJECT

private slots:
    void itPosts()
    {
        Fixture f;
        f.pinger.ping(f.listener.url(text("/uuid/start")), {});
        f.pinger.ping(f.listener.url(text("/uuid")), "12 files");
        QTRY_COMPARE_WITH_TIMEOUT(f.listener.requests.size(), 2, 60'000);
        QStringList said;
        for (const ReceivedRequest &request : f.listener.requests) {
            QCOMPARE(request.method, QByteArray("POST"));
            said.append(QString::fromUtf8(request.path + ' ' + request.body));
        }
        said.sort();
        QCOMPARE(said, QStringList({ text("/uuid 12 files"), text("/uuid/start ") }));
    }

    void whatMayHelpIsTriedAgainAFewTimes()
    {
        Fixture f;
        f.listener.answers
            = { HttpListener::answer(503), HttpListener::answer(503), HttpListener::answer(200) };
        f.pinger.ping(f.listener.url(text("/uuid")), "12 files");
        for (int tries = 1; tries <= 2; ++tries) {
            QTRY_COMPARE_WITH_TIMEOUT(f.listener.requests.size(), tries, 60'000);
            QTRY_VERIFY_WITH_TIMEOUT(f.timers.untilNext(), 60'000);
            f.pass(80s);
        }
        QTRY_COMPARE_WITH_TIMEOUT(f.listener.requests.size(), 3, 60'000);
        QCOMPARE(f.listener.requests.last().body, QByteArray("12 files"));
        QTRY_VERIFY_WITH_TIMEOUT(!f.timers.untilNext(), 60'000); // it is forgotten
    }

    void whatNeverWorksIsGivenUp()
    {
        Fixture f;
        f.listener.answers = { HttpListener::answer(404) };
        f.pinger.ping(f.listener.url(text("/secret-uuid")), {});
        QTRY_COMPARE_WITH_TIMEOUT(f.listener.requests.size(), 1, 60'000);
        f.pinger.ping(f.listener.url(text("/other")), {}); // is answered after it
        QTRY_COMPARE_WITH_TIMEOUT(f.listener.requests.size(), 2, 60'000);
        f.pass(80s);
        QTRY_VERIFY_WITH_TIMEOUT(!f.timers.untilNext(), 60'000);
        QCOMPARE(f.listener.requests.size(), 2);
    }
};

QTEST_GUILESS_MAIN(TestPinger)
#include "tst_pinger.moc"
