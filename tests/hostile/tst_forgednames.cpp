// Names and links that lead astray, in backups whose manifests were made to match.

#include "tests/support/forgedarena.h"

#include <sys/stat.h>

using namespace hubkeep::backup;
using namespace hubkeep::forge;

namespace {

// A file of that name after the basics.
std::function<void(ForgedBackup &, const Arena &)> fileNamed(const QByteArray &name)
{
    return [name](ForgedBackup &b, const Arena &) {
        b.withBasics();
        b.file(name, "evil");
    };
}

constexpr const char *badPart = "the name contains an empty part, \".\" or \"..\"";
constexpr const char *twice = "it is there twice or out of order";
constexpr const char *noFolder = "its folder is missing or is not a folder";
constexpr const char *elsewhere = "it lies outside of sources/ and hub/";

QList<Trick> nameTricks()
{
    return {
        { "control", [](ForgedBackup &b, const Arena &) { b.withBasics(); }, Verdict::Harmless },
        { "dotdot", fileNamed("sources/src/../evil"), Verdict::Refused, badPart },
        { "dotdot to the root", fileNamed("sources/src/../../../../../../../../forged-evil"),
            Verdict::Refused, badPart },
        { "dotdot alone", fileNamed(".."), Verdict::Refused, badPart },
        { "dotdot first", fileNamed("../evil"), Verdict::Refused, badPart },
        { "dotdot last", fileNamed("sources/src/b/.."), Verdict::Refused, badPart },
        { "dotdot folder",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.folder("sources/src/..");
            },
            Verdict::Refused, badPart },
        { "dotdot source",
            [](ForgedBackup &b, const Arena &) {
                b.folder("sources/..");
                b.file("sources/../evil", "evil");
            },
            Verdict::Refused, badPart },
        { "absolute",
            [](ForgedBackup &b, const Arena &arena) {
                b.withBasics();
                b.file(arena.path("outside/evil"), "evil");
            },
            Verdict::Refused, "the name is absolute" },
        { "absolute twice", fileNamed("//forged-evil"), Verdict::Refused, "the name is absolute" },
        { "dot", fileNamed("sources/src/./b"), Verdict::Refused, badPart },
        { "dot slash duplicate", fileNamed("sources/./src/a.txt"), Verdict::Refused, badPart },
        { "empty part", fileNamed("sources/src//b"), Verdict::Refused, badPart },
        { "trailing slash", fileNamed("sources/src/b/"), Verdict::Refused, badPart },
        { "empty", fileNamed(""), Verdict::Refused, "the name is empty" },
        { "NUL", fileNamed(QByteArray("sources/src/b\0.txt", 18)), Verdict::Refused,
            "the name contains a NUL" },
        { "NUL after dotdot", fileNamed(QByteArray("sources/src/..\0/x", 17)), Verdict::Refused,
            "the name contains a NUL" },
        { "overlong part", fileNamed("sources/src/" + QByteArray(256, 'n')), Verdict::Refused,
            "a part of the name is longer than 255 bytes" },
        { "overlong name", fileNamed("sources/src/" + QByteArray("d/").repeated(2050) + 'x'),
            Verdict::Refused, "the name is longer than 4095 bytes" },
        { "outside of sources", fileNamed("tmp/evil"), Verdict::Refused, elsewhere },
        { "beside the sources", fileNamed("sourcesevil"), Verdict::Refused, elsewhere },
        { "manifest in the middle", fileNamed("manifest/backup.json"), Verdict::Refused,
            "it is there twice or out of order" },
        { "source that is a file",
            [](ForgedBackup &b, const Arena &) { b.file("sources/src", "no folder"); },
            Verdict::Refused, elsewhere },
        { "source that is a link",
            [](ForgedBackup &b, const Arena &arena) {
                b.symlink("sources/src", arena.path("outside"));
            },
            Verdict::Refused, elsewhere },
        { "duplicate", fileNamed("sources/src/a.txt"), Verdict::Refused, twice },
        { "duplicate folder",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.folder("sources/src");
            },
            Verdict::Refused, twice },
        { "out of order", fileNamed("sources/src/A.txt"), Verdict::Refused, twice },
        { "duplicate later",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.file("sources/src/b", "1");
                b.file("sources/src/a.txt", "2");
            },
            Verdict::Refused, twice },
        { "file then folder",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.file("sources/src/b", "1");
                b.file("sources/src/b/c", "2");
            },
            Verdict::Refused, noFolder },
        { "file and folder of one name",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.file("sources/src/b", "1");
                b.folder("sources/src/b");
            },
            Verdict::Refused, twice },
        { "folder that was never named", fileNamed("sources/src/b/c"), Verdict::Refused, noFolder },
        { "source that was never named", fileNamed("sources/src2/c"), Verdict::Refused, noFolder },
        { "folder that was left again",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.folder("sources/src/b");
                b.file("sources/src/b!", "1");
                b.file("sources/src/b/c", "2");
            },
            Verdict::Refused, twice },
    };
}

