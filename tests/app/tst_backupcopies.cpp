// Where a hub's backups lie, as commands see it: on several agents, or where nobody here has a key.

// ctest: slow

#include "integrations/backup/archive/agekeys.h"
#include "tests/support/enginetree.h"
#include "tests/support/servedhub.h"

#include <QJsonArray>
#include <QtTest>

#include <optional>

using namespace hubkeep;
using namespace hubkeep::test;

namespace {

QString text(const char *name)
{
    return QString::fromLatin1(name);
}

// A hub's folder with one source.
struct Place
{
    Place()
    {
        writeFile(folder / "shop/a.txt", "first");
        configure();
    }

    void configure(const QByteArray &more = {}) const
    {
        writeConfiguration(hub,
            "backup:\n  sources:\n    - {name: shop, type: files, path: " + folder.path()
                + "/shop}\n" + more);
    }
    CliResult run(QList<QByteArray> arguments) const
    {
        arguments.prepend(hub);
        arguments.prepend("--data");
        return runHubkeep(arguments);
    }
    QByteArray backUp() const
    {
        const CliResult made = run({ "backup" });
        if (made.exitCode != 0)
            qFatal("%s", made.err.constData());
        return made.out.trimmed();
    }

    Folder folder;
    const QByteArray hub = folder / "hub";
};

const QStringList &contractKeys()
{
    static const QStringList keys { text("backup_id"), text("path"), text("size"), text("files"),
        text("directories"), text("databases"), text("bytes"), text("reused_bytes"),
        text("warnings"), text("failed_sources"), text("duration_s"), text("verified") };
    return keys;
}

void withAndWithoutAHub()
{
    QTest::addColumn<bool>("served");
    QTest::newRow("beside a hub") << true;
    QTest::newRow("without one") << false;
}

} // namespace

class TestBackupCopies : public QObject
{
    Q_OBJECT

private slots:
    void aHubThatCannotOpenItsBackupsReportsThemAllTheSame_data() { withAndWithoutAHub(); }

    void aHubThatCannotOpenItsBackupsReportsThemAllTheSame()
    {
        QFETCH(bool, served);
        const Place place;
        place.configure("  encryption: {recipients: ["
            + backup::AgeIdentity::generate().recipient().text() + "]}\n");
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        for (const bool isAutomatic : { false, true }) {
            QList<QByteArray> arguments { "backup", "--json" };
            if (isAutomatic)
                arguments.append("--automatic");
            const CliResult made = place.run(arguments);
            QVERIFY2(made.exitCode == 0, made.err.constData());
            const QJsonObject json = made.json();
            for (const QString &key : contractKeys())
                QVERIFY2(json.contains(key), qPrintable(key));
            const QByteArray id = json[text("backup_id")].toString().toLatin1();
            const QByteArray archive = place.hub + "/backups/" + id + ".zip.age";
            QVERIFY(exists(archive));
            QCOMPARE(json[text("path")].toString().toUtf8(), archive);
            QCOMPARE(json[text("databases")].toInt(), 2); // its own
            QVERIFY(json[text("files")].toInt() > 2);
            QVERIFY(json[text("bytes")].toInteger() > 0);
            QCOMPARE(json[text("size")].toInteger(), qint64(readFile(archive).size()));
            QCOMPARE(json[text("failed_sources")], QJsonValue(QJsonArray()));
            QCOMPARE(json[text("verified")], QJsonValue(true));
        }
        const CliResult plain = place.run({ "backup" });
        QCOMPARE(plain.exitCode, 0);
        QCOMPARE(plain.out.count('\n'), 1);
        QVERIFY2(plain.err.contains("2 databases"), plain.err.constData());
    }

    void whereOneCopyIsDamagedTheNextIsRestored_data() { withAndWithoutAHub(); }

    void whereOneCopyIsDamagedTheNextIsRestored()
    {
        QFETCH(bool, served);
        const Place place;
        const QByteArray content = randomBytes(300'000);
        writeFile(place.folder / "shop/large", content);
        place.configure("  agents:\n    - {name: local, type: local, path: backups}\n"
                        "    - {name: second, type: local, path: "
            + place.folder.path() + "/second}\n");
        const QByteArray id = place.backUp();
        const QByteArray name = '/' + id + ".zip";
        QByteArray damaged = readFile(place.hub + "/backups" + name);
        writeFile(place.folder / "second" + name, damaged);
        const qsizetype at = damaged.indexOf(content.mid(1000, 100));
        QVERIFY(at > 0);
        damaged.replace(at, 30, randomBytes(30));
        overwriteAt(place.hub + "/backups" + name, 0, damaged);
        std::optional<ServedHub> hub;
        if (served) {
            hub.emplace(place.hub);
            QVERIFY(hub->becomesReady());
        }
        const CliResult done
            = place.run({ "restore", id, "--to", place.folder / "back", "--json" });
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QVERIFY(readFile(place.folder / "back/shop/large") == content);
        QCOMPARE(readFile(place.folder / "back/shop/a.txt"), QByteArray("first"));
        QVERIFY2(done.err.contains("local.second"), done.err.constData());
        QCOMPARE(done.json()[text("damaged")], QJsonValue(QJsonArray()));
        QVERIFY(!namesIn(place.folder / "back/shop").contains("large.before-restore"));

        // One that nobody can open, or that is gone.
        overwriteAt(place.hub + "/backups" + name, damaged.size() - 40, randomBytes(40));
        const CliResult opened = place.run({ "restore", id, "--to", place.folder / "again" });
        QVERIFY2(opened.exitCode == 0, opened.err.constData());
        QVERIFY(readFile(place.folder / "again/shop/large") == content);
        overwriteAt(place.folder / "second" + name, damaged.size() - 40, randomBytes(40));
        const CliResult lost = place.run({ "restore", id, "--to", place.folder / "never" });
        QCOMPARE(lost.exitCode, 4);
    }
};

QTEST_GUILESS_MAIN(TestBackupCopies)
#include "tst_backupcopies.moc"
