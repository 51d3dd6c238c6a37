// What retention deletes: the table of tests/data/simulate/retentions.txt, and what holds for any
// backups and any rules.

#include "integrations/backup/retentionpolicy.h"
#include "integrations/backup/simulation.h"
#include "tests/support/simulationcases.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QtTest>

#include <algorithm>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QDateTime utc(const char *text)
{
    QDateTime read = QDateTime::fromString(QString::fromLatin1(text), Qt::ISODate);
    read.setTimeSpec(Qt::UTC);
    return read;
}

QJsonObject json(const QByteArray &text)
{
    return QJsonDocument::fromJson(text).object();
}

std::optional<int> someCount(QRandomGenerator &random, int most)
{
    return random.bounded(3) == 0 ? std::optional<int>(1 + random.bounded(most)) : std::nullopt;
}

Retention someRule(QRandomGenerator &random)
{
    return { someCount(random, 6), someCount(random, 20), someCount(random, 6),
        someCount(random, 6), someCount(random, 4), someCount(random, 4), someCount(random, 2) };
}

const QStringList &agentNames()
{
    static const QStringList names { key("local.a"), key("rclone.b"), key("rclone.c") };
    return names;
}

struct World
{
    RetentionRules rules;
    QList<RetentionBackup> backups;
    QDateTime now = utc("2026-04-13T12:00:00Z");
    QTimeZone zone = QTimeZone("Europe/Amsterdam");

    RetentionPlan plan() const { return applyRetention(rules, backups, now, zone); }
};

World someWorld(QRandomGenerator &random)
{
    World world;
    world.rules.general = someRule(random);
    for (const QString &agent : agentNames()) {
        if (random.bounded(4) == 0)
            world.rules.agents.insert(agent, someRule(random));
    }
    const int count = random.bounded(40);
    QDateTime date = world.now;
    for (int i = 0; i < count; ++i) {
        // Bursts, then days and weeks without any.
        date = date.addSecs(-random.bounded(random.bounded(2) ? 7200 : 1'000'000));
        RetentionBackup backup { key("b%1").arg(i), date, random.bounded(5) > 0, {} };
        for (const QString &agent : agentNames()) {
            if (random.bounded(3) > 0)
                backup.agents.insert(agent, random.bounded(4) > 0);
        }
        world.backups.append(backup);
    }
    std::shuffle(world.backups.begin(), world.backups.end(), random);
    return world;
}

const RetentionBackup &byId(const World &world, const BackupId &id)
{
    return *std::find_if(world.backups.begin(), world.backups.end(),
        [&id](const RetentionBackup &backup) { return backup.id == id; });
}

} // namespace

class TestRetentionPolicy : public QObject
{
    Q_OBJECT

private slots:
    void theTableIsAnsweredAsItSays_data()
    {
        QTest::addColumn<QJsonObject>("question");
        QTest::addColumn<QByteArray>("answer");
        const QList<SimulationCase> cases = simulationCases("retentions.txt");
        QVERIFY(cases.size() >= 60);
        for (const SimulationCase &one : cases)
            QTest::newRow(qUtf8Printable(one.name)) << one.question << one.answer;
    }
    void theTableIsAnsweredAsItSays()
    {
        QFETCH(QJsonObject, question);
        QFETCH(QByteArray, answer);
        const Result<QJsonObject> said = simulateRetention(question, {});
        QVERIFY2(said, said ? "" : qPrintable(said.error().message));
        QCOMPARE(QJsonDocument(said->value(key("delete")).toObject()).toJson(),
            QJsonDocument(json(answer)).toJson());
        // Each copy is either deleted or kept, and each with a reason.
        const QJsonObject kept = said->value(key("keep")).toObject();
        const QJsonObject deleted = said->value(key("delete")).toObject();
        const QJsonObject why = said->value(key("why")).toObject();
        QMap<QString, int> copies;
        for (const QJsonValue &backup : question.value(key("backups")).toArray()) {
            for (const QJsonValue &agent : backup[u"agents"].toArray())
                ++copies[agent.toString()];
        }
        QCOMPARE(kept.keys(), copies.keys());
        for (const QString &agent : kept.keys()) {
            const QJsonArray stays = kept.value(agent).toArray();
            const QJsonArray goes = deleted.value(agent).toArray();
            QCOMPARE(stays.size() + goes.size(), copies.value(agent));
            for (const QJsonValue &one : stays)
                QVERIFY(!one[u"reasons"].toArray().isEmpty());
            for (const QJsonValue &one : goes)
                QVERIFY(!why.value(agent)[one.toString()].toArray().isEmpty());
        }
    }

