// Globs are judged by tables: the pattern, the path, whether it is a folder, and the answer.

#include "automation/core/glob.h"

#include <QElapsedTimer>
#include <QTest>

using namespace hubkeep;

class TestGlob : public QObject
{
    Q_OBJECT

private slots:
    void aPatternMatchesWhatItSays_data();
    void aPatternMatchesWhatItSays();
    void pathologicalPatternsAreFast_data();
    void pathologicalPatternsAreFast();
    void anEmptyListMatchesNothing();
    void aListMatchesWhereAnyPatternDoes();
    void aTreeMatchesWhatLiesInAMatchedFolder_data();
    void aTreeMatchesWhatLiesInAMatchedFolder();
};

void TestGlob::aPatternMatchesWhatItSays_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isFolder");
    QTest::addColumn<bool>("expected");
    int row = 0;
    const auto add
        = [&](const char *pattern, const char *path, bool expected, bool folder = false) {
              QTest::addRow("%03d %s : %s", ++row, pattern, path)
                  << QByteArray(pattern) << QByteArray(path) << folder << expected;
          };

    // Without a slash: the last part, at any depth.
    add("a.txt", "a.txt", true);
    add("a.txt", "x/y/a.txt", true);
    add("a.txt", "a.txt/b", false);
    add("a.txt", "ba.txt", false);
    add("a.txt", "a.txtb", false);
    add("A.txt", "a.txt", false);
    add("*.log", "deep/er/x.log", true);
    add("*.log", "x.log.gz", false);
    add("*.log", ".log", true);
    add("*", "x/.hidden", true);
    add("", "a", false);

    // With one: the whole path.
    add("x/a", "x/a", true);
    add("x/a", "y/x/a", false);
    add("x/a", "x/a/b", false);
    add("/a", "a", true);
    add("/a", "x/a", false);
    add("/x/a", "x/a", true);
    add("x/*", "x/a", true);
    add("x/*", "x/", true);
    add("x/*", "x", false);
    add("x/*", "x/a/b", false);
    add("*/a", "x/a", true);
    add("*/a", "a", false);
    add("*/a", "x/y/a", false);
    add("x*z/b", "xyz/b", true);
    add("x*z/b", "x/z/b", false);
    add("a*b*c/d", "aXbYc/d", true);
    add("a*b*c/d", "aXcYb/d", false);

    // Question marks are one byte, never a slash.
    add("?", "a", true);
    add("?", "ab", false);
    add("a?c/x", "abc/x", true);
    add("a?c", "ac", false);
    add("x?y/z", "x/y/z", false);
    add("??", "\xc3\xa4", true);
    add("?", "\xc3\xa4", false);

    // Two stars cross folders.
    add("**", "a", true);
    add("**", "a/b/c", true);
    add("**/a", "a", true);
    add("**/a", "x/a", true);
    add("**/a", "x/y/a", true);
    add("**/a", "xa", false);
    add("**/a", "x/ya", false);
    add("**/a", "a/x", false);
    add("x/**", "x/a", true);
    add("x/**", "x/a/b", true);
    add("x/**", "x", false);
    add("x/**", "xa", false);
    add("x/**", "y/x/a", false);
    add("x/**/b", "x/b", true);
    add("x/**/b", "x/y/b", true);
    add("x/**/b", "x/y/z/b", true);
    add("x/**/b", "xb", false);
    add("x/**/b", "x/yb", false);
    add("x/**.log", "x/y/z.log", true);
    add("x**y/z", "xa/by/z", true);
    add("a**/b", "ax/y/b", true);
    add("a**/b", "ab", false);
    add("**/x/**", "x/a", true);
    add("**/x/**", "p/q/x/a/b", true);
    add("**/x/**", "p/q/x", false);
    add("**/*.o", "a/b.o", true);
    add("**/*.o", "b.o", true);
    add("**/**/a", "a", true);
    add("/**/a", "x/a", true);

    // Sets.
    add("[abc]", "b", true);
    add("[abc]", "d", false);
    add("[a-c]x", "bx", true);
    add("[a-c]x", "dx", false);
    add("[!a-c]", "d", true);
    add("[!a-c]", "b", false);
    add("[^a-c]", "d", true);
    add("[^a-c]", "a", false);
    add("[]a]", "]", true);
    add("[]a]", "a", true);
    add("[!]a]", "]", false);
    add("[!]a]", "b", true);
    add("[a-]", "-", true);
    add("[a-]", "a", true);
    add("[a-]", "b", false);
    add("[-a]", "-", true);
    add("[z-a]", "m", false);
    add("[a-cx-z]", "y", true);
    add("[a-cx-z]", "m", false);
    add("[*?]", "*", true);
    add("[*?]", "a", false);
    add("x[!a]y/z", "x/y/z", false);
    add("x[/]y", "x/y", false);
    add("[\x80-\xff]", "\xa0", true);
    add("[\x80-\xff]", "a", false);
    add("[0-9][0-9]", "42", true);

    // A set that is not closed is no set.
    add("[abc", "[abc", true);
    add("[abc", "a", false);
    add("[abc", "aabc", false);
    add("[!", "[!", true);
    add("[", "[", true);
    add("[]", "[]", true);
    add("x[", "x[", true);

    // The backslash.
    add("\\*", "*", true);
    add("\\*", "a", false);
    add("\\?", "?", true);
    add("\\?", "a", false);
    add("\\[a]", "[a]", true);
    add("\\[a]", "a", false);
    add("\\\\", "\\", true);
    add("a\\", "a\\", true);
    add("\\a", "a", true);
    add("x/\\**", "x/*b", true);
    add("x/\\**", "x/b", false);

    // A final slash: folders only.
    add("cache/", "cache", true, true);
    add("cache/", "cache", false, false);
    add("cache/", "x/cache", true, true);
    add("/cache/", "cache", true, true);
    add("/cache/", "x/cache", false, true);
    add("x/cache/", "x/cache", true, true);
    add("x/cache/", "x/cache", false, false);
    add("*/", "x/y", true, true);
    add("cache", "cache", true, true);
    add("**/tmp/", "a/tmp", true, true);
    add("**/tmp/", "a/tmp", false, false);

    // Bytes that are no text, and names that look like syntax of something else.
    add("\xff*", "\xff\xfe", true);
    add("a.b", "axb", false);
    add("a+", "aa", false);
    add("(a|b)", "a", false);
    add("{a,b}", "a", false);
    add("a b", "x/a b", true);
    add("#a", "#a", true);
    add("!a", "!a", true);
}

