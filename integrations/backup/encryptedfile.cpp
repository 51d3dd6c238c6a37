#include "integrations/backup/encryptedfile.h"

#include "automation/core/filedescriptor.h"
#include "integrations/backup/archive/agearmour.h"
#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/ageinput.h"
#include "integrations/backup/archive/agestream.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype largestKeyFile = 1 << 20;
constexpr const char *standardInput = "/dev/stdin";

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
    qint64 size = 0; // 0 of what is read as it comes
    bool isStream = false;
};

enum class Streams { Refused, Taken };

Result<OpenFile> openForReading(const QByteArray &path, Streams streams = Streams::Refused)
{
    const bool isInput = streams == Streams::Taken && path == standardInput;
    // Not blocking, so that a FIFO that nobody writes to does not hold us here.
    OpenFile file { FileDescriptor(isInput
            ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
            : ::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) };
    struct stat status;
    if (!file.fd.isOpen() || ::fstat(file.fd.get(), &status) != 0)
        return systemError(errno);
    file.isStream = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)
        || (isInput && S_ISCHR(status.st_mode));
    if (!S_ISREG(status.st_mode) && !(file.isStream && streams == Streams::Taken))
        return Error { ErrorCode::InvalidArgument, QStringLiteral("It is not a file") };
    file.size = file.isStream ? 0 : status.st_size;
    return file;
}

// As much as there is within a moment; 0 at its end, nothing where it goes on.
Result<std::optional<qsizetype>> readSome(int fd, std::span<char> buffer)
{
    constexpr int pollMilliseconds = 50;
    pollfd waiting { fd, POLLIN, 0 };
    if (::poll(&waiting, 1, pollMilliseconds) <= 0)
        return std::optional<qsizetype>();
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0)
        return std::optional<qsizetype>(count);
    if (errno == EINTR || errno == EAGAIN)
        return std::optional<qsizetype>();
    return systemError(errno);
}

// What a pipe gives; the descriptor and control must outlive it.
ByteReader streamOf(int fd, const JobControl &control)
{
    return [fd, &control](std::span<char> buffer) -> Result<qsizetype> {
        qsizetype filled = 0;
        while (filled < qsizetype(buffer.size())) {
            if (control.cancelled())
                return JobControl::cancelledError();
            const Result<std::optional<qsizetype>> count
                = readSome(fd, buffer.subspan(size_t(filled)));
            if (!count)
                return count.error();
            if (*count && **count == 0)
                break;
            filled += count->value_or(0);
        }
        return filled;
    };
}

ByteReader readerOfFile(const OpenFile &file, const JobControl &control)
{
    return file.isStream ? streamOf(file.fd.get(), control) : readerOf(file.fd.get());
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

// Once, from front to end: a pipe gives it no second time.
Result<QByteArray> readKeyFile(const QByteArray &path, const JobControl &control)
{
    const Result<OpenFile> file = openForReading(path, Streams::Taken);
    if (!file)
        return file.error();
    QByteArray bytes(largestKeyFile + 1, Qt::Uninitialized);
    const Result<qsizetype> read
        = readerOfFile(*file, control)({ bytes.data(), size_t(bytes.size()) });
    if (!read)
        return read.error();
    if (*read > largestKeyFile)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("It is too large for what it should be") };
    bytes.truncate(*read);
    return bytes;
}

ByteReader readerOfBytes(const QByteArray &bytes)
{
    return [&bytes, at = qsizetype(0)](std::span<char> buffer) mutable -> Result<qsizetype> {
        const qsizetype count = std::min(qsizetype(buffer.size()), bytes.size() - at);
        std::copy_n(bytes.constData() + at, count, buffer.data());
        at += count;
        return count;
    };
}

bool isEncryptedText(const QByteArray &text)
{
    return text.startsWith("age-encryption.org/") || looksArmoured(text.left(64));
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
    const Result<OpenFile> source = openForReading(from, Streams::Taken);
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
    const Result<void> done
        = decryptAge(readerOfFile(*source, control), write, keys, pool, control);
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
    const QByteArray &path, const QByteArray &passphrase, const JobControl &control)
{
    const QString step = QStringLiteral("Reading the identity file %1").arg(displayName(path));
    Result<QByteArray> text = readKeyFile(path, control);
    if (!text)
        return text.error().in(step);
    if (isEncryptedText(*text)) {
        WorkerPool pool(1);
        JobControl untouched;
        QByteArray plain;
        const ByteWriter collect = [&plain](std::span<const char> bytes) {
            plain.append(bytes.data(), qsizetype(bytes.size()));
            return Result<void>();
        };
        const Result<void> opened
            = decryptAge(readerOfBytes(*text), collect, { {}, passphrase }, pool, untouched);
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

Result<QByteArray> readPassphraseFile(const QByteArray &path, const JobControl &control)
{
    const QString step = QStringLiteral("Reading the passphrase file %1").arg(displayName(path));
    Result<QByteArray> text = readKeyFile(path, control);
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
