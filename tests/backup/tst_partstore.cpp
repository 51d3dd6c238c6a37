#include "integrations/backup/partstore.h"

#include "tests/support/enginetree.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

Part part(const char *name, const char *path, bool fromFile = false)
{
    return { text(name), text("files"),
        { { text("name"), text(name) }, { text("type"), text("files") },
            { text("path"), text(path) },
            { text("exclude"), QVariantList { text("*.tmp"), text("cache/**") } } },
        fromFile };
}

struct Fixture
{
    Fixture() { open(); }
    void open()
    {
        store.reset();
        state.reset();
        auto opened = StateDatabase::open(QString::fromUtf8(folder / "state.db"));
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        state = std::move(*opened);
        store = std::make_unique<PartStore>(*state);
        const Result<void> loaded = store->load();
        if (!loaded)
            qFatal("%s", qPrintable(loaded.error().message));
    }
    QStringList names(PartKind kind = PartKind::Source) const
    {
        QStringList list;
        for (const Part &one : store->all(kind))
            list.append(one.name);
        return list;
    }

    Folder folder;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<PartStore> store;
};

} // namespace

class TestPartStore : public QObject
{
    Q_OBJECT

private slots:
    void whatWasAddedIsThereAfterARestartAsItWas()
    {
        Fixture f;
        QVERIFY(f.store->add(PartKind::Source, part("shop", "/srv/shop")));
        QVERIFY(f.store->add(PartKind::Agent, part("nas", "/mnt/nas")));
        const Part before = *f.store->find(PartKind::Source, text("shop"));
        f.open();
        QCOMPARE(f.names(), QStringList { text("shop") });
        QCOMPARE(f.names(PartKind::Agent), QStringList { text("nas") });
        const Part after = *f.store->find(PartKind::Source, text("shop"));
        QVERIFY(after == before);
        QVERIFY(!after.fromFile);
    }

    void theFilesComeFirstAndAreReadOnly()
    {
        Fixture f;
        QVERIFY(f.store->add(PartKind::Source, part("later", "/a")));
        f.store->setFromFile(PartKind::Source, { part("first", "/b", true) });
        QCOMPARE(f.names(), (QStringList { text("first"), text("later") }));
        for (const Result<void> &refused : { f.store->add(PartKind::Source, part("first", "/c")),
                 f.store->replace(PartKind::Source, text("first"), part("first", "/c")),
                 f.store->remove(PartKind::Source, text("first")) }) {
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, ErrorCode::Busy);
            QVERIFY(refused.error().message.contains(text("first")));
        }
        QCOMPARE(
            f.store->find(PartKind::Source, text("first"))->options.value(text("path")).toString(),
            text("/b"));
    }

    // Somebody writes a name into the file that the API had: the file wins while it has it.
    void aNameThatBothHaveIsTheFilesUntilItGoesThere()
    {
        Fixture f;
        QVERIFY(f.store->add(PartKind::Source, part("shop", "/api")));
        f.store->setFromFile(PartKind::Source, { part("shop", "/file", true) });
        QCOMPARE(f.names(), QStringList { text("shop") });
        QVERIFY(f.store->find(PartKind::Source, text("shop"))->fromFile);
        QVERIFY(f.store->add(PartKind::Source, part("other", "/x"))); // keeps the one that waits
        f.open();
        QCOMPARE(f.names(), (QStringList { text("shop"), text("other") }));
        QCOMPARE(
            f.store->find(PartKind::Source, text("shop"))->options.value(text("path")).toString(),
            text("/api"));
    }

    void replacesAndRemovesItsOwn()
    {
        Fixture f;
        QVERIFY(f.store->add(PartKind::Source, part("a", "/a")));
        QVERIFY(f.store->add(PartKind::Source, part("b", "/b")));
        QVERIFY(f.store->replace(PartKind::Source, text("a"), part("a", "/new")));
        QVERIFY(f.store->remove(PartKind::Source, text("b")));
        f.open();
        QCOMPARE(f.names(), QStringList { text("a") });
        QCOMPARE(f.store->find(PartKind::Source, text("a"))->options.value(text("path")).toString(),
            text("/new"));
    }

    void whatIsNotThereIsNotFoundAndTheNearestNamed()
    {
        Fixture f;
        QVERIFY(f.store->add(PartKind::Agent, part("offsite", "/a")));
        const Result<void> removed = f.store->remove(PartKind::Agent, text("ofsite"));
        QVERIFY(!removed);
        QCOMPARE(removed.error().code, ErrorCode::NotFound);
        QVERIFY2(
            removed.error().message.contains(text("offsite")), qPrintable(removed.error().message));
        QVERIFY(!f.store->replace(PartKind::Source, text("offsite"), part("offsite", "/b")));
        QVERIFY(!f.store->find(PartKind::Source, text("offsite")));
    }
};

QTEST_GUILESS_MAIN(TestPartStore)
#include "tst_partstore.moc"