QList<Trick> linkTricks()
{
    const auto through = [](const QByteArray &target, const QByteArray &name) {
        return [target, name](ForgedBackup &b, const Arena &) {
            b.withBasics();
            b.symlink("sources/src/l", target);
            b.file(name, "evil");
        };
    };
    return {
        { "link and a file through it", through("../../../outside", "sources/src/l/evil"),
            Verdict::Refused, noFolder },
        { "link to the root and a file through it", through("/", "sources/src/l/forged-evil"),
            Verdict::Refused, noFolder },
        { "link and a folder of its name",
            [](ForgedBackup &b, const Arena &arena) {
                b.withBasics();
                b.symlink("sources/src/l", arena.path("outside"));
                b.folder("sources/src/l");
                b.file("sources/src/l/evil", "evil");
            },
            Verdict::Refused, twice },
        { "folder, then a link of its name",
            [](ForgedBackup &b, const Arena &arena) {
                b.withBasics();
                b.folder("sources/src/l");
                b.symlink("sources/src/l", arena.path("outside"));
                b.file("sources/src/l/evil", "evil");
            },
            Verdict::Refused, twice },
        { "link that says it is a folder",
            [](ForgedBackup &b, const Arena &arena) {
                b.withBasics();
                b.symlink("sources/src/l", arena.path("outside")).manifest.type
                    = EntryType::Directory;
                b.file("sources/src/l/evil", "evil");
            },
            Verdict::Refused, "it is neither file, folder nor link" },
        { "link over itself", through("victim", "sources/src/l"), Verdict::Refused, twice },
        { "chain of links",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.symlink("sources/src/cur", ".");
                b.symlink("sources/src/par", "cur/..");
                b.file("sources/src/par/evil", "evil");
            },
            Verdict::Refused, noFolder },
        { "link out of the tree",
            [](ForgedBackup &b, const Arena &arena) {
                b.withBasics();
                b.symlink("sources/src/l", arena.path("outside/victim"));
                b.symlink("sources/src/m", "../../../../outside/folder");
                b.symlink("sources/src/n", "/etc/shadow");
            },
            Verdict::Harmless, "",
            [](const Arena &arena) {
                QCOMPARE(
                    linkTarget(arena.path("around/target/src/l")), arena.path("outside/victim"));
                QCOMPARE(linkTarget(arena.path("around/target/src/m")),
                    QByteArray("../../../../outside/folder"));
                QCOMPARE(linkTarget(arena.path("around/target/src/n")), QByteArray("/etc/shadow"));
                QCOMPARE(contentOf(arena.path("outside/victim")), QByteArray("do not touch\n"));
            } },
        { "links in a circle",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.symlink("sources/src/l", "m");
                b.symlink("sources/src/m", "l");
            },
            Verdict::Harmless, "",
            [](const Arena &arena) {
                QCOMPARE(linkTarget(arena.path("around/target/src/l")), QByteArray("m"));
            } },
        { "link with a NUL",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.symlink("sources/src/l", QByteArray("../x\0y", 6));
            },
            Verdict::Damaged, "Its target contains a NUL" },
        { "link to nothing",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.symlink("sources/src/l", "");
            },
            Verdict::Refused, "its target is too long or empty" },
        { "link with an overlong target",
            [](ForgedBackup &b, const Arena &) {
                b.withBasics();
                b.symlink("sources/src/l", QByteArray(4096, 'x'));
            },
            Verdict::Refused, "its target is too long or empty" },
    };
}

