// A folder on a remote: what there is to do with the files in it, one rclone command each.
//
// Blocking; any thread, one call at a time. Errors say what was being done to which remote.

#pragma once

#include "integrations/rclone/rcloneprocess.h"

#include <QDateTime>

namespace hubkeep::rclone {

struct RemoteFile
{
    qint64 size = 0;
    QDateTime modified {}; // as the server says

    bool operator==(const RemoteFile &) const = default;
};

class RcloneRemote
{
public:
    explicit RcloneRemote(const RcloneConfig &config);

    // The files that may be ours, by name; NotFound where the folder is not there.
    Result<QMap<QString, RemoteFile>> list();

    // Copies the file at path; control advances with what was sent, at most to size.
    Result<void> put(const QString &path, const QString &name, qint64 size, JobControl &control);
    Result<void> write(const QString &name, const QByteArray &content, JobControl &control);
    Result<void> move(const QString &from, const QString &to, JobControl &control); // replaces
    Result<void> remove(const QString &name); // what is not there is removed

    // Small files, into a folder of this machine; what is gone meanwhile is left out.
    Result<void> fetch(const QStringList &names, const QString &folder);

    // From offset on, count bytes (-1: all) go to output as they come.
    Result<void> read(const QString &name, qint64 offset, qint64 count,
        const std::function<Result<void>(const QByteArray &)> &output, JobControl &control);

    // What the remote says the file is: its size, and its digests by rclone's names of them.
    struct Digests
    {
        qint64 size = -1;
        QMap<QString, QString> hashes {};
    };
    Result<Digests> digests(const QString &name, JobControl &control);

    Result<qint64> freeSpace(); // NotFound where the remote cannot tell

    void hurry() { m_rclone.hurry(); } // any thread

private:
    QString pathOf(const QString &name) const { return remotePath(m_remote, name); }
    QStringList limited(QStringList arguments) const; // to the bandwidth
    template <typename T>
    Result<T> said(Result<T> result, const QString &step) const;

    const QString m_remote;
    const QString m_bandwidth;
    RcloneProcess m_rclone;
};

} // namespace hubkeep::rclone
