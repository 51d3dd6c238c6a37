#include "automation/core/filedescriptor.h"

#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace hubkeep;

namespace {

bool isOpen(int fd)
{
    return ::fcntl(fd, F_GETFD) >= 0;
}

FileDescriptor devNull()
{
    return FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

} // namespace

class TestFileDescriptor : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(m_folder.isValid()); }
    void closesWhatItHolds();
    void movingHandsTheDescriptorOver();
    void assigningClosesWhatWasHeld();
    void closingTwiceIsHarmless();
    void displayNamesCannotForgeLines_data();
    void displayNamesCannotForgeLines();
    void systemErrorsSayWhatToDo_data();
    void systemErrorsSayWhatToDo();
    void readAtStopsAtTheEndOfTheFile();
    void readingPartsGivesExactlyThem();
    void readExactlyFailsWhereTheFileEnds();
    void readingWhatCannotBeReadFails();
    void writeAtWritesAllOfIt();
    void writingPastALimitFails();
    void syncFolderNeedsAFolder();

private:
    FileDescriptor newFile(const QByteArray &content);

    QTemporaryDir m_folder;
    int m_files = 0;
};

FileDescriptor TestFileDescriptor::newFile(const QByteArray &content)
{
    const QByteArray path = m_folder.filePath(QString::number(++m_files)).toUtf8();
    FileDescriptor fd(::open(path.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const ssize_t written = ::write(fd.get(), content.constData(), size_t(content.size()));
    return written == content.size() ? std::move(fd) : FileDescriptor();
}

void TestFileDescriptor::closesWhatItHolds()
{
    QVERIFY(!FileDescriptor().isOpen());
    int number = -1;
    {
        const FileDescriptor fd = devNull();
        QVERIFY(fd.isOpen());
        number = fd.get();
        QVERIFY(isOpen(number));
    }
    QVERIFY(!isOpen(number));
}

void TestFileDescriptor::movingHandsTheDescriptorOver()
{
    FileDescriptor first = devNull();
    const int number = first.get();
    const FileDescriptor second(std::move(first));
    QVERIFY(!first.isOpen());
    QCOMPARE(second.get(), number);
    QVERIFY(isOpen(number));
}

void TestFileDescriptor::assigningClosesWhatWasHeld()
{
    FileDescriptor kept = devNull();
    const int before = kept.get();
    int after = -1;
    {
        FileDescriptor other = devNull();
        after = other.get();
        kept = std::move(other);
    }
    QCOMPARE(kept.get(), after);
    QVERIFY(isOpen(after));
    QVERIFY(!isOpen(before));
}

void TestFileDescriptor::closingTwiceIsHarmless()
{
    FileDescriptor fd = devNull();
    const int number = fd.get();
    fd.close();
    QVERIFY(!fd.isOpen());
    QVERIFY(!isOpen(number));
    const FileDescriptor reused = devNull(); // takes the same number
    fd.close();
    QVERIFY(isOpen(reused.get()));
}

void TestFileDescriptor::displayNamesCannotForgeLines_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QString>("shown");
    const auto add = [](const char *what, const QByteArray &name, const char *shown) {
        QTest::newRow(what) << name << QString::fromUtf8(shown);
    };

    add("plain", "/srv/a b", "/srv/a b");
    add("empty", "", "");
    add("umlaut", "\xc3\xa4", "\xc3\xa4");
    add("beyond the first plane", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
    add("newline", "a\nerror: b", "a\\u000aerror: b");
    add("carriage return", "a\rb", "a\\u000db");
    add("escape", "\x1b[2J", "\\u001b[2J");
    add("tab", "a\tb", "a\\u0009b");
    add("NUL", QByteArray("a\0b", 3), "a\\u0000b");
    add("delete", "a\x7f", "a\\u007f");
    add("space stays", " ", " ");
    add("next line", "a\xc2\x85z", "a\\u0085z");
    add("control sequence introducer",
        "a\xc2\x9b"
        "2J",
        "a\\u009b2J");
    add("no-break space stays", "\xc2\xa0", "\xc2\xa0");
    add("line separator", "a\xe2\x80\xa8z", "a\\u2028z");
    add("paragraph separator", "a\xe2\x80\xa9z", "a\\u2029z");
    add("right to left override", "a\xe2\x80\xaegpj.exe", "a\\u202egpj.exe");
    add("first embedding", "\xe2\x80\xaa", "\\u202a");
    add("isolate",
        "\xe2\x81\xa6"
        "a\xe2\x81\xa9",
        "\\u2066a\\u2069");
    add("after the isolates", "\xe2\x81\xaa", "\xe2\x81\xaa");
    add("not UTF-8",
        "a\xff"
        "b",
        "a\xef\xbf\xbd"
        "b");
    add("overlong newline", "\xc0\x8a", "\xef\xbf\xbd\xef\xbf\xbd");
}

void TestFileDescriptor::displayNamesCannotForgeLines()
{
    QFETCH(QByteArray, name);
    QFETCH(QString, shown);

    QCOMPARE(displayName(name), shown);
}

void TestFileDescriptor::systemErrorsSayWhatToDo_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("advice");

    QTest::newRow("ENOSPC") << ENOSPC << int(ErrorCode::NoSpace)
                            << QStringLiteral("free some space");
    QTest::newRow("EDQUOT") << EDQUOT << int(ErrorCode::NoSpace)
                            << QStringLiteral("free some space");
    QTest::newRow("ENOENT") << ENOENT << int(ErrorCode::NotFound) << QString();
    QTest::newRow("ENOTDIR") << ENOTDIR << int(ErrorCode::NotFound) << QString();
    QTest::newRow("EACCES") << EACCES << int(ErrorCode::Forbidden) << QStringLiteral("permissions");
    QTest::newRow("EPERM") << EPERM << int(ErrorCode::Forbidden) << QStringLiteral("permissions");
    QTest::newRow("EROFS") << EROFS << int(ErrorCode::Forbidden)
                           << QStringLiteral("can be written");
    QTest::newRow("EIO") << EIO << int(ErrorCode::Io) << QStringLiteral("disk");
    QTest::newRow("EMFILE") << EMFILE << int(ErrorCode::Io) << QString();
}

void TestFileDescriptor::systemErrorsSayWhatToDo()
{
    QFETCH(int, number);
    QFETCH(int, code);
    QFETCH(QString, advice);

    const Error error = systemError(number);
    QCOMPARE(int(error.code), code);
    QVERIFY(error.message.startsWith(QString::fromLocal8Bit(std::strerror(number))));
    QVERIFY2(error.message.contains(advice), qPrintable(error.message));
    QVERIFY(!error.message.endsWith(QLatin1Char('.')));
    QVERIFY(!error.message.contains(QLatin1Char('\n')));
}

void TestFileDescriptor::readAtStopsAtTheEndOfTheFile()
{
    const FileDescriptor file = newFile("0123456789");
    std::array<char, 8> buffer {};
    const Result<qsizetype> whole = readAt(file.get(), buffer, 0);
    QVERIFY(whole);
    QCOMPARE(*whole, 8);
    const Result<qsizetype> part = readAt(file.get(), buffer, 7);
    QVERIFY(part);
    QCOMPARE(*part, 3);
    QCOMPARE(QByteArray(buffer.data(), 3), QByteArray("789"));
    const Result<qsizetype> atEnd = readAt(file.get(), buffer, 10);
    QVERIFY(atEnd);
    QCOMPARE(*atEnd, 0);
    const Result<qsizetype> beyond = readAt(file.get(), buffer, 1000);
    QVERIFY(beyond);
    QCOMPARE(*beyond, 0);
    const Result<qsizetype> nothing = readAt(file.get(), {}, 3);
    QVERIFY(nothing);
    QCOMPARE(*nothing, 0);
}

void TestFileDescriptor::readingPartsGivesExactlyThem()
{
    const FileDescriptor file = newFile("0123456789");
    std::array<char, 4> buffer {};
    QVERIFY(readExactlyAt(file.get(), buffer, 6));
    QCOMPARE(QByteArray(buffer.data(), 4), QByteArray("6789"));
    QVERIFY(readExactlyAt(file.get(), {}, 10));
}

void TestFileDescriptor::readExactlyFailsWhereTheFileEnds()
{
    const FileDescriptor file = newFile("0123456789");
    std::array<char, 4> buffer {};
    for (const qint64 offset : { 7, 10, 11 }) {
        const Result<void> read = readExactlyAt(file.get(), buffer, offset);
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::Corrupt);
    }
}