    void itSaysWhy()
    {
        const Result<QJsonObject> said = simulateRetention(
            json("{\"now\":\"2026-04-13T12:00:00Z\",\"time_zone\":\"UTC\",\"retention\":"
                 "{\"copies\":2,\"daily\":3},\"backups\":["
                 "{\"backup_id\":\"x1\",\"date\":\"2026-04-09T04:45:00Z\",\"agents\":[\"a\"],"
                 "\"automatic\":true,\"verified\":true},"
                 "{\"backup_id\":\"m\",\"date\":\"2026-04-10T04:45:00Z\",\"agents\":[\"a\"]},"
                 "{\"backup_id\":\"x2\",\"date\":\"2026-04-11T04:45:00Z\",\"agents\":[\"a\"],"
                 "\"automatic\":true,\"verified\":true},"
                 "{\"backup_id\":\"x3\",\"date\":\"2026-04-12T04:45:00Z\",\"agents\":[\"a\"],"
                 "\"automatic\":true},"
                 "{\"backup_id\":\"x4\",\"date\":\"2026-04-13T04:45:00Z\",\"agents\":[\"a\"],"
                 "\"automatic\":true}]}"),
            {});
        QVERIFY(said);
        QCOMPARE(*said,
            json("{\"delete\":{\"a\":[\"x1\"]},\"why\":{\"a\":{\"x1\":[\"more than 2 copies\","
                 "\"not kept by daily\"]}},\"keep\":{\"a\":["
                 "{\"backup_id\":\"m\",\"reasons\":[\"manual\"]},"
                 "{\"backup_id\":\"x2\",\"reasons\":[\"daily 2026-04-11 (3 of 3)\","
                 "\"last verified\"]},"
                 "{\"backup_id\":\"x3\",\"reasons\":[\"copies (2 of 2)\","
                 "\"daily 2026-04-12 (2 of 3)\"]},"
                 "{\"backup_id\":\"x4\",\"reasons\":[\"copies (1 of 2)\","
                 "\"daily 2026-04-13 (1 of 3)\",\"newest\"]}]}}"));
    }

    // Four thousand worlds.
    void whateverThereIsWhatMustStayStays()
    {
        QRandomGenerator random(4045);
        qint64 deletedInAll = 0;
        for (int i = 0; i < 4000; ++i) {
            const World world = someWorld(random);
            const RetentionPlan plan = world.plan();
            for (const QString &agent : agentNames()) {
                QList<const RetentionBackup *> own;
                for (const RetentionBackup &backup : world.backups) {
                    if (backup.isEligible && backup.agents.contains(agent))
                        own.append(&backup);
                }
                std::sort(
                    own.begin(), own.end(), [](auto *a, auto *b) { return a->date < b->date; });
                const QList<BackupId> deleted = toDelete(plan.value(agent));
                deletedInAll += deleted.size();
                bool hadVerified = false;
                bool hasVerified = false;
                for (const RetentionBackup *backup : own) {
                    const bool isVerified = backup->agents.value(agent);
                    hadVerified |= isVerified;
                    hasVerified |= isVerified && !deleted.contains(backup->id);
                }
                QCOMPARE(hasVerified, hadVerified);
                QVERIFY(own.isEmpty() || own.size() > deleted.size());
                if (!own.isEmpty())
                    QVERIFY(!deleted.contains(own.last()->id));
                QDateTime last;
                for (const BackupId &id : deleted) {
                    const RetentionBackup &backup = byId(world, id);
                    QVERIFY(backup.isEligible);
                    QVERIFY(backup.agents.contains(agent));
                    QVERIFY(!last.isValid() || last <= backup.date); // oldest first
                    last = backup.date;
                }
            }
        }
        QVERIFY(deletedInAll > 4000);
    }

