#include "integrations/backup/encryptedfile.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/ageinput.h"
#include "integrations/backup/archive/agestream.h"

#include <cerrno>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qint64 largestKeyFile = 1 << 20;

// Removes an unfinished file unless it was renamed.
struct Unfinished
{
    QByteArray path;

    ~Unfinished()
    {
        if (!path.isEmpty())
            ::unlink(path.constData());
    }
};

struct OpenFile
{
    FileDescriptor fd;
    qint64 size = 0;
};

Result<OpenFile> openForReading(const QByteArray &path)
{
    // Not blocking, so that a FIFO is an answer and not a wait.
    OpenFile file { FileDescriptor(::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) };
    struct stat status;
    if (!file.fd.isOpen() || ::fstat(file.fd.get(), &status) != 0)
        return systemError(errno);
    if (!S_ISREG(status.st_mode))
        return Error { ErrorCode::InvalidArgument, QStringLiteral("It is not a file") };
    file.size = status.st_size;
    return file;
}

Result<void> flush(int fd)
{
    return ::fsync(fd) == 0 ? Result<void>() : Result<void>(systemError(errno));
}

// What was just written, with the key that it was written with.
Result<void> readBack(
    int fd, const AgeFileKey &key, qint64 plainSize, WorkerPool &pool, JobControl &control)
{
    qint64 size = 0;
    const ByteWriter count = [&size](std::span<const char> bytes) {
        size += qint64(bytes.size());
        return Result<void>();
    };
    const AgeKeys keys { {}, {}, key };
    Result<void> done = decryptAge(readerOf(fd), count, keys, pool, control, AgeFormat::Binary);
    if (done && size != plainSize)
        done = Error { ErrorCode::Corrupt, QStringLiteral("it is not as long as what went in") };
    if (done || done.error().code != ErrorCode::Corrupt)
        return done;
    return Error { ErrorCode::Io,
        QStringLiteral("What was encrypted did not read back right (%1); the disk or the memory "
                       "may be failing, and nothing was kept")
            .arg(done.error().message) };
}

Result<QByteArray> readKeyFile(const QByteArray &path)
{
    const Result<OpenFile> file = openForReading(path);
    if (!file)
        return file.error();
    if (file->size > largestKeyFile)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("It is too large for what it should be") };
    QByteArray bytes(file->size, Qt::Uninitialized);
    const Result<void> read
        = readExactlyAt(file->fd.get(), { bytes.data(), size_t(bytes.size()) }, 0);
    if (!read)
        return read.error();
    return bytes;
}

} // namespace

Result<qint64> encryptFile(const QByteArray &from, const QByteArray &to,
    const AgeRecipients &recipients, WorkerPool &pool, JobControl &control)
{
    const QString step = QStringLiteral("Encrypting into %1").arg(displayName(to));
    const Result<OpenFile> source = openForReading(from);
    if (!source)
        return source.error().in(QStringLiteral("Reading %1").arg(displayName(from)));
    const FileDescriptor target(
        ::open(to.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!target.isOpen())
        return systemError(errno).in(step);
    Unfinished unfinished { to };
    control.enterStage("Encrypting", source->size * 2);
    const Result<AgeFileKey> key
        = encryptAge(readerOf(source->fd.get()), writerTo(target.get()), recipients, pool, control);
    if (!key)
        return key.error().in(step);
    const Result<void> flushed = flush(target.get());
    const Result<void> proved
        = flushed ? readBack(target.get(), *key, source->size, pool, control) : flushed;
    if (!proved)
        return proved.error().in(step);
    struct stat status;
    if (::fstat(target.get(), &status) != 0)
        return systemError(errno).in(step);
    unfinished.path.clear();
    return qint64(status.st_size);
}

Result<void> decryptFile(const QByteArray &from, const QByteArray &to, const AgeKeys &keys,
    WorkerPool &pool, JobControl &control)
{
    const QString writing = QStringLiteral("Writing %1").arg(displayName(to));
    const Result<OpenFile> source = openForReading(from);
    if (!source)
        return source.error().in(QStringLiteral("Reading %1").arg(displayName(from)));
    struct stat status;
    if (::stat(to.constData(), &status) == 0 && !S_ISREG(status.st_mode))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("It is not a file, and is not replaced by one") }
            .in(writing);
    Unfinished unfinished { to + ".partial-XXXXXX" };
    const FileDescriptor target(::mkostemp(unfinished.path.data(), O_CLOEXEC));
    if (!target.isOpen()) {
        unfinished.path.clear();
        return systemError(errno).in(writing);
    }
    control.enterStage("Decrypting", source->size);
    const ByteWriter write = [&, to = writerTo(target.get())](std::span<const char> bytes) {
        const Result<void> written = to(bytes);
        return written ? written : Result<void>(written.error().in(writing));
    };
    const Result<void> done = decryptAge(readerOf(source->fd.get()), write, keys, pool, control);
    if (!done)
        return done.error().in(QStringLiteral("Decrypting %1").arg(displayName(from)));
    const Result<void> flushed = flush(target.get());
    if (!flushed)
        return flushed.error().in(writing);
    if (::rename(unfinished.path.constData(), to.constData()) != 0)
        return systemError(errno).in(writing);
    unfinished.path.clear();
    return {};
}

