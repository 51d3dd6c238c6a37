// What is configured of one remote, and what of it nobody must read.
//
//     RcloneConfig config { "offsite", "b2:bucket/hubkeep" };
//     config.options = { { "type", "b2" }, { "account", "…" }, { "key", "…" } };
//
// Options are as rclone's documentation names them, passwords in clear: they are obscured for
// rclone, and reach it by its environment, where other users cannot read them as they can a
// command line.
//
// Plain values; any thread.

#pragma once

#include "automation/core/result.h"

#include <QMap>
#include <QProcessEnvironment>
#include <QString>
#include <QVariantMap>

namespace hubkeep::rclone {

using RcloneOptions = QMap<QString, QString>;

struct RcloneConfig
{
    QString name; // of the agent
    QString remote; // "b2:bucket/hubkeep"
    QString bandwidth {}; // "2M", or by time of day: "08:00,512k 19:00,off"; empty: no limit
    QString configFile {}; // rclone's own; empty: where rclone looks for it
    RcloneOptions options {}; // of the remote, beside or instead of that file
    // Where it is remembered that the remote was used; empty: as long as the agent lives.
    QByteArray stateFolder {};
    QString program = QStringLiteral("rclone");
    // What arrived is read back whole up to this size where the remote knows no digest (WebDAV,
    // SFTP without a shell), and above it the same many bytes of its two ends.
    qint64 readBack = qint64(1) << 30;
    QString timeZone {}; // IANA, of the times of day in bandwidth; empty: the system's
};

// "b2" of "b2:bucket"; empty where the remote has none, as ":s3:bucket".
QString remoteName(const QString &remote);

// The path of a file in the remote's folder.
QString remotePath(const QString &remote, const QString &filename);

// What is wrong with a remote, as "must be …"; empty where nothing is: it would show secrets on a
// command line, is a folder, or its options have no name to go by.
QString remoteProblem(const QString &remote, const RcloneOptions &options);
QString optionProblem(const QString &option); // with an option's name

// InvalidArgument where either has something to say.
Result<void> checkRemote(const RcloneConfig &config);

// Numbers and yes/no as rclone writes them.
RcloneOptions optionsFrom(const QVariantMap &options);

// The hub's own, with the remote's in it. Requires checkRemote().
QProcessEnvironment environmentFor(const RcloneConfig &config);

// text with every secret of the options in it, and all that addresses carry beside host and path,
// replaced by "***".
QString redacted(QString text, const RcloneOptions &options);

// Whether an option may be shown to people: a list of those that may, as rclone does not say.
bool isPublicOption(const QString &option, const QString &value);

} // namespace hubkeep::rclone