    // Nothing goes that a rule keeps, and nothing stays that none does.
    void neverMoreGoesThanTheRulesSay()
    {
        QRandomGenerator random(2026);
        for (int i = 0; i < 2000; ++i) {
            World world = someWorld(random);
            world.rules.agents.clear();
            world.rules.general = {};
            const int copies = 1 + random.bounded(6);
            const int days = 1 + random.bounded(20);
            for (const auto &[byCopies, byDays] :
                { std::pair(true, false), std::pair(false, true), std::pair(true, true) }) {
                world.rules.general.copies = byCopies ? std::optional<int>(copies) : std::nullopt;
                world.rules.general.days = byDays ? std::optional<int>(days) : std::nullopt;
                QList<const RetentionBackup *> newest; // of all agents
                for (const RetentionBackup &backup : world.backups) {
                    if (backup.isEligible && !backup.agents.isEmpty())
                        newest.append(&backup);
                }
                std::sort(newest.begin(), newest.end(), [](auto *a, auto *b) {
                    return a->date != b->date ? a->date > b->date : a->id > b->id;
                });
                const RetentionPlan plan = world.plan();
                for (auto agent = plan.begin(); agent != plan.end(); ++agent) {
                    for (const RetentionVerdict &verdict : *agent) {
                        const RetentionBackup &backup = byId(world, verdict.id);
                        const bool isOld = backup.date.addDays(days) < world.now;
                        const bool isSurplus = newest.indexOf(&backup) >= copies;
                        const bool mayGo
                            = backup.isEligible && ((byCopies && isSurplus) || (byDays && isOld));
                        if (!verdict.isKept)
                            QVERIFY(mayGo);
                        else if (mayGo)
                            QVERIFY(verdict.reasons.contains(key("newest"))
                                || verdict.reasons.contains(key("last verified")));
                    }
                }
            }
        }
    }

    void deletingTwiceDeletesNothingMore()
    {
        QRandomGenerator random(7);
        for (int i = 0; i < 1000; ++i) {
            World world = someWorld(random);
            world.rules.agents.clear();
            const RetentionPlan plan = world.plan();
            for (RetentionBackup &backup : world.backups) {
                for (const QString &agent : agentNames()) {
                    if (toDelete(plan.value(agent)).contains(backup.id))
                        backup.agents.remove(agent);
                }
            }
            // What protects an agent's last may be one that no rule counts, so a second look
            // may see it differently; but each agent's last stays the last.
            for (const QString &agent : agentNames()) {
                const auto newestOf = [&agent](const RetentionPlan &of) {
                    for (const RetentionVerdict &verdict : of.value(agent)) {
                        if (verdict.reasons.contains(key("newest")))
                            return verdict.id;
                    }
                    return BackupId();
                };
                QCOMPARE(newestOf(world.plan()), newestOf(plan));
            }
        }
    }

    void withoutANewBackupOnlyAgeCounts()
    {
        const auto rules = [](const char *general, const char *own) {
            const QByteArray settings = "{\"retention\":" + QByteArray(general)
                + ",\"agents\":{\"local.a\":{\"retention\":" + QByteArray(own) + "}}}";
            return retentionRulesOf(*backupSettingsFromJson(json(settings)));
        };
        QCOMPARE(agingRulesOf(rules("{\"copies\":3}", "{\"daily\":2}")), rules("{}", "{}"));
        QCOMPARE(agingRulesOf(rules("{\"copies\":3,\"days\":7}", "{\"days\":2,\"weekly\":2}")),
            rules("{\"days\":7}", "{\"days\":2,\"weekly\":2}"));
    }

