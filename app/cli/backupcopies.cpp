#include "app/cli/backupcopies.h"

#include "app/agentchecks.h"
#include "app/cli/hubclient.h"
#include "app/configuration.h"
#include "app/datafolder.h"
#include "automation/core/filedescriptor.h"
#include "integrations/backup/backupfolder.h"
#include "integrations/backup/databaseconnection.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

#include <chrono>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

QList<QVariantMap> agentsOfHub(const Context &context)
{
    QList<QVariantMap> agents;
    Result<HubClient> hub = HubClient::running(context.dataFolder(), context.control);
    const Result<QJsonDocument> answer
        = hub ? hub->get(QStringLiteral("/api/v1/agents")) : Result<QJsonDocument>(hub.error());
    if (answer) {
        for (const QJsonValue &agent : answer->object().value(QStringLiteral("agents")).toArray())
            agents.append(agent.toObject().toVariantMap());
        return agents;
    }
    const DataFolder folder(context.dataFolder());
    for (const PartConfiguration &agent :
        loadConfiguration(folder.path()).configuration.backup.agents)
        agents.append(agent.options);
    return agents + agentsOfStateDatabase(context, folder.stateDatabase());
}

} // namespace

QList<QVariantMap> agentsOfStateDatabase(const Context &context, const QString &stateDatabase)
{
    const Result<DatabaseConnection> db
        = openDatabase(databaseUri(QFile::encodeName(stateDatabase), "?immutable=1"),
            SQLITE_OPEN_READONLY, std::chrono::milliseconds(0), context.control);
    const Result<QByteArray> stored = db
        ? queryText(db->get(), "SELECT value FROM settings WHERE name = 'backup.agents'")
        : Result<QByteArray>(db.error());
    QList<QVariantMap> agents;
    for (const QJsonValue &agent : QJsonDocument::fromJson(stored ? *stored : "").array())
        agents.append(agent.toObject().toVariantMap());
    return agents;
}

QList<BackupCopy> copiesOf(const Context &context, const QString &id)
{
    QList<BackupCopy> folders;
    const QByteArray first = context.backupsFolder();
    for (const QVariantMap &agent : agentsOfHub(context)) {
        const QByteArray folder = QFile::encodeName(agentFolder(agent, context.dataFolder()));
        const BackupCopy copy {
            QStringLiteral("local.") + agent.value(QStringLiteral("name")).toString(), folder
        };
        if (folder == first)
            folders.prepend(copy);
        else if (!folder.isEmpty())
            folders.append(copy);
    }
    if (folders.isEmpty() || folders.first().path != first)
        folders.prepend({ displayName(first), first });
    QList<BackupCopy> copies;
    QSet<QString> seen;
    for (const BackupCopy &folder : std::as_const(folders)) {
        for (const QByteArray &name : { archiveName(id), encryptedName(id) }) {
            const QFileInfo file(QFile::decodeName(folder.path + '/' + name));
            if (!file.isFile() || seen.contains(file.canonicalFilePath()))
                continue;
            seen.insert(file.canonicalFilePath());
            copies.append({ folder.place, folder.path + '/' + name });
        }
    }
    return copies;
}

} // namespace hubkeep::cli
