#include "automation/core/entity.h"
#include "automation/core/eventbus.h"
#include "tests/support/enginejobs.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

const QString id = QStringLiteral("sensor.backup_count");
const QVariantMap name { { QStringLiteral("friendly_name"), QStringLiteral("Backups") } };

struct Fixture
{
    SetClock clock;
    EventBus bus { clock };
    StateStore states { bus, clock };
    QStringList values;
    Subscription watching
        = bus.subscribe(QString::fromLatin1(stateChangedEvent), [this](const Event &event) {
              values << event.change->entityId.section(u'.', 1) + QLatin1Char('=')
                      + event.change->newState->value;
          });
};

QStringList list(const char *words)
{
    return QString::fromLatin1(words).split(u' ', Qt::SkipEmptyParts);
}

} // namespace

class TestEntity : public QObject
{
    Q_OBJECT

private slots:
    void itIsUnknownThenWhatItSaysThenUnavailable()
    {
        Fixture f;
        {
            Entity entity(f.states, id, name);
            QCOMPARE(entity.id(), id);
            entity.set(QStringLiteral("12"));
            entity.set(QString());
        }
        QCOMPARE(f.values,
            list("backup_count=unknown backup_count=12 backup_count=unknown "
                 "backup_count=unavailable"));
        QCOMPARE(f.states.get(id)->attributes, name);
    }

    void itsOwnAttributesAreAlwaysThereAndTheOthersOnce()
    {
        Fixture f;
        Entity entity(f.states, id, name);
        const Context context = Context::make(QStringLiteral("anna"));
        entity.set(QStringLiteral("1"), { { QStringLiteral("more"), 1 } }, context);
        QCOMPARE(f.states.get(id)->attributes.keys(), list("friendly_name more"));
        QVERIFY(f.states.get(id)->context == context);
        entity.set(QStringLiteral("2"));
        QCOMPARE(f.states.get(id)->attributes, name);
    }

    void movingItSaysNothing()
    {
        Fixture f;
        Entity entity(f.states, id);
        f.values.clear();
        Entity other(std::move(entity));
        std::vector<Entity> entities;
        entities.push_back(std::move(other));
        entities.reserve(100);
        QCOMPARE(f.values, QStringList());
        entities.clear();
        QCOMPARE(f.values, list("backup_count=unavailable"));
    }

    void assigningAnotherEndsTheFirst()
    {
        Fixture f;
        Entity entity(f.states, QStringLiteral("x.a"));
        f.values.clear();
        entity = Entity(f.states, QStringLiteral("x.b"));
        QCOMPARE(f.values, list("b=unknown a=unavailable"));
        f.values.clear();
        entity = Entity();
        QCOMPARE(f.values, list("b=unavailable"));
    }

    void assigningTheSameKeepsItAvailable()
    {
        Fixture f;
        Entity entity(f.states, id);
        entity.set(QStringLiteral("1"));
        f.values.clear();
        entity = Entity(f.states, id, name);
        QCOMPARE(f.values, list("backup_count=unknown"));
        Entity &self = entity;
        entity = std::move(self);
        entity.set(QStringLiteral("2"));
        QCOMPARE(f.values, list("backup_count=unknown backup_count=2"));
    }

    void oneThatHoldsNothingDoesNothing()
    {
        Fixture f;
        {
            Entity entity;
            entity = Entity();
        }
        QCOMPARE(f.values, QStringList());
    }
};

QTEST_GUILESS_MAIN(TestEntity)
#include "tst_entity.moc"
