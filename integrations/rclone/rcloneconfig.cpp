#include "integrations/rclone/rcloneconfig.h"

#include <QRegularExpression>
#include <QSet>
#include <QUrl>

#include <algorithm>

namespace hubkeep::rclone {
namespace {

const QString mask = QStringLiteral("***");

// Shorter ones would be found in every other word.
constexpr qsizetype shortestSecret = 4;

QString variableName(const QString &remote, const QString &option)
{
    const QString key = QString(option).replace(u'-', u'_').toUpper();
    return QStringLiteral("RCLONE_CONFIG_%1_%2").arg(remote.toUpper(), key);
}

// Up to and without the colon that the path follows; -1 where there is none.
qsizetype endOfName(const QString &remote)
{
    return remote.indexOf(u':', remote.startsWith(u':') ? 1 : 0);
}

} // namespace

QString remoteName(const QString &remote)
{
    return remote.left(remote.indexOf(u':'));
}

QString remotePath(const QString &remote, const QString &filename)
{
    const bool isWhole = remote.endsWith(u':') || remote.endsWith(u'/');
    return isWhole ? remote + filename : remote + u'/' + filename;
}

QString remoteProblem(const QString &remote, const RcloneOptions &options)
{
    // What rclone would take for a folder of this machine is none of its remotes.
    static const QRegularExpression name(
        QStringLiteral("\\A(?::[A-Za-z0-9_-]+|[A-Za-z0-9_.][A-Za-z0-9_. -]*)\\z"));
    const QString written = remote.left(endOfName(remote));
    const bool hasControls = std::any_of(
        remote.begin(), remote.end(), [](QChar c) { return c.category() == QChar::Other_Control; });
    // What is on a command line can be read by everybody on this machine.
    if (endOfName(remote) > 0 && written.contains(u','))
        return QStringLiteral("must not have options in it, for everybody on this machine can read "
                              "them there; write them under 'options'");
    if (endOfName(remote) < 0 || hasControls || !name.match(written).hasMatch())
        return QStringLiteral("must be a remote of rclone and a path, as 'b2:bucket/hubkeep'");
    if (!options.isEmpty() && remoteName(remote).isEmpty())
        return QStringLiteral("needs a name before its ':' for its options, any will do");
    return {};
}

QString optionProblem(const QString &option)
{
    static const QRegularExpression name(QStringLiteral("\\A[A-Za-z0-9_-]+\\z"));
    return name.match(option).hasMatch()
        ? QString()
        : QStringLiteral("is no name of an option of rclone's, as 'access_key_id' is one");
}

Result<void> checkRemote(const RcloneConfig &config)
{
    const QString problem = remoteProblem(config.remote, config.options);
    if (!problem.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The remote of %1 %2").arg(config.name, problem) };
    for (const QString &option : config.options.keys()) {
        const QString wrong = optionProblem(option);
        if (!wrong.isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("Of the options of %1, '%2' %3").arg(config.name, option, wrong) };
    }
    return {};
}

RcloneOptions optionsFrom(const QVariantMap &options)
{
    RcloneOptions texts;
    for (auto option = options.begin(); option != options.end(); ++option)
        texts.insert(option.key(), option.value().toString());
    return texts;
}

QProcessEnvironment environmentFor(const RcloneConfig &config)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("AWS_CA_BUNDLE")); // rclone 1.60's S3 fails with it
    // Whoever set these meant it for a terminal.
    for (const char *name : { "RCLONE_VERBOSE", "RCLONE_PROGRESS", "RCLONE_QUIET",
             "RCLONE_LOG_FILE", "RCLONE_LOG_LEVEL", "RCLONE_DRY_RUN", "RCLONE_INTERACTIVE" })
        environment.remove(QLatin1String(name));
    if (!config.configFile.isEmpty())
        environment.insert(QStringLiteral("RCLONE_CONFIG"), config.configFile);
    if (!config.timeZone.isEmpty()) // in which it reads the times of day of a limit
        environment.insert(QStringLiteral("TZ"), config.timeZone);
    const QString name = remoteName(config.remote);
    for (auto option = config.options.begin(); option != config.options.end(); ++option)
        environment.insert(variableName(name, option.key()), option.value());
    return environment;
}

QString redacted(QString text, const RcloneOptions &options)
{
    for (auto option = options.begin(); option != options.end(); ++option) {
        if (option->size() < shortestSecret || isPublicOption(option.key(), *option))
            continue;
        text.replace(*option, mask);
        text.replace(QString::fromLatin1(QUrl::toPercentEncoding(*option)), mask);
    }
    static const QRegularExpression query(QStringLiteral(R"((\w://[^\s"'?]*)\?[^\s"']*)"));
    static const QRegularExpression user(QStringLiteral(R"((\w://)[^\s"'/@]*@)"));
    return text.replace(query, QStringLiteral("\\1?") + mask)
        .replace(user, QStringLiteral("\\1") + mask + u'@');
}

bool isPublicOption(const QString &option, const QString &value)
{
    if (option == QLatin1String("url"))
        return !value.contains(u'@') && !value.contains(u'?');
    static const QSet<QString> shown { QStringLiteral("type"), QStringLiteral("provider"),
        QStringLiteral("region"), QStringLiteral("endpoint"), QStringLiteral("host"),
        QStringLiteral("port"), QStringLiteral("user"), QStringLiteral("vendor"),
        QStringLiteral("account"), QStringLiteral("env_auth"), QStringLiteral("acl"),
        QStringLiteral("storage_class"), QStringLiteral("location_constraint"),
        QStringLiteral("force_path_style"), QStringLiteral("chunk_size"),
        QStringLiteral("upload_concurrency"), QStringLiteral("hard_delete"),
        QStringLiteral("remote"), QStringLiteral("drive_id"), QStringLiteral("drive_type"),
        QStringLiteral("root_folder_id"), QStringLiteral("scope"), QStringLiteral("domain"),
        QStringLiteral("share"), QStringLiteral("key_file"), QStringLiteral("key_use_agent"),
        QStringLiteral("known_hosts_file"), QStringLiteral("shell_type"), QStringLiteral("tls"),
        QStringLiteral("explicit_tls"), QStringLiteral("no_check_bucket") };
    return shown.contains(option);
}

} // namespace hubkeep::rclone