void TestGlob::aPatternMatchesWhatItSays()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, path);
    QFETCH(bool, isFolder);
    QFETCH(bool, expected);

    QCOMPARE(globMatches(pattern, path, isFolder), expected);
}

void TestGlob::pathologicalPatternsAreFast_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("expected");

    QTest::newRow("stars and letters")
        << QByteArray("a*").repeated(60) + 'b' << QByteArray(250, 'a') << false;
    QTest::newRow("stars and letters that match")
        << QByteArray("a*").repeated(60) + 'b' << QByteArray(250, 'a') + 'b' << true;
    QTest::newRow("double stars") << "x/" + QByteArray("**/a").repeated(40) + "/b"
                                  << "x/" + QByteArray("a/").repeated(1000) << false;
    QTest::newRow("many stars") << QByteArray(5000, '*') << QByteArray(255, 'a') << true;
    QTest::newRow("sets") << QByteArray("[a-y]*").repeated(80) + 'z' << QByteArray(255, 'a')
                          << false;
    QTest::newRow("long path") << QByteArray("**/*a*/**/*b*/**/*c")
                               << QByteArray("ab/").repeated(1365) << false;
}

void TestGlob::pathologicalPatternsAreFast()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, path);
    QFETCH(bool, expected);

    QElapsedTimer timer;
    timer.start();
    QCOMPARE(globMatches(pattern, path), expected);
    // Backtracking would take years, so there is room for a slow machine.
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
}

void TestGlob::anEmptyListMatchesNothing()
{
    QVERIFY(GlobList().isEmpty());
    QVERIFY(!GlobList().matches("a"));
    QVERIFY(!GlobList().matchesTree("a/b", true));
}

void TestGlob::aListMatchesWhereAnyPatternDoes()
{
    const GlobList list({ "*.o", "build/", "/top" });
    QVERIFY(!list.isEmpty());
    QVERIFY(list.matches("x/a.o"));
    QVERIFY(list.matches("x/build", true));
    QVERIFY(!list.matches("x/build", false));
    QVERIFY(list.matches("top"));
    QVERIFY(!list.matches("x/top"));
    QVERIFY(!list.matches("build/a.c"));
}

void TestGlob::aTreeMatchesWhatLiesInAMatchedFolder_data()
{
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("isFolder");
    QTest::addColumn<bool>("expected");

    QTest::newRow("itself") << QByteArray("photos") << QByteArray("photos") << true << true;
    QTest::newRow("in it") << QByteArray("photos") << QByteArray("photos/a/b.jpg") << false << true;
    QTest::newRow("at depth") << QByteArray("photos") << QByteArray("x/photos/b.jpg") << false
                              << true;
    QTest::newRow("folders only, in it")
        << QByteArray("photos/") << QByteArray("photos/b.jpg") << false << true;
    QTest::newRow("folders only, a file")
        << QByteArray("photos/") << QByteArray("photos") << false << false;
    QTest::newRow("prefix of a name")
        << QByteArray("photo") << QByteArray("photos/b.jpg") << false << false;
    QTest::newRow("anchored") << QByteArray("/photos") << QByteArray("x/photos/b.jpg") << false
                              << false;
    QTest::newRow("whole path of a folder")
        << QByteArray("x/ph*") << QByteArray("x/photos/b.jpg") << false << true;
    QTest::newRow("something else")
        << QByteArray("*.png") << QByteArray("photos/b.jpg") << false << false;
}

void TestGlob::aTreeMatchesWhatLiesInAMatchedFolder()
{
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, path);
    QFETCH(bool, isFolder);
    QFETCH(bool, expected);

    QCOMPARE(GlobList({ pattern }).matchesTree(path, isFolder), expected);
}

QTEST_GUILESS_MAIN(TestGlob)
#include "tst_glob.moc"