QList<Trick> legalNames()
{
    const auto both = [](const QByteArray &one, const QByteArray &two) {
        return Trick { "",
            [one, two](ForgedBackup &b, const Arena &) {
                b.folder("sources/src");
                b.file("sources/src/" + one, "one");
                b.file("sources/src/" + two, "two");
            },
            Verdict::Harmless, "",
            [one, two](const Arena &arena) {
                QCOMPARE(contentOf(arena.target() + "/src/" + one), QByteArray("one"));
                QCOMPARE(contentOf(arena.target() + "/src/" + two), QByteArray("two"));
            } };
    };
    const std::tuple<const char *, QByteArray, QByteArray> pairs[] = {
        { "case pair", "B.txt", "b.txt" },
        { "NFC and NFD", "e\xcc\x81.txt", "\xc3\xa9.txt" },
        { "backslashes", "..\\..\\evil", "b\\..\\evil" },
        { "not UTF-8", "b\xff\xfe.txt", "b\xff\xff.txt" },
        { "newline and carriage return", "b\nhubkeep: fake", "b\r\x1b[2J" },
        { "drive and stream", "C:evil", "file.txt:stream" },
        { "Windows devices", "CON", "NUL.txt" },
        { "trailing dot and space", "x ", "x." },
        { "right to left", "b\xe2\x80\xaegpj.exe", "~" },
        { "before-restore names", "b", "b.before-restore" },
        { "name of 255 bytes", QByteArray(255, 'm'), QByteArray(255, 'n') },
        { "glob and quote", "*?[", "b\"'`$(touch evil)" },
    };
    QList<Trick> tricks;
    for (const auto &[name, one, two] : pairs) {
        Trick trick = one < two ? both(one, two) : both(two, one);
        trick.name = name;
        tricks.append(trick);
    }
    const QByteArray deep = "src/b" + QByteArray("/d").repeated(1900);
    tricks.append({ "deep folders",
        [deep](ForgedBackup &b, const Arena &) {
            b.withBasics();
            for (qsizetype end = 5; end < deep.size(); end += 2)
                b.folder("sources/" + deep.left(end));
            b.file("sources/" + deep, "deep");
        },
        Verdict::Harmless, "",
        [deep](const Arena &arena) {
            QCOMPARE(contentOf(arena.target() + '/' + deep), QByteArray("deep"));
        } });
    return tricks;
}

} // namespace

class TestForgedNames : public QObject
{
    Q_OBJECT

private slots:
    void hostileNamesAreRefused_data() { addRows(nameTricks()); }
    void hostileNamesAreRefused() { playRow(nameTricks()); }
    void linksAreNeverFollowed_data() { addRows(linkTricks()); }
    void linksAreNeverFollowed() { playRow(linkTricks()); }
    void legalNamesComeBack_data() { addRows(legalNames()); }
    void legalNamesComeBack() { playRow(legalNames()); }
    void linksInTheTargetAreNotFollowed();
};

// With --overwrite the target may have links in it from before.
void TestForgedNames::linksInTheTargetAreNotFollowed()
{
    Arena arena;
    ForgedBackup forged;
    forged.withBasics();
    forged.folder("sources/src/b");
    forged.file("sources/src/b/evil", "evil");
    QVERIFY(forged.write(arena.archive()));
    ::mkdir(arena.target().constData(), 0755);
    ::mkdir(arena.path("around/target/src").constData(), 0755);
    ::symlink("../../../outside/folder", arena.path("around/target/src/b").constData());
    ::symlink("../../../outside/victim", arena.path("around/target/src/a.txt").constData());
    const Ran ran
        = arena.run({ "restore", arena.archive(), "--to", arena.target(), "--overwrite" });
    QVERIFY2(ran.exitCode == 0 && ran.misconduct().isEmpty(), ran.summary().constData());
    QVERIFY2(arena.damageDone().isEmpty(), arena.damageDone().constData());
    QVERIFY(contentOf(arena.path("around/target/src/a.txt")).startsWith("hello"));
    QCOMPARE(contentOf(arena.path("around/target/src/b/evil")), QByteArray("evil"));
    QCOMPARE(linkTarget(arena.path("around/target/src/b.before-restore")),
        QByteArray("../../../outside/folder"));
    QVERIFY2(arena.leftovers().isEmpty(), arena.leftovers().constData());
}

QTEST_GUILESS_MAIN(TestForgedNames)
#include "tst_forgednames.moc"
