#include "integrations/rclone/rcloneremote.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace hubkeep::rclone {
namespace {

QString flag(const char *text)
{
    return QString::fromLatin1(text);
}

// Everything that may be ours; the rest is not even transferred to here.
QStringList ourNames()
{
    return { flag("--include=/backup-*-*-*.*"), flag("--include=/*.db"),
        flag("--include=/*.db.*partial") };
}

} // namespace

RcloneRemote::RcloneRemote(const RcloneConfig &config)
    : m_remote(config.remote)
    , m_bandwidth(config.bandwidth)
    , m_rclone(config)
{
}

template <typename T>
Result<T> RcloneRemote::said(Result<T> result, const QString &step) const
{
    if (result || result.error().code == ErrorCode::Cancelled)
        return result;
    return result.error().in(step);
}

QStringList RcloneRemote::limited(QStringList arguments) const
{
    if (!m_bandwidth.isEmpty())
        arguments.append(flag("--bwlimit=") + m_bandwidth);
    return arguments;
}

Result<QMap<QString, RemoteFile>> RcloneRemote::list()
{
    JobControl control;
    const QStringList arguments { flag("lsjson"), m_remote, flag("--files-only"),
        flag("--no-mimetype"), flag("--use-server-modtime") };
    const Result<QByteArray> listed
        = said(m_rclone.run({ arguments + ourNames(), {}, {}, {}, 5 * longestQuestion }, control),
            QStringLiteral("Listing %1").arg(m_remote));
    if (!listed)
        return listed.error();
    const QJsonDocument document = QJsonDocument::fromJson(*listed);
    if (!document.isArray())
        return Error { ErrorCode::Io,
            QStringLiteral("Listing %1: what rclone says is no list").arg(m_remote) };
    QMap<QString, RemoteFile> files;
    for (const QJsonValue &value : document.array()) {
        const QJsonObject file = value.toObject();
        files.insert(file.value(QLatin1String("Name")).toString(),
            { std::max<qint64>(file.value(QLatin1String("Size")).toInteger(), 0),
                QDateTime::fromString(
                    file.value(QLatin1String("ModTime")).toString(), Qt::ISODateWithMs) });
    }
    return files;
}

Result<void> RcloneRemote::put(
    const QString &path, const QString &name, qint64 size, JobControl &control)
{
    qint64 told = 0;
    const auto tell = [&](qint64 bytes) {
        const qint64 now = std::min(bytes, size);
        if (now > told)
            control.advance(now - told);
        told = std::max(told, now);
    };
    RcloneCall call { limited({ flag("copyto"), path, pathOf(name), flag("--ignore-times"),
        flag("--stats=500ms"), flag("--stats-log-level=NOTICE") }) };
    call.transferred = tell;
    const Result<QByteArray> done
        = said(m_rclone.run(call, control), QStringLiteral("Copying to %1").arg(pathOf(name)));
    if (!done)
        return done.error();
    tell(size);
    return {};
}

Result<void> RcloneRemote::write(
    const QString &name, const QByteArray &content, JobControl &control)
{
    const Result<QByteArray> done = said(
        m_rclone.run({ { flag("rcat"), pathOf(name) }, content, {}, {}, longestQuestion }, control),
        QStringLiteral("Writing %1").arg(pathOf(name)));
    return done ? Result<void>() : Result<void>(done.error());
}

// On remotes that cannot rename it copies on the server, which takes its time for large files.
Result<void> RcloneRemote::move(const QString &from, const QString &to, JobControl &control)
{
    const Result<QByteArray> done
        = said(m_rclone.run({ { flag("moveto"), pathOf(from), pathOf(to), flag("--ignore-times") },
                                {}, {}, {}, {} },
                   control),
            QStringLiteral("Naming %1").arg(pathOf(to)));
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> RcloneRemote::remove(const QString &name)
{
    JobControl control;
    const Result<QByteArray> done
        = said(m_rclone.run(
                   { { flag("deletefile"), pathOf(name) }, {}, {}, {}, longestQuestion }, control),
            QStringLiteral("Removing %1").arg(pathOf(name)));
    if (!done && done.error().code != ErrorCode::NotFound)
        return done.error();
    return {};
}

// Whether they are whole is for whoever reads them to see: a remote may say a wrong size.
Result<void> RcloneRemote::fetch(const QStringList &names, const QString &folder)
{
    JobControl control;
    const QStringList arguments { flag("copy"), m_remote, folder, flag("--files-from-raw=-"),
        flag("--ignore-checksum"), flag("--ignore-size"), flag("--transfers=8") };
    const Result<QByteArray> done = said(
        m_rclone.run(
            { arguments, names.join(u'\n').toUtf8() + '\n', {}, {}, 5 * longestQuestion }, control),
        QStringLiteral("Reading what lies on %1").arg(m_remote));
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> RcloneRemote::read(const QString &name, qint64 offset, qint64 count,
    const std::function<Result<void>(const QByteArray &)> &output, JobControl &control)
{
    QStringList arguments { flag("cat"), pathOf(name) };
    if (offset > 0)
        arguments.append(flag("--offset=") + QString::number(offset));
    if (count >= 0)
        arguments.append(flag("--count=") + QString::number(count));
    const Result<QByteArray> done
        = said(m_rclone.run({ limited(arguments), {}, output, {}, {} }, control),
            QStringLiteral("Reading %1").arg(pathOf(name)));
    return done ? Result<void>() : Result<void>(done.error());
}

Result<RcloneRemote::Digests> RcloneRemote::digests(const QString &name, JobControl &control)
{
    const Result<QByteArray> answer
        = said(m_rclone.run({ { flag("lsjson"), pathOf(name), flag("--stat"), flag("--hash"),
                                flag("--no-modtime"), flag("--no-mimetype") } },
                   control),
            QStringLiteral("Asking what arrived as %1").arg(pathOf(name)));
    if (!answer)
        return answer.error();
    const QJsonObject file = QJsonDocument::fromJson(*answer).object();
    Digests digests { file.value(QLatin1String("Size")).toInteger(-1) };
    const QJsonObject hashes = file.value(QLatin1String("Hashes")).toObject();
    for (auto hash = hashes.begin(); hash != hashes.end(); ++hash)
        digests.hashes.insert(hash.key(), hash.value().toString().toLower());
    return digests;
}

Result<qint64> RcloneRemote::freeSpace()
{
    JobControl control;
    const Result<QByteArray> answer = said(
        m_rclone.run(
            { { flag("about"), m_remote, flag("--json") }, {}, {}, {}, longestQuestion }, control),
        QStringLiteral("Asking for the room on %1").arg(m_remote));
    const bool cannotTell = !answer
        && answer.error().message.contains(QLatin1String("support about"), Qt::CaseInsensitive);
    if (!answer && !cannotTell)
        return answer.error();
    const QJsonValue free = answer
        ? QJsonDocument::fromJson(*answer).object().value(QLatin1String("free"))
        : QJsonValue();
    if (!free.isDouble())
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 does not say how much room it has").arg(m_remote) };
    return std::max<qint64>(free.toInteger(), 0);
}

} // namespace hubkeep::rclone
