// Which automations the files of config/ hold, in whatever form people paste them.

#include "automation/engine/automationfiles.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::automation;

namespace {

AutomationFiles read(const char *text)
{
    QTemporaryDir folder;
    return AutomationFiles::loadText(folder.path(), QStringLiteral("automations.yaml"), text);
}

void write(const QString &path, const QByteArray &text)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

} // namespace

class TestAutomationFiles : public QObject
{
    Q_OBJECT

private slots:
    void everyFormIsUnderstood_data();
    void everyFormIsUnderstood();
    void theFolderAddsItsFiles();
    void noFilesAreNoAutomations();
    void sameContentHasTheSameFingerprint();
    void anUnreadableFileSaysWhere();
    void problemsBelongToTheAutomationAroundThem();
    void aKeyBesideTheListIsAProblem();
};

void TestAutomationFiles::everyFormIsUnderstood_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("count");
    QTest::newRow("empty") << QByteArray() << 0;
    QTest::newRow("comments only") << QByteArray("# nothing yet\n") << 0;
    QTest::newRow("an empty list") << QByteArray("[]") << 0;
    QTest::newRow("a list") << QByteArray("- alias: a\n- alias: b\n") << 2;
    QTest::newRow("a mapping with a list") << QByteArray("automation:\n  - alias: a\n") << 1;
    QTest::newRow("a mapping with one") << QByteArray("automation:\n  alias: a\n") << 1;
    QTest::newRow("a mapping with none") << QByteArray("automation:\n") << 0;
    QTest::newRow("labelled lists")
        << QByteArray("automation:\n  - alias: a\nautomation manual:\n  - alias: b\n") << 2;
    QTest::newRow("a bare one") << QByteArray("alias: a\ntriggers: []\nactions: []\n") << 1;
}

void TestAutomationFiles::everyFormIsUnderstood()
{
    QFETCH(QByteArray, text);
    QFETCH(int, count);
    const AutomationFiles files = read(text);
    QCOMPARE(int(files.items.size()), count);
    QVERIFY(files.problems.isEmpty());
    for (const AutomationItem &item : files.items)
        QCOMPARE(item.value.kind(), Value::Kind::Map);
}

void TestAutomationFiles::theFolderAddsItsFiles()
{
    QTemporaryDir folder;
    write(folder.filePath(QStringLiteral("automations.yaml")), "- alias: a\n");
    write(folder.filePath(QStringLiteral("automations/b.yaml")), "alias: b\n");
    write(folder.filePath(QStringLiteral("automations/c.yaml")), "- alias: c\n- alias: d\n");
    write(folder.filePath(QStringLiteral("automations/notes.txt")), "alias: no\n");
    write(folder.filePath(QStringLiteral("automations/.c.yaml")), "alias: no\n");
    const AutomationFiles files = AutomationFiles::load(folder.path());
    QStringList found;
    for (const AutomationItem &item : files.items)
        found.append(item.file + u' ' + item.value.find(QStringLiteral("alias"))->text());
    QCOMPARE(found,
        QStringList({ QStringLiteral("automations.yaml a"), QStringLiteral("automations/b.yaml b"),
            QStringLiteral("automations/c.yaml c"), QStringLiteral("automations/c.yaml d") }));
}

void TestAutomationFiles::noFilesAreNoAutomations()
{
    QTemporaryDir folder;
    const AutomationFiles files = AutomationFiles::load(folder.path());
    QVERIFY(files.items.empty());
    QVERIFY(files.problems.isEmpty());
}

void TestAutomationFiles::sameContentHasTheSameFingerprint()
{
    const AutomationFiles one = read("- alias: a\n  mode: single\n- alias: b\n");
    const AutomationFiles moved = read("# moved\n\n- alias: b\n- {alias: a, mode: single}\n");
    QCOMPARE(one.items[0].fingerprint, moved.items[1].fingerprint);
    QCOMPARE(one.items[1].fingerprint, moved.items[0].fingerprint);
    QVERIFY(one.items[0].fingerprint != one.items[1].fingerprint);
    QVERIFY(read("- alias: a\n  mode: restart\n").items[0].fingerprint != one.items[0].fingerprint);
    // Lengths are part of it: texts do not run into each other.
    QVERIFY(read("- a: bc\n").items[0].fingerprint != read("- ab: c\n").items[0].fingerprint);
    QVERIFY(read("- a: 1\n").items[0].fingerprint != read("- a: '1'\n").items[0].fingerprint);
}

void TestAutomationFiles::anUnreadableFileSaysWhere()
{
    const AutomationFiles files = read("- alias: a\n\tmode: single\n");
    QVERIFY(files.items.empty());
    QCOMPARE(files.unreadable, QStringList(QStringLiteral("automations.yaml")));
    QCOMPARE(files.problems.size(), 1);
    QCOMPARE(files.problems.first().place.file, QStringLiteral("automations.yaml"));
    QVERIFY(files.problems.first().place.line > 0);
}

void TestAutomationFiles::problemsBelongToTheAutomationAroundThem()
{
    const AutomationFiles files
        = read("- alias: a\n- alias: b\n  id: !secret nowhere\n- alias: c\n  mode: x\n  mode: y\n");
    QCOMPARE(int(files.items.size()), 3);
    QVERIFY(files.items[0].problems.isEmpty());
    QCOMPARE(files.items[1].problems.size(), 1);
    QCOMPARE(files.items[1].problems.first().place.line, 3);
    QCOMPARE(files.items[2].problems.size(), 1);
    QCOMPARE(files.items[2].problems.first().place.line, 6);
    QVERIFY(files.problems.isEmpty());
}

void TestAutomationFiles::aKeyBesideTheListIsAProblem()
{
    const AutomationFiles files = read("automation:\n  - alias: a\nscript:\n  x: 1\n");
    QCOMPARE(int(files.items.size()), 1);
    QCOMPARE(files.problems.size(), 1);
    QCOMPARE(files.problems.first().place.line, 3);
    QVERIFY(files.problems.first().message.contains(QStringLiteral("'script'")));
}

QTEST_GUILESS_MAIN(TestAutomationFiles)
#include "tst_automationfiles.moc"
