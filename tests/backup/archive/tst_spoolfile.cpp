#include "integrations/backup/archive/spoolfile.h"
#include "tests/support/archivebuilder.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QByteArray readBack(SpoolFile &spool, qint64 size, qint64 offset)
{
    QByteArray bytes(size, Qt::Uninitialized);
    const Result<void> read = spool.readBack({ bytes.data(), size_t(size) }, offset);
    return read ? bytes : QByteArray("failed");
}

} // namespace

class TestSpoolFile : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void hasNoNameAndIsPrivate();
    void givesBackWhatWasAppended_data();
    void givesBackWhatWasAppended();
    void readingAndAppendingMayAlternate();
    void whatWasTruncatedIsWrittenOver_data();
    void whatWasTruncatedIsWrittenOver();
    void readingPastTheEndFails();
    void isFlushedBeforeItsDescriptorIsRead();
    void aFolderThatIsNotThereIsNamed();

private:
    std::optional<QTemporaryDir> m_folder;
};

void TestSpoolFile::init()
{
    m_folder.emplace();
    QVERIFY(m_folder->isValid());
}

void TestSpoolFile::hasNoNameAndIsPrivate()
{
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    QVERIFY(spool->append(QByteArray("abc")));
    QVERIFY(spool->flush());
    QVERIFY(QDir(m_folder->path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
    struct stat status;
    QCOMPARE(::fstat(spool->descriptor(), &status), 0);
    QCOMPARE(status.st_mode & 0777U, 0600U);
    QVERIFY(::fcntl(spool->descriptor(), F_GETFD) & FD_CLOEXEC);
}

void TestSpoolFile::givesBackWhatWasAppended_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("step");
    QTest::newRow("nothing") << 0 << 1;
    QTest::newRow("byte by byte") << 1000 << 1;
    QTest::newRow("a buffer") << 256 * 1024 << 256 * 1024;
    QTest::newRow("around the buffer") << 3 * 256 * 1024 << 256 * 1024 - 1;
    QTest::newRow("in large pieces") << (3 << 20) << (1 << 20) + 1;
}

void TestSpoolFile::givesBackWhatWasAppended()
{
    QFETCH(int, size);
    QFETCH(int, step);

    const QByteArray content = randomBytes(size);
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    for (int at = 0; at < size; at += step) {
        QVERIFY(spool->append(content.mid(at, step)));
        QCOMPARE(spool->size(), qint64(std::min(size, at + step)));
    }
    QVERIFY(readBack(*spool, size, 0) == content);
    QCOMPARE(spool->size(), qint64(size));
}

void TestSpoolFile::readingAndAppendingMayAlternate()
{
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    QVERIFY(spool->append(QByteArray("0123456789")));
    QCOMPARE(readBack(*spool, 3, 4), QByteArray("456"));
    QVERIFY(spool->append(QByteArray("abc")));
    QCOMPARE(readBack(*spool, 6, 7), QByteArray("789abc"));
    QCOMPARE(spool->size(), 13);
}

void TestSpoolFile::whatWasTruncatedIsWrittenOver_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("to");
    QTest::newRow("in the buffer") << 100 << 40;
    QTest::newRow("to nothing") << 100 << 0;
    QTest::newRow("not at all") << 100 << 100;
    QTest::newRow("in what was written") << 600'000 << 100;
}

void TestSpoolFile::whatWasTruncatedIsWrittenOver()
{
    QFETCH(int, before);
    QFETCH(int, to);

    const QByteArray content = randomBytes(before);
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    QVERIFY(spool->append(content));
    QVERIFY(spool->truncate(to));
    QCOMPARE(spool->size(), qint64(to));
    QVERIFY(spool->append(QByteArray("new")));
    QCOMPARE(spool->size(), qint64(to + 3));
    QVERIFY(readBack(*spool, to + 3, 0) == content.left(to) + "new");
}

void TestSpoolFile::readingPastTheEndFails()
{
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    QVERIFY(spool->append(QByteArray("abc")));
    char buffer[4];
    QVERIFY(!spool->readBack(buffer, 0));
    QVERIFY(!spool->readBack(buffer, 3));
}

void TestSpoolFile::isFlushedBeforeItsDescriptorIsRead()
{
    Result<SpoolFile> spool = SpoolFile::create(m_folder->path().toUtf8());
    QVERIFY(spool);
    QVERIFY(spool->append(QByteArray("abc")));
    QVERIFY(spool->flush());
    char buffer[3];
    QVERIFY(readExactlyAt(spool->descriptor(), buffer, 0));
    QCOMPARE(QByteArray(buffer, 3), QByteArray("abc"));
}

void TestSpoolFile::aFolderThatIsNotThereIsNamed()
{
    const QByteArray missing = m_folder->filePath(QStringLiteral("missing")).toUtf8();
    const Result<SpoolFile> spool = SpoolFile::create(missing);
    QVERIFY(!spool);
    QCOMPARE(spool.error().code, ErrorCode::NotFound);
    QVERIFY(spool.error().message.contains(QString::fromUtf8(missing)));
}

QTEST_GUILESS_MAIN(TestSpoolFile)
#include "tst_spoolfile.moc"
