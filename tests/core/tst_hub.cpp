#include "automation/core/hub.h"
#include "tests/support/enginejobs.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

struct Service
{
    int number = 0;
};

class Part final : public Integration
{
public:
    Part(const char *name, QStringList &seen, std::optional<Error> failure = {})
        : m_name(QString::fromLatin1(name))
        , m_seen(seen)
        , m_failure(std::move(failure))
    {
    }
    ~Part() override { m_seen << QStringLiteral("-") + m_name; }
    QString name() const override { return m_name; }
    Result<void> setUp(Hub &, const QVariantMap &config) override
    {
        m_seen << QStringLiteral("+") + m_name + config.value(QStringLiteral("x")).toString();
        return m_failure ? Result<void>(*m_failure) : Result<void>();
    }

private:
    const QString m_name;
    QStringList &m_seen;
    const std::optional<Error> m_failure;
};

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

class TestHub : public QObject
{
    Q_OBJECT

private:
    SetClock m_clock;

private slots:
    void integrationsComeInOrderAndGoInReverse()
    {
        QStringList seen;
        {
            Hub hub(m_clock, {});
            QVERIFY(hub.add(std::make_unique<Part>("b", seen),
                           { { QStringLiteral("x"), QStringLiteral("!") } })
                        .ok());
            QVERIFY(hub.add(std::make_unique<Part>("a", seen), {}).ok());
            QCOMPARE(hub.components(), list("a b"));
            QCOMPARE(hub.integrations().size(), size_t(2));
        }
        QCOMPARE(seen, list("+b! +a -a -b"));
    }

    void oneThatFailsIsLeftOutAndSaysWhichItWas()
    {
        QStringList seen;
        Hub hub(m_clock, {});
        const Result<void> done = hub.add(
            std::make_unique<Part>("a", seen, Error { ErrorCode::Io, QStringLiteral("no disk") }),
            {});
        QVERIFY(!done.ok());
        QCOMPARE(done.error().message, QStringLiteral("Setting up a: no disk"));
        QCOMPARE(seen, list("+a -a"));
        QVERIFY(hub.components().isEmpty());
    }

    void whatOnePartProvidesAnotherFinds()
    {
        Hub hub(m_clock, {});
        QVERIFY(!hub.find<Service>());
        Service first { 1 };
        Service second { 2 };
        hub.provide(&first);
        QCOMPARE(hub.find<Service>()->number, 1);
        hub.provide(&second);
        QCOMPARE(hub.find<Service>()->number, 2);
        QVERIFY(!hub.find<int>());
        hub.withdraw<Service>();
        QVERIFY(!hub.find<Service>());
    }

    void startingAndStoppingIsPublished()
    {
        QStringList seen;
        QStringList parts;
        Hub hub(m_clock, {});
        const Subscription watching
            = hub.bus().subscribe(QString(), [&](const Event &event) { seen << event.type; });
        QVERIFY(hub.state() == HubState::Starting);
        QVERIFY(hub.add(std::make_unique<Part>("a", parts), {}).ok());
        hub.enter(HubState::Running);
        QVERIFY(hub.state() == HubState::Running);
        hub.enter(HubState::Stopping);
        QCOMPARE(seen,
            list("component_loaded homeassistant_start homeassistant_started homeassistant_stop"));
    }

    void actionsThatComeAndGoArePublished()
    {
        QStringList seen;
        Hub hub(m_clock, {});
        const Subscription watching = hub.bus().subscribe(QString(), [&](const Event &event) {
            seen << event.type + QLatin1Char(':')
                    + event.data.value(QStringLiteral("domain")).toString() + QLatin1Char('/')
                    + event.data.value(QStringLiteral("service")).toString();
        });
        hub.actions().add({ QStringLiteral("backup.create"), {}, {} },
            [](const ActionCall &) { return finishedAction(QVariantMap()); });
        hub.actions().remove(QStringLiteral("backup.create"));
        QCOMPARE(seen, list("service_registered:backup/create service_removed:backup/create"));
    }
};

QTEST_GUILESS_MAIN(TestHub)
#include "tst_hub.moc"
