#include "app/parttypes.h"

#include "app/bytecount.h"
#include "app/partsecrets.h"
#include "integrations/command/commandsource.h"
#include "integrations/files/filessource.h"
#include "integrations/local/localagent.h"
#include "integrations/rclone/rcloneagent.h"
#include "integrations/sqlite/sqlitesource.h"

#include <QDir>
#include <QFile>

namespace hubkeep {
namespace {

using namespace hubkeep::backup;

QString option(const Part &part, const char *name)
{
    return part.options.value(QString::fromLatin1(name)).toString();
}

QByteArray pathOf(const Part &part, const DataFolder &folder)
{
    return QFile::encodeName(
        QDir::cleanPath(QDir(folder.path()).absoluteFilePath(option(part, "path"))));
}

GlobList globs(const Part &part, const char *name)
{
    QList<QByteArray> patterns;
    for (const QString &pattern : part.options.value(QString::fromLatin1(name)).toStringList())
        patterns.append(pattern.toUtf8());
    return GlobList(patterns);
}

// In bytes, which rclone and we mean the same by: "08:00,524288B 19:00,off".
QString bandwidthOf(const Part &part)
{
    QStringList entries;
    for (const QString &entry : option(part, "bandwidth").split(u' ', Qt::SkipEmptyParts)) {
        const qsizetype time = entry.indexOf(u',') + 1;
        QStringList limits;
        for (const QString &limit : entry.mid(time).split(u':')) {
            const std::optional<qint64> bytes = parseSize(limit);
            limits.append(bytes ? QString::number(*bytes) + u'B' : limit);
        }
        entries.append(entry.left(time) + limits.join(u':'));
    }
    return entries.join(u' ');
}

Error missing(const Part &part, const char *name)
{
    return { ErrorCode::InvalidArgument,
        QStringLiteral("%1 has no '%2'").arg(part.name, QLatin1String(name)) };
}

} // namespace

SourceTypes sourceTypes(const DataFolder &folder)
{
    using Made = Result<std::unique_ptr<BackupSource>>;
    return { { QStringLiteral("files"),
                 [folder](const Part &part) -> Made {
                     if (option(part, "path").isEmpty())
                         return missing(part, "path");
                     return std::unique_ptr<BackupSource>(std::make_unique<files::FilesSource>(
                         files::FilesConfig { part.name, pathOf(part, folder),
                             globs(part, "include"), globs(part, "exclude") }));
                 } },
        { QStringLiteral("sqlite"),
            [folder](const Part &part) -> Made {
                if (option(part, "path").isEmpty())
                    return missing(part, "path");
                return std::unique_ptr<BackupSource>(
                    std::make_unique<sqlite::SqliteSource>(part.name, pathOf(part, folder)));
            } },
        { QStringLiteral("command"), [](const Part &part) -> Made {
             const QStringList dump = part.options.value(QStringLiteral("dump")).toStringList();
             if (dump.isEmpty())
                 return missing(part, "dump");
             const QString file = option(part, "file");
             return std::unique_ptr<BackupSource>(
                 std::make_unique<command::CommandSource>(command::CommandConfig {
                     part.name, dump, file.isEmpty() ? part.name.toUtf8() : file.toUtf8() }));
         } } };
}

AgentTypes agentTypes(const DataFolder &folder, const QString &timeZone)
{
    using Made = Result<std::shared_ptr<BackupAgent>>;
    return { { QStringLiteral("local"),
                 [folder](const Part &part) -> Made {
                     if (option(part, "path").isEmpty())
                         return missing(part, "path");
                     return std::shared_ptr<BackupAgent>(std::make_shared<local::LocalAgent>(
                         local::LocalConfig { part.name, pathOf(part, folder),
                             QFile::encodeName(folder.data() + QStringLiteral("/agents")) }));
                 } },
        { QStringLiteral("rclone"), [folder, timeZone](const Part &part) -> Made {
             if (const QStringList locked = lockedOptions(part); !locked.isEmpty())
                 return Error { ErrorCode::Unauthorized,
                     QStringLiteral("its options %1 were sealed with a key that is not here, as "
                                    "data/secrets.key is in no backup; give them again")
                         .arg(locked.join(QStringLiteral(", "))) };
             rclone::RcloneConfig config { part.name, option(part, "remote"), bandwidthOf(part) };
             const QString file = option(part, "config");
             if (!file.isEmpty())
                 config.configFile = QDir(folder.config()).absoluteFilePath(file);
             config.options
                 = rclone::optionsFrom(part.options.value(QStringLiteral("options")).toMap());
             config.timeZone = timeZone;
             config.readBack = parseByteCount(option(part, "read_back")).value_or(config.readBack);
             config.stateFolder = QFile::encodeName(folder.data() + QStringLiteral("/agents"));
             const Result<void> checked = rclone::checkRemote(config);
             if (!checked)
                 return checked.error();
             return std::shared_ptr<BackupAgent>(std::make_shared<rclone::RcloneAgent>(config));
         } } };
}

DrillPolicy drillPolicy(const BackupConfiguration &configuration)
{
    return { std::chrono::ceil<std::chrono::hours>(configuration.drills.every),
        configuration.drills.remoteBytes };
}

IntegrationConfig backupConfig(const BackupConfiguration &configuration)
{
    const auto parts = [](const QList<PartConfiguration> &from) {
        QList<Part> list;
        for (const PartConfiguration &part : from)
            list.append({ part.name, part.type, part.options, true });
        return list;
    };
    const auto hooks = [](const QList<HookConfiguration> &from, const char *when) {
        QList<HookCommand> list;
        for (const HookConfiguration &hook : from)
            list.append({ hook.command, hook.timeout,
                hook.onError == QLatin1String("warn")         ? backup::OnError::Warn
                    : hook.onError == QLatin1String("ignore") ? backup::OnError::Ignore
                                                              : backup::OnError::Fail,
                QStringLiteral("backup.hooks.%1[%2]").arg(QLatin1String(when)).arg(list.size()) });
        return list;
    };
    std::vector<backup::AgeRecipient> recipients;
    for (const QString &text : configuration.encryption.recipients) {
        const auto recipient = backup::AgeRecipient::parse(text.toLatin1()); // checked before
        if (recipient)
            recipients.push_back(*recipient);
    }
    return { configuration.enabled, configuration.timeout, parts(configuration.sources),
        parts(configuration.agents), hooks(configuration.before, "before"),
        hooks(configuration.after, "after"), { configuration.pingUrl, configuration.overdueAfter },
        recipients };
}

} // namespace hubkeep
