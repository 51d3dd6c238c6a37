// Changes of files are noticed, however an editor makes them, and in time.

#include "automation/engine/folderwatch.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace hubkeep::automation;

namespace {

void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(text);
}

} // namespace

class TestFolderWatch : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void aFileWrittenInPlaceIsNoticed();
    void aFileThatIsReplacedIsNoticedEachTime();
    void newAndRemovedFilesAreNoticed();
    void aFolderThatComesLaterIsWatched();
    void whatALinkLeadsToIsWatched();
    void manyChangesAreSaidOnce();

private:
    QString path(const char *name) const { return m_folder->filePath(QLatin1String(name)); }
    // Somebody changes something; then it is said.
    void expectChange(const std::function<void()> &change);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FolderWatch> m_watch;
};

void TestFolderWatch::init()
{
    m_watch.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    write(path("automations.yaml"), "[]");
    m_watch = std::make_unique<FolderWatch>(m_folder->path());
}

void TestFolderWatch::expectChange(const std::function<void()> &change)
{
    QSignalSpy changed(m_watch.get(), &FolderWatch::changed);
    change();
    QVERIFY(changed.wait());
}

void TestFolderWatch::aFileWrittenInPlaceIsNoticed()
{
    for (int i = 0; i < 3; ++i)
        expectChange([&] { write(path("automations.yaml"), QByteArray::number(i)); });
}

void TestFolderWatch::aFileThatIsReplacedIsNoticedEachTime()
{
    for (int i = 0; i < 3; ++i) {
        expectChange([&] {
            write(path("automations.yaml~"), QByteArray::number(i));
            QVERIFY(::rename(QFile::encodeName(path("automations.yaml~")),
                        QFile::encodeName(path("automations.yaml")))
                == 0);
        });
        expectChange([&] { write(path("automations.yaml"), "in place"); });
    }
}

void TestFolderWatch::newAndRemovedFilesAreNoticed()
{
    expectChange([&] { write(path("secrets.yaml"), "a: b"); });
    expectChange([&] { write(path("secrets.yaml"), "a: c"); });
    expectChange([&] { QVERIFY(QFile::remove(path("secrets.yaml"))); });
}

void TestFolderWatch::aFolderThatComesLaterIsWatched()
{
    expectChange([&] { QVERIFY(QDir(m_folder->path()).mkdir(QStringLiteral("automations"))); });
    expectChange([&] { write(path("automations/a.yaml"), "1"); });
    expectChange([&] { write(path("automations/a.yaml"), "2"); });
}

void TestFolderWatch::whatALinkLeadsToIsWatched()
{
    const QTemporaryDir elsewhere;
    const QString target = elsewhere.filePath(QStringLiteral("real.yaml"));
    write(target, "1");
    expectChange([&] { QVERIFY(QFile::link(target, path("linked.yaml"))); });
    expectChange([&] { write(target, "2"); });
}

void TestFolderWatch::manyChangesAreSaidOnce()
{
    QSignalSpy changed(m_watch.get(), &FolderWatch::changed);
    for (int i = 0; i < 10; ++i)
        write(path("automations.yaml"), QByteArray::number(i));
    QVERIFY(changed.wait());
    QCOMPARE(changed.count(), 1);
}

QTEST_GUILESS_MAIN(TestFolderWatch)
#include "tst_folderwatch.moc"
