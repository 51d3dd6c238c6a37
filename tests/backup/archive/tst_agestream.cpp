// ctest: threaded
#include "integrations/backup/archive/agearmour.h"
#include "integrations/backup/archive/agechunk.h"
#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/agestream.h"
#include "tests/support/agecommand.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTest>

#include <algorithm>
#include <cstring>
#include <future>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QByteArray randomBytes(qint64 size)
{
    QRandomGenerator random(4711);
    QByteArray bytes(size, Qt::Uninitialized);
    for (char &byte : bytes)
        byte = char(random.generate());
    return bytes;
}

ByteReader readerFrom(const QByteArray &bytes)
{
    return [bytes, at = qsizetype(0)](std::span<char> buffer) mutable -> Result<qsizetype> {
        const qsizetype count = std::min(qsizetype(buffer.size()), bytes.size() - at);
        std::memcpy(buffer.data(), bytes.constData() + at, size_t(count));
        at += count;
        return count;
    };
}

ByteWriter writerInto(QByteArray &bytes)
{
    return [&bytes](std::span<const char> part) {
        bytes.append(part.data(), qsizetype(part.size()));
        return Result<void>();
    };
}

const ByteWriter nowhere = [](std::span<const char>) { return Result<void>(); };

void write(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not there");
}

} // namespace

class TestAgeStream : public QObject
{
    Q_OBJECT

private slots:
    void comesBackWhateverItsSize_data();
    void comesBackWhateverItsSize();
    void eachRecipientOpensItAndNobodyElse();
    void aPassphraseOpensIt();
    void saysWhatWasGivenAndWhatIsWanted();
    void neverTakesRecipientsAndAPassphrase();
    void whoWroteItReadsItBack();
    void everyFlippedByteIsSeen();
    void everyCutIsSeen();
    void whatIsPutBehindIsSeen();
    void exchangedChunksAreSeen();
    void isReadAnywhereByManyThreads();
    void aFileThatChangedMeanwhileIsSeenWhenRead();
    void armourIsUndone();
    void stopsWhenCancelled();
    void saysWhatTheOutputFailedWith();
    void saysWhatTheInputFailedWith();
    void theAgeCommandOpensOurs_data();
    void theAgeCommandOpensOurs();
    void weOpenTheAgeCommands_data();
    void weOpenTheAgeCommands();
    void passphrasesGoBothWays();

private:
    QByteArray encrypted(const QByteArray &plain, const AgeRecipients &recipients);
    Result<QByteArray> decrypted(const QByteArray &bytes, const AgeKeys &keys);
    Result<std::unique_ptr<AgeFile>> openFile(const QByteArray &bytes, const AgeKeys &keys);

    WorkerPool m_pool { 2 };
    JobControl m_control;
    const AgeIdentity m_identity = AgeIdentity::generate();
    const AgeRecipients m_recipients { { m_identity.recipient() } };
    const AgeKeys m_keys { { m_identity } };
};

QByteArray TestAgeStream::encrypted(const QByteArray &plain, const AgeRecipients &recipients)
{
    QByteArray bytes;
    const Result<AgeFileKey> done
        = encryptAge(readerFrom(plain), writerInto(bytes), recipients, m_pool, m_control);
    return done ? bytes : QByteArray("failed: ") + done.error().message.toUtf8();
}

Result<QByteArray> TestAgeStream::decrypted(const QByteArray &bytes, const AgeKeys &keys)
{
    QByteArray plain;
    const Result<void> done
        = decryptAge(readerFrom(bytes), writerInto(plain), keys, m_pool, m_control);
    if (!done)
        return done.error();
    return plain;
}

Result<std::unique_ptr<AgeFile>> TestAgeStream::openFile(
    const QByteArray &bytes, const AgeKeys &keys)
{
    QTemporaryFile file;
    if (!file.open() || file.write(bytes) != bytes.size() || !file.flush())
        return Error { ErrorCode::Io, file.errorString() };
    return AgeFile::open(
        std::make_unique<FileBytes>(FileDescriptor(::dup(file.handle())), bytes.size()), keys);
}