Result<bool> hasPassphrase(const QByteArray &from)
{
    const Result<OpenFile> file = openForReading(from);
    if (!file)
        return file.error().in(QStringLiteral("Reading %1").arg(displayName(from)));
    BufferedInput input(readerOf(file->fd.get()));
    const Result<AgeHeader> header = readAgeHeader(input);
    if (!header)
        return header.error();
    return header->stanzas.first().arguments.first() == "scrypt";
}

Result<void> checkKeys(const QByteArray &from, const AgeKeys &keys)
{
    Result<OpenFile> file = openForReading(from);
    if (!file)
        return file.error().in(QStringLiteral("Reading %1").arg(displayName(from)));
    const qint64 size = file->size;
    const Result<std::unique_ptr<AgeFile>> opened
        = AgeFile::open(std::make_unique<FileBytes>(std::move(file->fd), size), keys);
    return opened ? Result<void>() : Result<void>(opened.error());
}

Result<std::vector<AgeIdentity>> readIdentityFile(
    const QByteArray &path, const QByteArray &passphrase)
{
    const QString step = QStringLiteral("Reading the identity file %1").arg(displayName(path));
    Result<QByteArray> text = readKeyFile(path);
    if (!text)
        return text.error().in(step);
    Result<OpenFile> file = openForReading(path);
    if (file && looksEncrypted(FileBytes(std::move(file->fd), file->size))) {
        WorkerPool pool(1);
        JobControl control;
        QByteArray plain;
        const FileDescriptor fd(::open(path.constData(), O_RDONLY | O_CLOEXEC));
        const ByteWriter collect = [&plain](std::span<const char> bytes) {
            plain.append(bytes.data(), qsizetype(bytes.size()));
            return Result<void>();
        };
        const Result<void> opened
            = decryptAge(readerOf(fd.get()), collect, { {}, passphrase }, pool, control);
        if (!opened)
            return opened.error().in(step);
        text = std::move(plain);
    }
    Result<std::vector<AgeIdentity>> identities = parseIdentities(*text);
    wipe(text->data(), size_t(text->size()));
    if (!identities)
        return identities.error().in(step);
    return identities;
}

Result<QByteArray> readPassphraseFile(const QByteArray &path)
{
    const QString step = QStringLiteral("Reading the passphrase file %1").arg(displayName(path));
    Result<QByteArray> text = readKeyFile(path);
    if (!text)
        return text.error().in(step);
    if (text->endsWith('\n'))
        text->chop(1);
    if (text->isEmpty())
        return Error { ErrorCode::InvalidArgument, QStringLiteral("There is no passphrase in it") }
            .in(step);
    return text;
}

} // namespace hubkeep::backup
