// The test vectors of the age format: each is opened as it says, or refused as it says.

#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/agestream.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QTemporaryFile>
#include <QTest>

#include <algorithm>
#include <cstring>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::backup;

namespace {

struct Vector
{
    QByteArray expect;
    QByteArray payload; // SHA-256 in hex, of what may come out
    AgeKeys keys;
    bool armoured = false;
    QByteArray file;
};

Vector readVector(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    Vector vector;
    bool compressed = false;
    for (;;) {
        const QByteArray line = file.readLine().trimmed();
        if (line.isEmpty())
            break;
        const QByteArray key = line.left(line.indexOf(':'));
        const QByteArray value = line.mid(line.indexOf(':') + 1).trimmed();
        if (key == "expect")
            vector.expect = value;
        else if (key == "payload")
            vector.payload = value;
        else if (key == "passphrase")
            vector.keys.passphrase = value;
        else if (key == "armored")
            vector.armoured = value == "yes";
        else if (key == "compressed")
            compressed = value == "zlib";
        else if (key == "identity") {
            const Result<AgeIdentity> identity = AgeIdentity::parse(value);
            if (identity)
                vector.keys.identities.push_back(*identity);
        }
    }
    vector.file = file.readAll();
    // qUncompress() wants the size in front, and takes it for a hint.
    if (compressed)
        vector.file = qUncompress(QByteArray("\x01\x00\x00\x00", 4) + vector.file);
    return vector;
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

// What the vectors call our answers.
QByteArray nameOf(const Result<void> &result)
{
    if (result)
        return "success";
    const QString &message = result.error().message;
    if (result.error().code == ErrorCode::Unauthorized)
        return "no match";
    if (result.error().code != ErrorCode::Corrupt)
        return message.toUtf8();
    if (message.startsWith(QStringLiteral("Its armour")))
        return "armor failure";
    if (message.startsWith(QStringLiteral("Its age header was changed")))
        return "HMAC failure";
    if (message.startsWith(QStringLiteral("Its age header is malformed")))
        return "header failure";
    if (message.startsWith(QStringLiteral("Its encrypted content is damaged")))
        return "payload failure";
    return message.toUtf8();
}

} // namespace

class TestAgeVectors : public QObject
{
    Q_OBJECT

private slots:
    void areAllThere();
    void comeOutAsTheySay_data();
    void comeOutAsTheySay();
    void comeOutTheSameReadAnywhere_data() { comeOutAsTheySay_data(); }
    void comeOutTheSameReadAnywhere();

private:
    static QStringList names();

    WorkerPool m_pool { 2 };
};

QStringList TestAgeVectors::names()
{
    const QString folder = QStringLiteral(HUBKEEP_AGE_VECTORS_DIR);
    QStringList names = folder.isEmpty() ? QStringList() : QDir(folder).entryList(QDir::Files);
    // Hybrid: keys against quantum computers, which are not in the format that all of age's have.
    names.removeIf([](const QString &name) { return name.contains(QStringLiteral("hybrid")); });
    return names;
}

void TestAgeVectors::areAllThere()
{
    if (names().isEmpty())
        QSKIP("There are no age vectors here (HUBKEEP_AGE_VECTORS_DIR)");
    QCOMPARE(names().size(), 124);
}

void TestAgeVectors::comeOutAsTheySay_data()
{
    QTest::addColumn<QString>("name");
    for (const QString &name : names())
        QTest::newRow(qPrintable(name)) << name;
    if (names().isEmpty())
        QTest::newRow("none") << QString();
}

void TestAgeVectors::comeOutAsTheySay()
{
    QFETCH(QString, name);
    if (name.isEmpty())
        QSKIP("There are no age vectors here (HUBKEEP_AGE_VECTORS_DIR)");
    const Vector vector = readVector(QStringLiteral(HUBKEEP_AGE_VECTORS_DIR "/") + name);
    QVERIFY(!vector.expect.isEmpty());
    QCryptographicHash released(QCryptographicHash::Sha256);
    qint64 count = 0;
    JobControl control;
    const Result<void> result = decryptAge(
        readerFrom(vector.file),
        [&](std::span<const char> bytes) {
            released.addData({ bytes.data(), qsizetype(bytes.size()) });
            count += qint64(bytes.size());
            return Result<void>();
        },
        vector.keys, m_pool, control, vector.armoured ? AgeFormat::Armoured : AgeFormat::Binary);
    QCOMPARE(nameOf(result), vector.expect);
    if (!vector.payload.isEmpty())
        QCOMPARE(released.result().toHex(), vector.payload);
    else if (vector.expect != "armor failure")
        QCOMPARE(count, 0);
}

// An AgeFile knows about the end before it gives anything out; else it answers the same.
void TestAgeVectors::comeOutTheSameReadAnywhere()
{
    QFETCH(QString, name);
    if (name.isEmpty())
        QSKIP("There are no age vectors here (HUBKEEP_AGE_VECTORS_DIR)");
    const Vector vector = readVector(QStringLiteral(HUBKEEP_AGE_VECTORS_DIR "/") + name);
    QTemporaryFile stored;
    QVERIFY(stored.open());
    QCOMPARE(stored.write(vector.file), vector.file.size());
    QVERIFY(stored.flush());
    auto bytes
        = std::make_unique<FileBytes>(FileDescriptor(::dup(stored.handle())), vector.file.size());
    const Result<std::unique_ptr<AgeFile>> file = AgeFile::open(std::move(bytes), vector.keys);
    if (vector.armoured) {
        QVERIFY(!file);
        return;
    }
    if (!file) {
        QCOMPARE(nameOf(file.error()), vector.expect);
        return;
    }
    QByteArray content((*file)->size(), Qt::Uninitialized);
    const Result<void> read = (*file)->read({ content.data(), size_t(content.size()) }, 0);
    QCOMPARE(nameOf(read), vector.expect);
    if (read)
        QCOMPARE(
            QCryptographicHash::hash(content, QCryptographicHash::Sha256).toHex(), vector.payload);
}

QTEST_GUILESS_MAIN(TestAgeVectors)
#include "tst_agevectors.moc"