void TestAgeStream::comesBackWhateverItsSize_data()
{
    QTest::addColumn<qint64>("size");
    const qint64 batch = 16 * ageChunkSize;
    for (const qint64 size :
        { qint64(0), qint64(1), ageChunkSize - 1, ageChunkSize, ageChunkSize + 1, 2 * ageChunkSize,
            batch - 1, batch, batch + 1, batch + ageChunkSize, 9 * batch, 9 * batch + 12345 })
        QTest::newRow(qPrintable(QString::number(size))) << size;
}

void TestAgeStream::comesBackWhateverItsSize()
{
    QFETCH(qint64, size);
    const QByteArray plain = randomBytes(size);
    const QByteArray bytes = encrypted(plain, m_recipients);
    const qsizetype header = bytes.indexOf("\n---") + 5 + 43 + 1;
    QCOMPARE(bytes.size(), header + ageNonceSize + size + ageChunks(size) * ageTagSize);
    const Result<QByteArray> back = decrypted(bytes, m_keys);
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    QVERIFY(*back == plain);
    const Result<std::unique_ptr<AgeFile>> file = openFile(bytes, m_keys);
    QVERIFY2(file, qPrintable(file ? QString() : file.error().message));
    QCOMPARE((*file)->size(), size);
}

void TestAgeStream::eachRecipientOpensItAndNobodyElse()
{
    const AgeIdentity other = AgeIdentity::generate();
    const QByteArray plain = randomBytes(1000);
    const QByteArray bytes = encrypted(plain, { { m_identity.recipient(), other.recipient() } });
    QCOMPARE(*decrypted(bytes, m_keys), plain);
    QCOMPARE(*decrypted(bytes, { { AgeIdentity::generate(), other } }), plain);
    const Result<QByteArray> stranger = decrypted(bytes, { { AgeIdentity::generate() } });
    QVERIFY(!stranger);
    QCOMPARE(stranger.error().code, ErrorCode::Unauthorized);
}

void TestAgeStream::aPassphraseOpensIt()
{
    const QByteArray bytes = encrypted("content", { {}, "correct horse", 10 });
    QCOMPARE(*decrypted(bytes, { {}, "correct horse" }), QByteArray("content"));
    const Result<QByteArray> wrong = decrypted(bytes, { {}, "correct hors" });
    QVERIFY(!wrong);
    QCOMPARE(wrong.error().code, ErrorCode::Unauthorized);
}

void TestAgeStream::saysWhatWasGivenAndWhatIsWanted()
{
    const QByteArray withPassphrase = encrypted("content", { {}, "correct horse", 10 });
    QVERIFY(
        decrypted(withPassphrase, m_keys)
            .error()
            .message.contains(QStringLiteral("encrypted with a passphrase, and none was given")));
    const QByteArray toRecipient = encrypted("content", m_recipients);
    QVERIFY(decrypted(toRecipient, { {}, "correct horse" })
                .error()
                .message.contains(QStringLiteral("no identity was given")));
}

void TestAgeStream::neverTakesRecipientsAndAPassphrase()
{
    QByteArray bytes;
    for (const AgeRecipients &recipients :
        { AgeRecipients { { m_identity.recipient() }, "and a passphrase" }, AgeRecipients {} }) {
        const Result<AgeFileKey> done
            = encryptAge(readerFrom("content"), writerInto(bytes), recipients, m_pool, m_control);
        QVERIFY(!done);
        QCOMPARE(done.error().code, ErrorCode::InvalidArgument);
        QVERIFY(bytes.isEmpty());
    }
}