    void theSettingsSayTheRules()
    {
        const Result<BackupSettings> settings = backupSettingsFromJson(json(
            "{\"retention\":{\"copies\":3},\"agents\":{\"local.a\":{\"retention\":"
            "{\"days\":7}},\"local.b\":{\"retention\":null},\"local.c\":{\"retention\":{}}}}"));
        QVERIFY(settings);
        const RetentionRules rules = retentionRulesOf(*settings);
        QCOMPARE(rules.general.copies, std::optional<int>(3));
        QCOMPARE(rules.agents.keys(), QStringList({ key("local.a"), key("local.c") }));
        QVERIFY(!rules.deletesNothing());
        QVERIFY(retentionRulesOf({}).deletesNothing());
    }

    void whatIsAskedWronglyIsSaidAndNothingIsDeleted_data()
    {
        QTest::addColumn<QByteArray>("question");
        QTest::addColumn<QString>("part");
        const auto row = [](const char *question, const char *part) {
            QTest::newRow(question) << QByteArray(question) << QString::fromLatin1(part);
        };
        const auto backup = [&row](const char *fields, const char *part) {
            row(QByteArray("{\"retention\":{},\"backups\":[" + QByteArray(fields) + "]}")
                    .constData(),
                part);
        };
        row("{}", "retention is missing");
        row("{\"retention\":{}}", "backups must be a list");
        row("{\"retention\":{\"copies\":0},\"backups\":[]}", "retention.copies must be a whole");
        row("{\"retention\":{\"copies\":-1},\"backups\":[]}", "retention.copies must be a whole");
        row("{\"retention\":{\"copies\":1.5},\"backups\":[]}", "retention.copies must be a whole");
        row("{\"retention\":{\"copies\":\"3\"},\"backups\":[]}", "retention.copies must be");
        row("{\"retention\":{\"days\":1e12},\"backups\":[]}", "retention.days must be a whole");
        row("{\"retention\":{\"copie\":1},\"backups\":[]}", "did you mean 'copies'");
        row("{\"retention\":3,\"backups\":[]}", "retention must be an object");
        row("{\"retention\":{},\"agents\":[],\"backups\":[]}", "agents must be an object");
        row("{\"retention\":{},\"agents\":{\"a\":3},\"backups\":[]}", "agents.a must be an object");
        row("{\"retention\":{},\"agents\":{\"a\":{\"retention\":{\"days\":0}}},\"backups\":[]}",
            "agents.a.retention.days must be");
        row("{\"retention\":{},\"backups\":{}}", "backups must be a list");
        row("{\"retention\":{},\"now\":\"x\",\"backups\":[]}", "now: 'x' is no time");
        row("{\"retention\":{},\"time_zone\":\"x\",\"backups\":[]}", "no time zone 'x'");
        backup("3", "backups[0] must be an object");
        backup("{}", "backups[0].backup_id must be a text");
        backup("{\"backup_id\":\"x\",\"agents\":[]}", "backups[0].date is missing");
        backup("{\"backup_id\":\"x\",\"date\":\"x\",\"agents\":[]}", "'x' is no time");
        backup("{\"backup_id\":\"x\",\"date\":\"2026-04-13\"}", "agents must be a list");
        backup("{\"backup_id\":\"x\",\"date\":\"2026-04-13\",\"agents\":[1]}", "must be a list");
        backup("{\"backup_id\":\"x\",\"date\":\"2026-04-13\",\"agents\":[],\"automatic\":1}",
            "automatic must be true or false");
        backup("{\"backup_id\":\"x\",\"date\":\"2026-04-13\",\"agents\":[],\"verifyed\":true}",
            "did you mean 'verified'");
        backup("{\"backup_id\":\"x\",\"date\":\"2026-04-13\",\"agents\":[]},"
               "{\"backup_id\":\"x\",\"date\":\"2026-04-13\",\"agents\":[]}",
            "names 'x' twice");
    }
    void whatIsAskedWronglyIsSaidAndNothingIsDeleted()
    {
        QFETCH(QByteArray, question);
        QFETCH(QString, part);
        const Result<QJsonObject> said
            = simulateRetention(json(question), { utc("2026-04-13T12:00:00Z"), QTimeZone::utc() });
        QVERIFY(!said);
        QCOMPARE(said.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(said.error().message.contains(part), qPrintable(said.error().message));
    }
};

QTEST_GUILESS_MAIN(TestRetentionPolicy)
#include "tst_retentionpolicy.moc"
