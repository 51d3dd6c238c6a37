// ctest: threaded

#include "tests/support/recorderfixture.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::recorder;
using namespace hubkeep::test;

class TestRecordFilter : public QObject
{
    Q_OBJECT

private slots:
    void whatTheHubSaysToItselfIsNotRecorded()
    {
        const Folder folder;
        RecorderFixture f(folder);
        f.hub.actions().add({ QStringLiteral("test.x"), {}, {} },
            [](const ActionCall &) { return finishedAction(QVariantMap {}); });
        f.hub.actions().remove(QStringLiteral("test.x"));
        f.hub.enter(HubState::Running);
        QCOMPARE(f.recorded(), list("homeassistant_start homeassistant_started"));
    }

    void whatIsExcludedIsNotRecorded_data()
    {
        QTest::addColumn<QString>("include");
        QTest::addColumn<QString>("exclude");
        QTest::addColumn<QString>("recorded"); // of a.one, a.two, b.one
        const auto add = [](const char *name, const char *include, const char *exclude,
                             const char *recorded) {
            QTest::newRow(name) << QString::fromLatin1(include) << QString::fromLatin1(exclude)
                                << QString::fromLatin1(recorded);
        };
        add("nothing said", "", "", "a.one a.two b.one");
        add("a domain only", "domains:a", "", "a.one a.two");
        add("an entity only", "entities:a.one", "", "a.one");
        add("a glob only", "entity_globs:*.one", "", "a.one b.one");
        add("not a domain", "", "domains:a", "b.one");
        add("not an entity", "", "entities:a.one", "a.two b.one");
        add("not a glob", "", "entity_globs:?.one", "a.two");
        add("a domain but an entity", "domains:a", "entities:a.one", "a.two");
        add("a domain but a glob", "domains:a", "entity_globs:*.one", "a.two");
        add("a glob of an excluded domain", "entity_globs:a.o*", "domains:a", "a.one");
        add("an entity of an excluded domain", "entities:a.one", "domains:a", "a.one b.one");
        add("an entity, another not", "entities:a.one", "entities:a.two", "a.one");
    }

    void whatIsExcludedIsNotRecorded()
    {
        QFETCH(QString, include);
        QFETCH(QString, exclude);
        const auto section = [](const QString &text) {
            const QStringList parts = text.split(u':');
            return parts.size() < 2 ? QVariantMap {}
                                    : QVariantMap { { parts[0], QStringList { parts[1] } } };
        };
        const Folder folder;
        RecorderFixture f(folder,
            { { QStringLiteral("include"), section(include) },
                { QStringLiteral("exclude"), section(exclude) } });
        QStringList kept;
        for (const char *name : { "a.one", "a.two", "b.one" }) {
            const QString id = QString::fromLatin1(name);
            f.set(id, QStringLiteral("1"));
            if (!f.values(id).isEmpty())
                kept << id;
        }
        QTEST(kept.join(u' '), "recorded");
    }

    void eventsAreExcludedByTheirTypeAndTheirEntities()
    {
        const Folder folder;
        const QVariantMap exclude { { QStringLiteral("event_types"), list("quiet") },
            { QStringLiteral("domains"), list("a") } };
        RecorderFixture f(folder, { { QStringLiteral("exclude"), exclude } });
        const auto fire = [&f](const char *type, const QVariant &entity) {
            f.hub.bus().publish(
                { QString::fromLatin1(type), { { QStringLiteral("entity_id"), entity } }, {} });
        };
        f.hub.bus().publish({ QStringLiteral("quiet"), {}, {} });
        fire("of_a", QStringLiteral("a.one"));
        fire("of_b", QStringLiteral("b.one"));
        fire("of_both", list("a.one b.one"));
        QCOMPARE(f.recorded(), list("of_b of_both"));
    }
};

QTEST_GUILESS_MAIN(TestRecordFilter)
#include "tst_recordfilter.moc"