void TestAgeStream::whoWroteItReadsItBack()
{
    const QByteArray plain = randomBytes(200'000);
    QByteArray bytes;
    const Result<AgeFileKey> key
        = encryptAge(readerFrom(plain), writerInto(bytes), m_recipients, m_pool, m_control);
    QVERIFY(key);
    QVERIFY(*decrypted(bytes, { {}, {}, *key }) == plain);
    const QByteArray other = encrypted(plain, m_recipients);
    QCOMPARE(decrypted(other, { {}, {}, *key }).error().code, ErrorCode::Corrupt);
}

void TestAgeStream::everyFlippedByteIsSeen()
{
    const QByteArray plain = randomBytes(ageChunkSize + 100);
    const QByteArray bytes = encrypted(plain, m_recipients);
    const qsizetype head = 300; // everything of the header, then here and there
    for (qsizetype at = 0; at < bytes.size(); at += at < head ? 1 : 997) {
        QByteArray changed = bytes;
        changed[at] = char(changed[at] ^ 4);
        QVERIFY2(!decrypted(changed, m_keys), qPrintable(QString::number(at)));
        const Result<std::unique_ptr<AgeFile>> file = openFile(changed, m_keys);
        QByteArray content(plain.size(), Qt::Uninitialized);
        QVERIFY2(!file || !(*file)->read({ content.data(), size_t(content.size()) }, 0),
            qPrintable(QString::number(at)));
    }
}

void TestAgeStream::everyCutIsSeen()
{
    const QByteArray bytes = encrypted(randomBytes(2 * ageChunkSize), m_recipients);
    const qsizetype payload = bytes.indexOf("\n---") + 5 + 43 + 1 + ageNonceSize;
    QList<qsizetype> cuts { payload, payload + ageSealedSize, payload + ageSealedSize - 1,
        payload + ageSealedSize + ageTagSize, bytes.size() - 1 };
    for (qsizetype at = 0; at < payload; ++at)
        cuts.append(at);
    for (const qsizetype at : cuts) {
        const Result<QByteArray> cut = decrypted(bytes.left(at), m_keys);
        QVERIFY2(!cut, qPrintable(QString::number(at)));
        QCOMPARE(cut.error().code, ErrorCode::Corrupt);
        const Result<std::unique_ptr<AgeFile>> file = openFile(bytes.left(at), m_keys);
        QVERIFY2(!file, qPrintable(QString::number(at)));
        QCOMPARE(file.error().code, ErrorCode::Corrupt);
    }
}

void TestAgeStream::whatIsPutBehindIsSeen()
{
    for (const qint64 size : { qint64(0), qint64(100), ageChunkSize, 16 * ageChunkSize }) {
        const QByteArray bytes = encrypted(randomBytes(size), m_recipients);
        for (const qint64 more : { qint64(1), ageTagSize, ageSealedSize, 20 * ageSealedSize }) {
            const QByteArray longer = bytes + randomBytes(more);
            QCOMPARE(decrypted(longer, m_keys).error().code, ErrorCode::Corrupt);
            QCOMPARE(openFile(longer, m_keys).error().code, ErrorCode::Corrupt);
        }
    }
}

void TestAgeStream::exchangedChunksAreSeen()
{
    const QByteArray bytes = encrypted(randomBytes(3 * ageChunkSize), m_recipients);
    const qsizetype payload = bytes.size() - 3 * ageSealedSize;
    const QByteArray exchanged = bytes.left(payload)
        + bytes.mid(payload + ageSealedSize, ageSealedSize) + bytes.mid(payload, ageSealedSize)
        + bytes.right(ageSealedSize);
    QVERIFY(!decrypted(exchanged, m_keys));
    const Result<std::unique_ptr<AgeFile>> file = openFile(exchanged, m_keys);
    QVERIFY(file); // the end is right
    char byte;
    QCOMPARE((*file)->read({ &byte, 1 }, 0).error().code, ErrorCode::Corrupt);
}

void TestAgeStream::isReadAnywhereByManyThreads()
{
    const QByteArray plain = randomBytes(20 * ageChunkSize + 777);
    const Result<std::unique_ptr<AgeFile>> file = openFile(encrypted(plain, m_recipients), m_keys);
    QVERIFY(file);
    const auto readAround = [&](quint32 seed) {
        QRandomGenerator random(seed);
        for (int i = 0; i < 100; ++i) {
            const qint64 offset = random.bounded(plain.size());
            const qint64 most = std::min<qint64>(plain.size() - offset, 3 * ageChunkSize);
            const qint64 length = random.bounded(qint64(most + 1));
            QByteArray part(length, Qt::Uninitialized);
            if (!(*file)->read({ part.data(), size_t(length) }, offset)
                || part != plain.mid(offset, length))
                return false;
        }
        return true;
    };
    std::vector<std::future<bool>> readers;
    for (quint32 seed = 1; seed <= 4; ++seed)
        readers.push_back(m_pool.run([&, seed] { return readAround(seed); }));
    for (std::future<bool> &reader : readers)
        QVERIFY(reader.get());
    char byte;
    QCOMPARE((*file)->read({ &byte, 1 }, plain.size()).error().code, ErrorCode::Corrupt);
    QCOMPARE((*file)->read({ &byte, 1 }, -1).error().code, ErrorCode::Corrupt);
}

void TestAgeStream::aFileThatChangedMeanwhileIsSeenWhenRead()
{
    const QByteArray bytes = encrypted(randomBytes(3 * ageChunkSize), m_recipients);
    QTemporaryFile stored;
    QVERIFY(stored.open());
    QCOMPARE(stored.write(bytes), bytes.size());
    QVERIFY(stored.flush());
    const Result<std::unique_ptr<AgeFile>> file = AgeFile::open(
        std::make_unique<FileBytes>(FileDescriptor(::dup(stored.handle())), bytes.size()), m_keys);
    QVERIFY(file);
    QVERIFY(stored.resize(bytes.size() - 2 * ageSealedSize));
    std::vector<char> content(size_t(3 * ageChunkSize));
    QCOMPARE((*file)->read(content, 0).error().code, ErrorCode::Corrupt);
}

void TestAgeStream::armourIsUndone()
{
    for (const qint64 size : { 0, 1, 24, 47, 48, 49, 100'000 }) {
        const QByteArray plain = randomBytes(size);
        const Result<QByteArray> back = decrypted(armoured(encrypted(plain, m_recipients)), m_keys);
        QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
        QVERIFY(*back == plain);
    }
    const Result<std::unique_ptr<AgeFile>> file
        = openFile(armoured(encrypted("content", m_recipients)), m_keys);
    QVERIFY(!file);
    QVERIFY(file.error().message.contains(QStringLiteral("hubkeep decrypt")));
}

void TestAgeStream::stopsWhenCancelled()
{
    const QByteArray plain = randomBytes(40 << 20);
    const QByteArray bytes = encrypted(plain, m_recipients);
    JobControl control;
    qint64 written = 0;
    const ByteWriter cancelling = [&](std::span<const char> part) {
        written += qint64(part.size());
        control.cancel();
        return Result<void>();
    };
    QCOMPARE(decryptAge(readerFrom(bytes), cancelling, m_keys, m_pool, control).error().code,
        ErrorCode::Cancelled);
    QVERIFY(written < 10 << 20);
    QCOMPARE(encryptAge(readerFrom(plain), nowhere, m_recipients, m_pool, control).error().code,
        ErrorCode::Cancelled);
}

void TestAgeStream::saysWhatTheOutputFailedWith()
{
    const QByteArray plain = randomBytes(10 << 20);
    const QByteArray bytes = encrypted(plain, m_recipients);
    const auto fullAfter = [](qint64 most) {
        return [most, written = qint64(0)](std::span<const char> part) mutable -> Result<void> {
            written += qint64(part.size());
            if (written > most)
                return Error { ErrorCode::NoSpace, QStringLiteral("full") };
            return {};
        };
    };
    for (const qint64 most : { 0, 1000, 5 << 20 }) {
        QCOMPARE(encryptAge(readerFrom(plain), fullAfter(most), m_recipients, m_pool, m_control)
                     .error()
                     .code,
            ErrorCode::NoSpace);
        QCOMPARE(
            decryptAge(readerFrom(bytes), fullAfter(most), m_keys, m_pool, m_control).error().code,
            ErrorCode::NoSpace);
    }
}

void TestAgeStream::saysWhatTheInputFailedWith()
{
    const QByteArray bytes = encrypted(randomBytes(10 << 20), m_recipients);
    for (const qsizetype most : { qsizetype(0), qsizetype(100), qsizetype(5 << 20) }) {
        const auto failing = [&] {
            return [from = readerFrom(bytes), most, done = qsizetype(0)](
                       std::span<char> buffer) mutable -> Result<qsizetype> {
                done += qsizetype(buffer.size());
                if (done > most)
                    return Error { ErrorCode::Io, QStringLiteral("the disk") };
                return from(buffer);
            };
        };
        QCOMPARE(encryptAge(failing(), nowhere, m_recipients, m_pool, m_control).error().code,
            ErrorCode::Io);
        QCOMPARE(
            decryptAge(failing(), nowhere, m_keys, m_pool, m_control).error().code, ErrorCode::Io);
    }
}

void TestAgeStream::theAgeCommandOpensOurs_data()
{
    QTest::addColumn<qint64>("size");
    for (const qint64 size : { qint64(0), qint64(5), ageChunkSize, 3 * ageChunkSize + 5,
             16 * ageChunkSize, qint64(5 << 20) })
        QTest::newRow(qPrintable(QString::number(size))) << size;
}

void TestAgeStream::theAgeCommandOpensOurs()
{
    if (!ageIsMissing().isEmpty())
        QSKIP(qPrintable(ageIsMissing()));
    QFETCH(qint64, size);
    QTemporaryDir folder;
    const QByteArray plain = randomBytes(size);
    write(folder.filePath(QStringLiteral("key")), "# ours\n" + m_identity.text() + '\n');
    write(folder.filePath(QStringLiteral("sealed")),
        encrypted(plain, { { AgeIdentity::generate().recipient(), m_identity.recipient() } }));
    QCOMPARE(
        runAge({ QStringLiteral("-d"), QStringLiteral("-i"), folder.filePath(QStringLiteral("key")),
            QStringLiteral("-o"), folder.filePath(QStringLiteral("plain")),
            folder.filePath(QStringLiteral("sealed")) }),
        QString());
    // age makes its output with the first byte.
    if (size > 0)
        QVERIFY(contentOf(folder.filePath(QStringLiteral("plain"))) == plain);
}

void TestAgeStream::weOpenTheAgeCommands_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<bool>("armour");
    for (const qint64 size : { qint64(0), qint64(5), ageChunkSize, 3 * ageChunkSize + 5 }) {
        QTest::newRow(qPrintable(QString::number(size))) << size << false;
        QTest::newRow(qPrintable(QString::number(size) + QStringLiteral(", armoured")))
            << size << true;
    }
}

void TestAgeStream::weOpenTheAgeCommands()
{
    if (!ageIsMissing().isEmpty())
        QSKIP(qPrintable(ageIsMissing()));
    QFETCH(qint64, size);
    QFETCH(bool, armour);
    QTemporaryDir folder;
    const QByteArray plain = randomBytes(size);
    write(folder.filePath(QStringLiteral("plain")), plain);
    QStringList arguments { QStringLiteral("-r"),
        QString::fromLatin1(m_identity.recipient().text()), QStringLiteral("-o"),
        folder.filePath(QStringLiteral("sealed")), folder.filePath(QStringLiteral("plain")) };
    if (armour)
        arguments.prepend(QStringLiteral("-a"));
    QCOMPARE(runAge(arguments), QString());
    const Result<QByteArray> back
        = decrypted(contentOf(folder.filePath(QStringLiteral("sealed"))), m_keys);
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    QVERIFY(*back == plain);
}

void TestAgeStream::passphrasesGoBothWays()
{
    if (!ageIsMissing().isEmpty())
        QSKIP(qPrintable(ageIsMissing()));
    QTemporaryDir folder;
    const QByteArray plain = randomBytes(100'000);
    const QString passphrase = QStringLiteral("correct horse battery staple");
    const QString ours = folder.filePath(QStringLiteral("ours"));
    const QString theirs = folder.filePath(QStringLiteral("theirs"));
    const QString opened = folder.filePath(QStringLiteral("opened"));
    write(ours, encrypted(plain, { {}, passphrase.toUtf8(), 12 }));
    QCOMPARE(runAge({ QStringLiteral("-d"), QStringLiteral("-o"), opened, ours }, passphrase),
        QString());
    QVERIFY(contentOf(opened) == plain);
    QCOMPARE(runAge({ QStringLiteral("-p"), QStringLiteral("-o"), theirs, opened }, passphrase),
        QString());
    const Result<QByteArray> back = decrypted(contentOf(theirs), { {}, passphrase.toUtf8() });
    QVERIFY2(back, qPrintable(back ? QString() : back.error().message));
    QVERIFY(*back == plain);
}

QTEST_GUILESS_MAIN(TestAgeStream)
#include "tst_agestream.moc"
