#include "integrations/rclone/arrivalproof.h"

#include <QCryptographicHash>
#include <QFile>

#include <optional>

namespace hubkeep::rclone {
namespace {

constexpr qint64 pieceSize = 1 << 20;

std::optional<QCryptographicHash::Algorithm> algorithmOf(const QString &hash)
{
    if (hash == QLatin1String("sha256"))
        return QCryptographicHash::Sha256;
    if (hash == QLatin1String("sha1"))
        return QCryptographicHash::Sha1;
    if (hash == QLatin1String("md5"))
        return QCryptographicHash::Md5;
    return {};
}

Error arrivedWrong(const QString &what)
{
    return { ErrorCode::Io,
        QStringLiteral("The remote does not have what was sent: %1; it was taken back").arg(what) };
}

// The digests of a local file, each algorithm's once.
Result<QMap<int, QByteArray>> digestsOf(const QString &path,
    const QList<QCryptographicHash::Algorithm> &algorithms, JobControl &control)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error { ErrorCode::Io,
            QStringLiteral("Reading %1: %2").arg(path, file.errorString()) };
    std::vector<std::unique_ptr<QCryptographicHash>> hashes;
    for (const QCryptographicHash::Algorithm algorithm : algorithms)
        hashes.push_back(std::make_unique<QCryptographicHash>(algorithm));
    QByteArray piece(pieceSize, Qt::Uninitialized);
    for (;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const qint64 n = file.read(piece.data(), piece.size());
        if (n < 0)
            return Error { ErrorCode::Io,
                QStringLiteral("Reading %1: %2").arg(path, file.errorString()) };
        if (n == 0)
            break;
        for (const auto &hash : hashes)
            hash->addData({ piece.constData(), qsizetype(n) });
    }
    QMap<int, QByteArray> digests;
    for (qsizetype i = 0; i < algorithms.size(); ++i)
        digests.insert(algorithms.at(i), hashes[size_t(i)]->result().toHex());
    return digests;
}

// Compares what comes from the remote with the file from offset on.
Result<void> compare(RcloneRemote &remote, const QString &name, QFile &file, qint64 offset,
    qint64 count, JobControl &control)
{
    file.seek(offset);
    qint64 seen = 0;
    bool isSame = true;
    const Result<void> read = remote.read(
        name, offset, count,
        [&](const QByteArray &bytes) -> Result<void> {
            seen += bytes.size();
            isSame = isSame && file.read(bytes.size()) == bytes;
            return {};
        },
        control);
    if (!read)
        return read;
    if (!isSame || seen != count)
        return arrivedWrong(QStringLiteral("its bytes differ"));
    return {};
}

Result<void> readBackAndCompare(RcloneRemote &remote, const QString &name, const QString &path,
    qint64 size, qint64 most, JobControl &control)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error { ErrorCode::Io,
            QStringLiteral("Reading %1: %2").arg(path, file.errorString()) };
    if (size <= most)
        return compare(remote, name, file, 0, size, control);
    const Result<void> begin = compare(remote, name, file, 0, most / 2, control);
    return begin ? compare(remote, name, file, size - most / 2, most / 2, control) : begin;
}

} // namespace

Result<void> proveArrival(RcloneRemote &remote, const QString &name, const QString &path,
    const backup::AgentBackup &backup, qint64 readBack, JobControl &control)
{
    const Result<RcloneRemote::Digests> there = remote.digests(name, control);
    if (!there)
        return there.error();
    if (there->size != backup.size)
        return arrivedWrong(
            QStringLiteral("%1 of %2 bytes are there").arg(there->size).arg(backup.size));
    QList<QCryptographicHash::Algorithm> algorithms { QCryptographicHash::Sha256 };
    QString known;
    for (const char *hash : { "sha256", "sha1", "md5" }) {
        const QString hashName = QString::fromLatin1(hash);
        if (known.isEmpty() && !there->hashes.value(hashName).isEmpty())
            known = hashName;
    }
    if (!known.isEmpty() && *algorithmOf(known) != QCryptographicHash::Sha256)
        algorithms.append(*algorithmOf(known));
    const Result<QMap<int, QByteArray>> here = digestsOf(path, algorithms, control);
    if (!here)
        return here.error();
    if (!backup.sha256.isEmpty()
        && here->value(QCryptographicHash::Sha256) != backup.sha256.toLatin1())
        return Error {
            ErrorCode::Corrupt,
            QStringLiteral("%1 is not the file that was backed up: its SHA-256 differs").arg(path)
        };
    if (known.isEmpty())
        return readBackAndCompare(remote, name, path, backup.size, readBack, control);
    if (here->value(*algorithmOf(known)) != there->hashes.value(known).toLatin1())
        return arrivedWrong(QStringLiteral("its %1 differs").arg(known.toUpper()));
    return {};
}

} // namespace hubkeep::rclone
