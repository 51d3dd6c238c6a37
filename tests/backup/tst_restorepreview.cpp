// What a restore would do, and that saying it touches nothing.

#include "integrations/backup/restorepreview.h"

#include "integrations/backup/hubsource.h"
#include "integrations/command/commandsource.h"
#include "tests/support/enginedatabases.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

using Action = PreviewEntry::Action;

RestorePreview mustPreview(
    const QByteArray &archive, const RestoreRequest &request, const PreviewOptions &options = {})
{
    JobControl control;
    Result<RestorePreview> preview = previewRestore(mustOpen(archive), request, options, control);
    if (!preview)
        qFatal("The preview failed: %s", qPrintable(preview.error().message));
    return *preview;
}

QMap<QByteArray, Action> actionsOf(const RestorePreview &preview)
{
    QMap<QByteArray, Action> actions;
    for (const PreviewEntry &entry : preview.entries)
        actions.insert(entry.name, entry.action);
    return actions;
}

struct Scene
{
    Folder folder;
    QByteArray archive;

    Scene()
    {
        writeFile(folder / "shop/a", "content of a");
        writeFile(folder / "shop/folder/b", "content of b");
        writeFile(folder / "shop/large", randomBytes(3'000'000, 1));
        makeLink("a", folder / "shop/link");
        makeAccounts(folder / "shop/app.db", 500, "WAL");
        archive = mustRun(request(folder / "out", test::files(folder / "shop"))).path;
    }
};

} // namespace

class TestRestorePreview : public QObject
{
    Q_OBJECT

private slots:
    void intoANewFolderAllIsWritten()
    {
        Scene scene;
        RestoreRequest to;
        to.target = scene.folder / "not/there/yet";
        const RestorePreview preview = mustPreview(scene.archive, to);
        QCOMPARE(preview.writes, 5);
        QCOMPARE(preview.overwrites, 0);
        QCOMPARE(preview.unchanged, 0);
        QVERIFY(preview.bytes > 3'000'000);
        QVERIFY(preview.freeBytes > 0);
        QCOMPARE(preview.entries.first().path, scene.folder / "not/there/yet/shop/a");
        QVERIFY(!exists(scene.folder / "not"));
        QVERIFY(!preview.hasMore);
    }

    void inPlaceItSaysWhatTheRestoreThenDoes()
    {
        Scene scene;
        // The same content at another time is the same; so is a database that was only opened.
        writeFile(scene.folder / "shop/large", randomBytes(3'000'000, 1));
        QCOMPARE(Database(scene.folder / "shop/app.db").ask("PRAGMA user_version"), "0");
        RestorePreview preview = mustPreview(scene.archive, {});
        QCOMPARE(preview.unchanged, 5);
        QCOMPARE(preview.writes, 0);
        QCOMPARE(preview.bytes, 0);

        writeFile(scene.folder / "shop/a", "CONTENT of a");
        QCOMPARE(::unlink((scene.folder / "shop/folder/b").constData()), 0);
        QCOMPARE(::unlink((scene.folder / "shop/link").constData()), 0);
        makeLink("b", scene.folder / "shop/link");
        overwriteAt(scene.folder / "shop/large", 2'500'000, "x");
        Database(scene.folder / "shop/app.db").run("UPDATE first SET amount = amount + 1");
        // But for the folder's time: SQLite's readers make a log beside a database.
        TreeOptions options;
        options.times = false;
        const auto before = describeTree(scene.folder / "shop", options);
        preview = mustPreview(scene.archive, {});
        QCOMPARE(describeTree(scene.folder / "shop", options), before);
        QCOMPARE(actionsOf(preview),
            (QMap<QByteArray, Action> { { "sources/shop/a", Action::Overwrite },
                { "sources/shop/app.db", Action::Overwrite },
                { "sources/shop/folder/b", Action::Write },
                { "sources/shop/large", Action::Overwrite },
                { "sources/shop/link", Action::Overwrite } }));
        const auto restored = restoreInPlace(scene.archive);
        QCOMPARE(sentence(restored), QString());
        QCOMPARE(preview.writes, restored->written);
        QCOMPARE(preview.overwrites, restored->replaced);
        QCOMPARE(preview.unchanged, restored->unchanged);
        QCOMPARE(mustPreview(scene.archive, {}).unchanged, 5);
    }