void TestFileDescriptor::readingWhatCannotBeReadFails()
{
    std::array<char, 4> buffer {};
    QVERIFY(!readAt(-1, buffer, 0));
    const FileDescriptor folder(::open(m_folder.path().toUtf8().constData(), O_RDONLY | O_CLOEXEC));
    const Result<void> read = readExactlyAt(folder.get(), buffer, 0);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::Io);
}

void TestFileDescriptor::writeAtWritesAllOfIt()
{
    const FileDescriptor file = newFile("0123456789");
    QVERIFY(writeAt(file.get(), std::span("abc", 3), 8));
    QVERIFY(writeAt(file.get(), {}, 0));
    std::array<char, 11> buffer {};
    QVERIFY(readExactlyAt(file.get(), buffer, 0));
    QCOMPARE(QByteArray(buffer.data(), 11), QByteArray("01234567abc"));
    QVERIFY(!writeAt(-1, std::span("abc", 3), 0));
}

void TestFileDescriptor::writingPastALimitFails()
{
    const FileDescriptor file = newFile({});
    const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const Result<void> noSpace = writeAt(full.get(), std::span("abc", 3), 0);
    QVERIFY(!noSpace);
    QCOMPARE(noSpace.error().code, ErrorCode::NoSpace);

    // The first pwrite() is short, the second one fails: what was asked for did not happen.
    struct rlimit before;
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small
    {
        10, before.rlim_max
    };
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Result<void> written = writeAt(file.get(), std::span("0123456789abcdef", 16), 0);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::Io);
}

void TestFileDescriptor::syncFolderNeedsAFolder()
{
    QVERIFY(syncFolder(m_folder.path().toUtf8()));
    const Result<void> missing = syncFolder(m_folder.filePath(QStringLiteral("no")).toUtf8());
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(missing.error().message.contains(m_folder.path()));
    newFile("x");
    QVERIFY(!syncFolder(m_folder.filePath(QString::number(m_files)).toUtf8()));
}

QTEST_GUILESS_MAIN(TestFileDescriptor)
#include "tst_filedescriptor.moc"
