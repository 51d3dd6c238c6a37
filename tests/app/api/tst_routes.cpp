#include "tests/support/wholehub.h"

#include "app/api/router.h"

#include <QFile>
#include <QSet>
#include <QTest>

#include <yaml-cpp/yaml.h>

using namespace hubkeep;
using namespace hubkeep::api;
using namespace hubkeep::test;

namespace {

QString line(const QString &method, const QString &pattern)
{
    return method + u' ' + pattern;
}

// A path that fits the pattern and that nothing is kept under.
QString pathFor(const Route &route)
{
    QString path = route.pattern;
    for (qsizetype open = path.indexOf(u'{'); open >= 0; open = path.indexOf(u'{'))
        path.replace(open, path.indexOf(u'}') - open + 1, QStringLiteral("nothing-of-this-name"));
    return path;
}

} // namespace

class TestRoutes : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_hub = std::make_unique<WholeHub>(); }
    void cleanupTestCase() { m_hub.reset(); }

    void theDocumentDescribesWhatTheServerAnswersAndNothingElse()
    {
        QSet<QString> served;
        for (const Route &route : m_hub->application().router().routes()) {
            if (route.pattern.startsWith(QStringLiteral("/api/v1/")))
                served.insert(line(toString(route.method), route.pattern));
        }
        const Answer answer = m_hub->ask("GET", QStringLiteral("/api/v1/openapi.yaml"), {});
        QCOMPARE(answer.status, 200);
        const YAML::Node paths = YAML::Load(answer.body.toStdString())["paths"];
        QSet<QString> described;
        for (const auto &path : paths) {
            for (const auto &method : path.second) {
                const QString name = QString::fromStdString(method.first.as<std::string>());
                if (name != u"parameters")
                    described.insert(
                        line(name.toUpper(), QString::fromStdString(path.first.as<std::string>())));
            }
        }
        const QStringList missing = (served - described).values();
        const QStringList invented = (described - served).values();
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(u'\n')));
        QVERIFY2(invented.isEmpty(), qPrintable(invented.join(u'\n')));
        QVERIFY(described.size() > 30);
    }

    void nobodyGetsInWithoutAToken_data() { everyRoute(); }
    void nobodyGetsInWithoutAToken()
    {
        QFETCH(const Route, route);
        const Answer answer = m_hub->ask(toString(route.method).toLatin1(), pathFor(route), {});
        if (route.access == Access::Open) {
            QVERIFY2(answer.status != 401 || route.pattern.endsWith(QStringLiteral("/login")),
                answer.body.constData());
            return;
        }
        QCOMPARE(answer.status, 401);
        QVERIFY(!answer.message().isEmpty());
        const Answer wrong = m_hub->ask(toString(route.method).toLatin1(), pathFor(route),
            "0123456789012345678901234567890123456789012");
        QCOMPARE(wrong.status, 401);
    }

    void aUserMayDoWhatTheTableSays_data() { everyRoute(); }
    void aUserMayDoWhatTheTableSays()
    {
        QFETCH(const Route, route);
        if (route.pattern.endsWith(QStringLiteral("/logout"))
            || route.pattern.endsWith(QStringLiteral("/stream")))
            return; // ends this user's token; never ends
        const Answer answer
            = m_hub->ask(toString(route.method).toLatin1(), pathFor(route), m_hub->user());
        if (route.access == Access::Admin)
            QCOMPARE(answer.status, 403);
        else
            QVERIFY2(answer.status != 403 && answer.status != 0 && answer.status < 500,
                qPrintable(QString::number(answer.status)));
    }

    void anotherMethodIsNotAllowedAndSaysWhichAre_data() { everyRoute(); }
    void anotherMethodIsNotAllowedAndSaysWhichAre()
    {
        QFETCH(const Route, route);
        const Answer answer = m_hub->ask("PATCH", pathFor(route), m_hub->admin());
        QCOMPARE(answer.status, 405);
        QVERIFY(answer.headers.value("allow").contains(toString(route.method).toLatin1()));
    }

    void changesAreForAdministratorsButForTheirOwnTokens()
    {
        for (const Route &route : m_hub->application().router().routes()) {
            if (route.method == Method::Get || route.access == Access::Admin)
                continue;
            QVERIFY2(route.pattern.startsWith(QStringLiteral("/api/v1/auth/"))
                    || route.pattern.startsWith(QStringLiteral("/api/webhook/"))
                    || route.pattern == u"/api/services/{domain}/{service}" // each says itself
                    || route.pattern == u"/api/template",
                qPrintable(line(toString(route.method), route.pattern)));
        }
    }

    void actionsThatChangeSomethingAreForAdministrators()
    {
        for (const ActionDescription &action : m_hub->application().hub().actions().all()) {
            const QString path
                = QStringLiteral("/api/services/") + QString(action.name).replace(u'.', u'/');
            QVERIFY2(action.admin, qPrintable(action.name));
            QCOMPARE(m_hub->ask("POST", path, m_hub->user(), "{}").status, 403);
        }
    }

private:
    void everyRoute()
    {
        QTest::addColumn<Route>("route");
        for (const Route &route : m_hub->application().router().routes())
            QTest::newRow(qPrintable(line(toString(route.method), route.pattern))) << route;
    }

    std::unique_ptr<WholeHub> m_hub;
};

QTEST_GUILESS_MAIN(TestRoutes)
#include "tst_routes.moc"