    void entriesComeInPages()
    {
        Scene scene;
        PreviewOptions page;
        page.most = 2;
        QList<QByteArray> names;
        for (int i = 0; i < 10; ++i) {
            const RestorePreview preview = mustPreview(scene.archive, {}, page);
            QCOMPARE(preview.unchanged, 5);
            for (const PreviewEntry &entry : preview.entries)
                names.append(entry.name);
            if (!preview.hasMore)
                break;
            page.after = names.last();
        }
        QCOMPARE(names,
            (QList<QByteArray> { "sources/shop/a", "sources/shop/app.db", "sources/shop/folder/b",
                "sources/shop/large", "sources/shop/link" }));
    }

    void onlyWhatIsIncludedCounts()
    {
        Scene scene;
        RestoreRequest some;
        some.target = scene.folder / "back";
        some.include = GlobList({ "folder/**" });
        QCOMPARE(mustPreview(scene.archive, some).writes, 1);
        some.sources = QStringList { QStringLiteral("nope") };
        JobControl control;
        const auto none = previewRestore(mustOpen(scene.archive), some, {}, control);
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::NotFound);
    }

    void aLinkInTheWayIsNotFollowed()
    {
        Scene scene;
        writeFile(scene.folder / "elsewhere/b", "content of b");
        removeTree(scene.folder / "shop/folder");
        makeLink(scene.folder / "elsewhere", scene.folder / "shop/folder");
        QCOMPARE(actionsOf(mustPreview(scene.archive, {})).value("sources/shop/folder/b"),
            Action::Write);
    }

    void theHubsPartsAreComparedByNameAlone()
    {
        Scene scene;
        const QByteArray hub = scene.folder / "hub";
        makeFolder(hub + "/data");
        makeAccounts(hub + "/data/state.db", 10, "WAL");
        BackupRequest wanted = request(scene.folder / "hubs", test::files(scene.folder / "shop"));
        wanted.sources.push_back(std::make_unique<HubDataSource>(
            hub + "/data", QList<HubDatabase> { { "state.db", {} } }));
        const QByteArray archive = mustRun(wanted).path;
        PreviewOptions options;
        options.dataFolder = hub;
        options.hubParts = { true, true };
        const RestorePreview both = mustPreview(archive, {}, options);
        QCOMPARE(both.overwrites, 1);
        QCOMPARE(both.unchanged, 5);
        options.sources = false;
        const RestorePreview alone = mustPreview(archive, {}, options);
        QCOMPARE(alone.entries.size(), 1);
        QCOMPARE(alone.entries.first().path, hub + "/data/state.db");
        QCOMPARE(mustPreview(archive, {}).overwrites, 0);
    }

    void aCommandsFileIsGivenToItsCommand()
    {
        const Folder folder;
        const QByteArray archive = mustRun(
            request(folder / "out",
                std::make_unique<command::CommandSource>(
                    command::CommandConfig { QStringLiteral("ledger"),
                        { QStringLiteral("echo"), QStringLiteral("dump") }, "ledger.dump" })))
                                       .path;
        const RestorePreview without = mustPreview(archive, {});
        QCOMPARE(without.writes, 0);
        QVERIFY(warnsAbout(without.warnings, {}, "left out"));
        RestoreRequest with;
        with.commands.insert(QStringLiteral("ledger"), { QStringLiteral("cat") });
        const RestorePreview preview = mustPreview(archive, with);
        QCOMPARE(preview.writes, 1);
        QCOMPARE(preview.entries.first().action, Action::Run);
        QVERIFY(preview.warnings.isEmpty());
    }

    void cancellingEndsIt()
    {
        Scene scene;
        JobControl control;
        control.cancel();
        const auto preview = previewRestore(mustOpen(scene.archive), {}, {}, control);
        QVERIFY(!preview);
        QCOMPARE(preview.error().code, ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TestRestorePreview)
#include "tst_restorepreview.moc"
