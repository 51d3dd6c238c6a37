#include "integrations/rclone/downloadfile.h"

#include "automation/core/filedescriptor.h"

#include <QCryptographicHash>
#include <QFile>

#include <cerrno>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hubkeep::rclone {
namespace {

Result<void> checkRoom(const QByteArray &path, qint64 needed)
{
    const QByteArray folder = path.left(path.lastIndexOf('/') + 1);
    struct statvfs room;
    if (::statvfs(folder.constData(), &room) != 0)
        return {}; // writing will say it
    const qint64 free = qint64(room.f_bavail) * qint64(room.f_frsize);
    if (free >= needed)
        return {};
    return Error { ErrorCode::NoSpace,
        QStringLiteral("%1 has room for %2 MiB and this backup needs %3 MiB; free some space there")
            .arg(displayName(folder))
            .arg(free >> 20)
            .arg((needed >> 20) + 1) };
}

class Download
{
public:
    Download(RcloneRemote &remote, QString name, qint64 size, int file, JobControl &control)
        : m_remote(remote)
        , m_name(std::move(name))
        , m_size(size)
        , m_file(file)
        , m_control(control)
    {
    }

    Result<void> run()
    {
        for (;;) {
            const qint64 before = m_done;
            const Result<void> read = m_remote.read(
                m_name, m_done, m_size - m_done,
                [this](const QByteArray &bytes) { return take(bytes); }, m_control);
            const bool mayGoOn = !read && m_done > before
                && (read.error().code == ErrorCode::Unavailable
                    || read.error().code == ErrorCode::Io)
                && !m_isFull;
            if (!mayGoOn)
                return read;
        }
    }

    qint64 size() const { return m_done; }
    QString sha256() const { return QString::fromLatin1(m_hash.result().toHex()); }

private:
    Result<void> take(const QByteArray &bytes)
    {
        const Result<void> written
            = writeAt(m_file, { bytes.constData(), size_t(bytes.size()) }, m_done);
        m_isFull = !written;
        if (!written)
            return written;
        m_hash.addData(bytes);
        m_done += bytes.size();
        m_control.advance(bytes.size());
        return {};
    }

    RcloneRemote &m_remote;
    const QString m_name;
    const qint64 m_size;
    const int m_file;
    JobControl &m_control;
    QCryptographicHash m_hash { QCryptographicHash::Sha256 };
    qint64 m_done = 0;
    bool m_isFull = false;
};

Result<void> checkCame(
    const Download &download, const QString &name, qint64 size, const QString &sha256)
{
    const auto damaged = [&name](const QString &what) {
        return Error { ErrorCode::Corrupt,
            QStringLiteral("%1 is damaged where it lies: %2").arg(name, what) };
    };
    if (download.size() != size)
        return damaged(QStringLiteral("%1 of its %2 bytes came").arg(download.size()).arg(size));
    if (!sha256.isEmpty() && download.sha256() != sha256)
        return damaged(QStringLiteral("its SHA-256 is not that of the backup"));
    return {};
}

} // namespace

Result<void> downloadFile(RcloneRemote &remote, const QString &name, qint64 size,
    const QString &sha256, const QString &target, JobControl &control)
{
    const QByteArray path = QFile::encodeName(target);
    const QString step = QStringLiteral("Writing %1").arg(target);
    const Result<void> room = checkRoom(path, size);
    if (!room)
        return room;
    const FileDescriptor file(
        ::open(path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.isOpen())
        return systemError(errno).in(step);
    Download download(remote, name, size, file.get(), control);
    Result<void> done = download.run();
    if (done)
        done = checkCame(download, name, size, sha256);
    if (done && ::fsync(file.get()) != 0)
        done = systemError(errno).in(step);
    if (!done)
        ::unlink(path.constData());
    return done;
}

} // namespace hubkeep::rclone
