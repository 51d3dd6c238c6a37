// Every byte of a small backup, changed: verify finds it, or a restore is none the worse.
// ctest: slow

#include "tests/support/forgedarena.h"

#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/backupjob.h"
#include "integrations/backup/restorejob.h"
#include "integrations/backup/verifyjob.h"
#include "integrations/files/filessource.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::forge;

namespace {

// Small enough to try every byte; with one of each kind of thing.
void makeSource(const QByteArray &root)
{
    const auto write = [&](const char *name, const QByteArray &content, mode_t mode = 0644) {
        const QByteArray path = root + '/' + name;
        const FileDescriptor fd(::open(path.constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        QVERIFY(writeAt(fd.get(), { content.constData(), size_t(content.size()) }, 0));
        const timespec times[2]
            = { { 1'600'000'000, 987'654'321 }, { 1'600'000'000, 987'654'321 } };
        QVERIFY(::futimens(fd.get(), times) == 0 && ::fchmod(fd.get(), mode) == 0);
    };
    QByteArray noise;
    for (quint32 i = 0, x = 7; i < 300; ++i) {
        x = x * 1664525 + 1013904223;
        noise.append(char(x >> 24));
    }
    ::mkdir(root.constData(), 0750);
    write("deflated", QByteArray("many words, much the same; ").repeated(30), 0640);
    write("empty", {});
    write("executable", "#!/bin/sh\n", 0755);
    write("large", QByteArray("0123456789abcdef").repeated(80'000));
    write("noise", noise);
    ::link((root + "/deflated").constData(), (root + "/second name").constData());
    ::symlink("../nowhere", (root + "/link").constData());
    ::mkdir((root + "/folder").constData(), 0711);
    ::mkdir((root + "/folder/empty").constData(), 0700);
    ::setxattr((root + "/noise").constData(), "user.color", "blue", 4, 0);
    sqlite3 *db = nullptr;
    QCOMPARE(sqlite3_open((root + "/data.db").constData(), &db), SQLITE_OK);
    QCOMPARE(sqlite3_exec(db,
                 "PRAGMA page_size=512; CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'one');",
                 nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(db);
}

} // namespace

class TestFlippedBytes : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void theUntouchedBackupIsSound();
    void flipsAreFound_data();
    void flipsAreFound();
    void truncationsAreFound();
    void missingBytesAreFound();
    void addedBytesAreFound();

private:
    // Writes bytes and says what verify finds; nothing when it finds none.
    QByteArray problemIn(const QByteArray &bytes);
    // What a restore of the bytes written last makes; "" for one that failed.
    QMap<QByteArray, QByteArray> restored();
    // Fails when the change at that place goes unnoticed and does harm.
    bool isHarmless(const QByteArray &bytes, qsizetype at);

    QTemporaryDir m_folder;
    QByteArray m_bytes;
    FileDescriptor m_archive;
    QByteArray m_path;
    QMap<QByteArray, QByteArray> m_expected;
    qint64 m_tried = 0;
    qint64 m_found = 0;
};

void TestFlippedBytes::initTestCase()
{
    const QByteArray root = QFile::encodeName(m_folder.path());
    makeSource(root + "/source");
    BackupRequest request;
    request.output = root + "/backups";
    request.sources.push_back(std::make_unique<files::FilesSource>(
        files::FilesConfig { QStringLiteral("source"), root + "/source", {}, {} }));
    JobControl control;
    const Result<BackupOutcome> outcome = runBackup(request, control);
    QVERIFY2(outcome.ok(), outcome ? "" : qPrintable(outcome.error().message));
    m_bytes = contentOf(outcome->path);
    QVERIFY(m_bytes.size() > 1000 && m_bytes.size() < 24'000);

    m_archive = FileDescriptor(::memfd_create("archive", MFD_CLOEXEC));
    m_path = "/proc/self/fd/" + QByteArray::number(m_archive.get());
}

QByteArray TestFlippedBytes::problemIn(const QByteArray &bytes)
{
    ++m_tried;
    if (::ftruncate(m_archive.get(), 0) != 0
        || !writeAt(m_archive.get(), { bytes.constData(), size_t(bytes.size()) }, 0))
        qFatal("the archive could not be written");
    const Result<ArchiveReader> archive = ArchiveReader::open(m_path);
    if (!archive)
        return archive.error().code == ErrorCode::Corrupt ? archive.error().message.toUtf8()
                                                          : QByteArray();
    static WorkerPool pool(1);
    JobControl control;
    const Result<VerifyReport> report = runVerify(*archive, {}, pool, control);
    if (!report)
        return report.error().message.toUtf8();
    return report->problems.isEmpty() ? QByteArray() : report->problems.first().message.toUtf8();
}

QMap<QByteArray, QByteArray> TestFlippedBytes::restored()
{
    const QByteArray target = QFile::encodeName(m_folder.path()) + "/target";
    removeTree(target);
    const Result<ArchiveReader> archive = ArchiveReader::open(m_path);
    RestoreRequest request;
    request.target = target;
    request.threads = 1;
    JobControl control;
    if (!archive || !runRestore(*archive, request, control))
        return { { "failed", "" } };
    return treeState(target, Watch::Content, { target + "/nothing" });
}

bool TestFlippedBytes::isHarmless(const QByteArray &bytes, qsizetype at)
{
    if (!problemIn(bytes).isEmpty()) {
        ++m_found;
        return true;
    }
    qInfo("verify finds nothing wrong at byte %lld of %lld", qint64(at), qint64(m_bytes.size()));
    const QByteArray different = firstDifference(m_expected, restored());
    if (!different.isEmpty())
        qWarning("and a restore differs: %s", different.constData());
    return different.isEmpty();
}

void TestFlippedBytes::theUntouchedBackupIsSound()
{
    QCOMPARE(problemIn(m_bytes), QByteArray());
    m_expected = restored();
    QVERIFY(m_expected.size() > 10);
    // The comparison that stands for "no harm" sees what was backed up, whole.
    const QByteArray root = QFile::encodeName(m_folder.path());
    auto source = treeState(root + "/source", Watch::Content);
    auto target = treeState(root + "/target/source", Watch::Content);
    source.remove("data.db"); // its snapshot has other bytes
    target.remove("data.db");
    QCOMPARE(firstDifference(source, target), QByteArray());
    QVERIFY(source.value("noise").contains("user.color"));
    QVERIFY(source.value("second name").contains("same file as deflated"));
    m_tried = m_found = 0;
}

void TestFlippedBytes::flipsAreFound_data()
{
    QTest::addColumn<int>("mask");
    for (const int mask : { 0x01, 0x80, 0xff })
        QTest::addRow("xor %02x", unsigned(mask)) << mask;
}

void TestFlippedBytes::flipsAreFound()
{
    QFETCH(int, mask);
    m_tried = m_found = 0;
    for (qsizetype at = 0; at < m_bytes.size(); ++at) {
        QByteArray bytes = m_bytes;
        bytes[at] = char(quint8(bytes[at]) ^ mask);
        QVERIFY2(isHarmless(bytes, at), QByteArray::number(at).constData());
    }
    qInfo("verify found %lld of %lld flips", m_found, m_tried);
    // Bits that only fill up a byte, where a deflate stream in the manifest is flushed or
    // ends, mean nothing; every other one is found.
    const qint64 paddings = mask == 0x80 ? 4 : 0;
    QVERIFY2(m_found >= m_tried - paddings, QByteArray::number(m_tried - m_found).constData());
}

void TestFlippedBytes::truncationsAreFound()
{
    for (qsizetype length = 0; length < m_bytes.size(); ++length)
        QVERIFY2(
            !problemIn(m_bytes.left(length)).isEmpty(), QByteArray::number(length).constData());
}

void TestFlippedBytes::missingBytesAreFound()
{
    for (qsizetype at = 0; at < m_bytes.size(); at += 3) {
        QByteArray bytes = m_bytes;
        QVERIFY2(!problemIn(bytes.remove(at, 1)).isEmpty(), QByteArray::number(at).constData());
    }
}

void TestFlippedBytes::addedBytesAreFound()
{
    for (qsizetype at = 0; at <= m_bytes.size(); at += 3) {
        for (const char added : { '\0', 'P', '\xff' }) {
            QByteArray bytes = m_bytes;
            QVERIFY2(
                !problemIn(bytes.insert(at, added)).isEmpty(), QByteArray::number(at).constData());
        }
    }
}

QTEST_GUILESS_MAIN(TestFlippedBytes)
#include "tst_flippedbytes.moc"
