// The window's pages as a person uses them, with a real hub behind.

#include "tests/qml/windowarena.h"

#include <QApplication>
#include <QDir>
#include <QQuickStyle>

using namespace hubkeep;
using namespace hubkeep::desktop;
using test::Answer;
using test::WindowArena;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

constexpr int patience = WindowArena::patience;
const QByteArray oneSource
    = "backup:\n  sources:\n    - {name: papers, type: files, path: @/source}\n";

void write(const QString &path, const QByteArray &content)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(it is not there)");
}

} // namespace

class TestPages : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

    void whoHasNoHubIsLedToOne()
    {
        WindowArena arena;
        QVERIFY(arena.window());
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("Welcome to HubKeep")), patience);
        QVERIFY(arena.find("startLocal"));
        QVERIFY(arena.find("signIn"));
        QVERIFY(!arena.find("sidebar-overview"));
    }

    void theOverviewSaysThatNothingIsSafeYetAndMakesItSo()
    {
        WindowArena arena(oneSource);
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        QVERIFY(arena.open());
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("Nothing is backed up yet.")), patience);
        QVERIFY(arena.click("backUpNow"));
        QTRY_COMPARE_WITH_TIMEOUT(arena.hubs().current()->backups()->total(), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(text("Backups are made only when somebody asks for one.")), patience);
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("1 backup(s), ")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.says(text("local.local")));
    }

    void anEmptyListSaysWhereTheFirstOneComesFrom()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("backups");
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("No backup yet")), patience);
        arena.show("restore");
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(text("There is nothing that could be restored.")), patience);
        arena.show("activity");
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("Nothing has happened yet")), patience);
    }

    void aBackupShowsWhatIsInItAndWhereItLies()
    {
        WindowArena arena(oneSource);
        write(arena.source() + text("/sub/letter.txt"), "Dear Sir");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open());
        const QString id = arena.hubs().current()->backups()->newestId();
        arena.show("backups", { { text("backupId"), id } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("backupId") && arena.says(id), patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(text("local.local")) && arena.says(text("papers/")), patience);
        QVERIFY(arena.click("verify"));
        QTRY_COMPARE_WITH_TIMEOUT(
            arena.hubs().current()->lastJob()[u"operation"].toString(), text("verify"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(!arena.hubs().current()->isWorking(), patience);
        // Deleting asks first.
        QVERIFY(arena.click("delete"));
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(text("It is the last backup that there is.")), patience);
        QVERIFY(arena.click("confirm"));
        QTRY_COMPARE_WITH_TIMEOUT(arena.hubs().current()->backups()->total(), 0, patience);
    }

    void aDeletedFileIsFoundAndRestored()
    {
        WindowArena arena(oneSource);
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        write(arena.source() + text("/other.txt"), "stays");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(QFile::remove(arena.source() + text("/letter.txt")));
        QVERIFY(arena.open());
        arena.show(
            "backups", { { text("backupId"), arena.hubs().current()->backups()->newestId() } });
        QVERIFY(arena.click("restoreThis"));
        QVERIFY(arena.click("next"));
        QVERIFY(arena.click("inPlace"));
        QVERIFY(arena.click("preview"));
        QTRY_VERIFY2_WITH_TIMEOUT(arena.says(arena.source() + text("/letter.txt")),
            qPrintable(arena.everything()), patience);
        QVERIFY(!arena.says(arena.source() + text("/other.txt")));
        QVERIFY(arena.click("restore"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("The restore is done.")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.says(text("1 file(s) written")));
        QCOMPARE(contentOf(arena.source() + text("/letter.txt")), QByteArray("Dear Sir"));
    }

    void overwritingAsksForAWord()
    {
        WindowArena arena(oneSource + "hub: {name: Attic}\n");
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        write(arena.source() + text("/letter.txt"), "spoiled");
        QVERIFY(arena.open());
        arena.show(
            "restore", { { text("backupId"), arena.hubs().current()->backups()->newestId() } });
        QVERIFY(arena.click("next"));
        QVERIFY(arena.click("inPlace"));
        QVERIFY(arena.click("preview"));
        QVERIFY(arena.click("restore"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("Type Attic to go on")), patience);
        QVERIFY(!arena.find("confirm")->isEnabled());
        QCOMPARE(contentOf(arena.source() + text("/letter.txt")), QByteArray("spoiled"));
        QVERIFY(arena.type("word", text("Attic")));
        QVERIFY(arena.click("confirm"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("The restore is done.")), patience);
        QCOMPARE(contentOf(arena.source() + text("/letter.txt")), QByteArray("Dear Sir"));
        QVERIFY(QFile::exists(arena.source() + text("/letter.txt.before-restore")));
    }

    void aScheduleIsChangedWithItsRunsInSight()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("automatic");
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("recurrence"), patience);
        QVERIFY(arena.choose("recurrence", 1));
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("time"), patience);
        QVERIFY(arena.type("time", text("25:00")));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("A time looks like 04:45.")), patience);
        QVERIFY(!arena.find("save")->isEnabled());
        QVERIFY(arena.type("time", text("03:21")));
        QTRY_VERIFY2_WITH_TIMEOUT(arena.everything().count(text("03:21")) >= 10,
            qPrintable(arena.everything()), patience);
        QVERIFY(arena.click("save"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.hub()
                                     .get(text("/api/v1/backup/settings"))
                                     .json()[u"schedule"][u"recurrence"]
                                     .toString()
                == text("daily"),
            patience);
        arena.show("overview");
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text(" at 03:21")), patience);
    }

    void retentionIsTriedOnTheRealList()
    {
        WindowArena arena;
        arena.hub().post(text("/api/v1/backup"), { { text("automatic"), true } });
        arena.hub().finish();
        arena.hub().post(text("/api/v1/backup"), { { text("automatic"), true } });
        arena.hub().finish();
        QVERIFY(arena.open());
        arena.show("automatic", { { text("tab"), 2 } });
        QTRY_COMPARE_WITH_TIMEOUT(arena.everything().count(text("stays\n")), 2, patience);
        QVERIFY(arena.type("rule-copies", text("1")));
        QTRY_COMPARE_WITH_TIMEOUT(arena.everything().count(text("goes\n")), 1, patience);
        QCOMPARE(arena.hub().get(text("/api/v1/backup")).json()[u"backups"].toArray().size(), 2);
    }

    void whatAndWhereIsChosen()
    {
        WindowArena arena(oneSource
            + "    - {name: photos, type: files, path: @/photos}\n"
              "  agents:\n    - {name: disk, type: local, path: @/disk}\n");
        QVERIFY(arena.open());
        arena.show("automatic", { { text("tab"), 1 } });
        QVERIFY(arena.click("goes-local.disk"));
        QVERIFY(arena.click("holds-papers"));
        QVERIFY(arena.click("save"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("Saved.")), qPrintable(arena.everything()), patience);
        const QJsonObject create
            = arena.hub().get(text("/api/v1/backup/settings")).json()[u"create_backup"].toObject();
        QCOMPARE(create[u"agent_ids"].toArray(), QJsonArray { text("local.disk") });
        QCOMPARE(create[u"include_sources"].toArray(), QJsonArray { text("photos") });
        // It is shown again as it was saved.
        arena.show("automatic", { { text("tab"), 1 } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("goes-local.disk"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.find("goes-local.disk")->property("checked").toBool(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            !arena.find("holds-papers")->property("checked").toBool(), patience);
    }

    void textsAndPicturesAreShown()
    {
        WindowArena arena(oneSource);
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        QImage picture(20, 10, QImage::Format_RGB32);
        picture.fill(Qt::red);
        QVERIFY(picture.save(arena.source() + text("/photo.png")));
        write(arena.source() + text("/broken.png"), "no picture");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open());
        arena.show(
            "backups", { { text("backupId"), arena.hubs().current()->backups()->newestId() } });
        QVERIFY(arena.click("entry-papers"));
        QVERIFY(arena.click("entry-letter.txt"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("Dear Sir")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.click("entry-photo.png"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("picture"), patience);
        QCOMPARE(arena.find("picture")->implicitWidth(), 20.0);
        QVERIFY(!arena.says(text("Dear Sir")));
        arena.allowWarning(text("Unsupported image format"));
        QVERIFY(arena.click("entry-broken.png"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("This picture can't be shown")), patience);
    }

    void twoBackupsAreCompared()
    {
        WindowArena arena(oneSource);
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        write(arena.source() + text("/answer.txt"), "Dear Madam");
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open());
        arena.show(
            "backups", { { text("backupId"), arena.hubs().current()->backups()->newestId() } });
        QVERIFY(arena.click("compare"));
        QTRY_VERIFY2_WITH_TIMEOUT(arena.says(text("sources/papers/answer.txt")),
            qPrintable(arena.everything()), patience);
        QVERIFY(!arena.says(text("sources/papers/letter.txt")));
        QVERIFY(arena.click("closeCompare"));
    }

    void aUserIsAddedAndATokenMade()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("settings");
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("userName"), patience);
        QVERIFY(arena.type("userName", text("anna")));
        QVERIFY(arena.type("userPassword", text("a long enough one")));
        QVERIFY(arena.click("addUser"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("anna")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.type("tokenName", text("script")));
        QVERIFY(arena.click("addToken"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("freshToken"), patience);
        const QByteArray token = arena.find("freshToken")->property("text").toString().toUtf8();
        QCOMPARE(arena.hub().ask("GET", text("/api/v1/backup"), token).status, 200);
    }

    void theLogsAreThere()
    {
        WindowArena arena;
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open());
        arena.show("activity");
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(arena.hubs().current()->backups()->newestId()), patience);
        QVERIFY(arena.choose("which", 2));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("backup.create by ")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.type("filter", text("nothing has that")));
        QTRY_VERIFY_WITH_TIMEOUT(!arena.says(text("backup.create")), patience);
    }

    void aSourceIsTriedOutAndAdded()
    {
        WindowArena arena;
        write(arena.source() + text("/letter.txt"), "Dear Sir");
        QVERIFY(arena.open());
        arena.show("automatic", { { text("tab"), 3 } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("field-path"), patience);
        QVERIFY(arena.type("field-path", text("/nowhere/at/all")));
        QVERIFY(arena.click("try"));
        QTRY_VERIFY2_WITH_TIMEOUT(arena.find("trial")
                && arena.find("trial")->property("text").toString().contains(text("/nowhere")),
            qPrintable(arena.everything()), patience);
        QVERIFY(arena.type("field-path", arena.source()));
        QVERIFY(arena.type("partName", text("papers")));
        QVERIFY(arena.click("try"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("It works: 1 file")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.click("add"));
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.hub().get(text("/api/v1/sources")).json()[u"sources"].toArray().size() == 1,
            patience);
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("papers – ") + arena.source()), patience);

        QVERIFY(arena.choose("kind", 2));
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("field-dump"), patience);
        QVERIFY(arena.type("field-dump", text("echo hello")));
        QVERIFY(arena.type("field-file", text("hello.txt")));
        QVERIFY(arena.type("partName", text("greeting")));
        QVERIFY(arena.click("try"));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("It works: ")), qPrintable(arena.everything()), patience);
    }

    void aNotifierOfEachKindIsTriedOut()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("automatic", { { text("tab"), 7 } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("kind"), patience);
        for (int kind = 0; kind < 3; ++kind) {
            QVERIFY(arena.choose("kind", kind));
            QTRY_VERIFY_WITH_TIMEOUT(arena.find("field-url"), patience);
            QVERIFY(arena.type("field-url", text("http://127.0.0.1:1/topic")));
            QVERIFY(arena.click("try"));
            // It was understood, and nobody is there.
            QTRY_VERIFY2_WITH_TIMEOUT(arena.find("trial") && !arena.says(text("Trying …")),
                qPrintable(arena.everything()), patience);
            const QString said = arena.find("trial")->property("text").toString();
            QVERIFY2(!said.contains(text("unknown key")) && !said.contains(text("needs")),
                qPrintable(said));
        }
    }

    void anAutomationIsWrittenWithItsMistakesShown()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("automations", { { text("tab"), 1 } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("yaml"), patience);
        QVERIFY(arena.type("yaml", text("- alias: Night\n")));
        QTRY_VERIFY2_WITH_TIMEOUT(arena.says(text("Line 1, column 3: an automation needs")),
            qPrintable(arena.everything()), patience);
        QVERIFY(!arena.find("saveAutomations")->isEnabled());
        arena.find("yaml")->setProperty("text",
            text("- alias: Night\n  triggers: [{trigger: time, at: \"03:00:00\"}]\n  actions: "
                 "[{action: backup.create_automatic}]\n"));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("No mistakes")), patience);
        QVERIFY(arena.click("saveAutomations"));
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.hub().get(text("/api/v1/automations")).json()[u"automations"].toArray().size()
                == 1,
            patience);
        arena.show("automations");
        QTRY_VERIFY_WITH_TIMEOUT(
            arena.says(text("Night")) && arena.says(text("It has not run yet.")), patience);
    }

    void namesAreCompletedAsTheyAreTyped()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        arena.show("automations", { { text("tab"), 1 } });
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("yaml"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            !arena.find("yaml")->property("actionNames").toList().isEmpty(), patience);
        QVERIFY(arena.type("yaml", text("action: create_auto")));
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("backup.create_automatic")), qPrintable(arena.everything()), patience);
        QTest::keyClick(arena.window(), Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(arena.find("yaml")->property("text").toString(),
            text("action: backup.create_automatic"), patience);
    }

    void aHubThatGoesIsSaidAndWhatWasSeenStays()
    {
        WindowArena arena;
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open());
        arena.show("backups");
        QTRY_VERIFY_WITH_TIMEOUT(arena.find("backupList"), patience);
        arena.hub().stop();
        QTRY_VERIFY2_WITH_TIMEOUT(arena.says(text("What is shown is from before.")),
            qPrintable(arena.everything()), patience);
        QVERIFY(arena.find("backupList"));
    }

    void whoMayOnlyReadSeesNoButtonsThatWouldBeRefused()
    {
        WindowArena arena;
        arena.hub().post(text("/api/v1/backup"));
        arena.hub().finish();
        QVERIFY(arena.open(arena.hub().user()));
        QTRY_VERIFY_WITH_TIMEOUT(arena.says(text("local.local")), patience);
        QVERIFY(!arena.find("backUpNow"));
        arena.show("automatic");
        QTRY_VERIFY2_WITH_TIMEOUT(
            arena.says(text("This could not be shown.")), qPrintable(arena.everything()), patience);
        QVERIFY(arena.says(text("administrator")) || arena.says(text("admin")));
    }

    void theKeyboardReachesEveryPage()
    {
        WindowArena arena;
        QVERIFY(arena.open());
        QTest::keyClick(arena.window(), Qt::Key_2, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(
            arena.window()->property("page").toString(), text("backups"), patience);
        QTest::keyClick(arena.window(), Qt::Key_7, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(
            arena.window()->property("page").toString(), text("settings"), patience);
    }
};

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("QT_QUICK_BACKEND", "software");
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    QApplication application(argc, argv); // Qt Test takes it for one where widgets are linked
    TestPages test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_pages.moc"
