#include "app/agentchecks.h"

#include "automation/core/schema.h"
#include "integrations/rclone/rcloneconfig.h"

#include <QDir>
#include <QHash>

namespace hubkeep {
namespace {

bool hasType(const Value &agent, const char *type)
{
    const Value *found = agent.find(QStringLiteral("type"));
    return found && found->text() == QLatin1String(type);
}

void checkOptions(const Value &agent, const QString &path, QList<ValueProblem> &problems)
{
    const Value *remote = agent.find(QStringLiteral("remote"));
    const Value *options = agent.find(QStringLiteral("options"));
    if (!remote || !options)
        return;
    rclone::RcloneOptions named;
    for (const Value::Member &option : options->members()) {
        named.insert(option.key, option.value.text());
        const QString problem = rclone::optionProblem(option.key);
        if (!problem.isEmpty())
            problems.append({ option.place,
                atPath(pathTo(pathTo(path, QStringLiteral("options")), option.key), problem) });
    }
    const QString problem = rclone::remoteProblem(remote->text(), named);
    if (!problem.isEmpty() && rclone::remoteProblem(remote->text(), {}).isEmpty())
        problems.append(
            { remote->place(), atPath(pathTo(path, QStringLiteral("remote")), problem) });
}

// Relative paths are the schema's to look at.
void checkFolder(const Value &agent, const QString &path, const QString &dataFolder,
    QList<ValueProblem> &problems)
{
    const Value *folder = agent.find(QStringLiteral("path"));
    if (!folder || !folder->text().startsWith(u'/') || dataFolder.isEmpty())
        return;
    const QString inside
        = QDir(dataFolder).relativeFilePath(QDir::cleanPath(folder->text())).section(u'/', 0, 0);
    for (const char *own : { ".", "config", "data", "keys" }) {
        if (inside == QLatin1String(own))
            problems.append({ folder->place(),
                atPath(pathTo(path, QStringLiteral("path")),
                    QStringLiteral("must not be where the hub keeps its own data")) });
    }
}

} // namespace

void checkAgent(const Value &agent, const QString &path, const QString &dataFolder,
    QList<ValueProblem> &problems)
{
    if (hasType(agent, "rclone"))
        checkOptions(agent, path, problems);
    if (hasType(agent, "local"))
        checkFolder(agent, path, dataFolder, problems);
}

void checkAgents(const Value *list, const QString &path, const QString &dataFolder,
    QList<ValueProblem> &problems)
{
    QHash<QString, qsizetype> used;
    qsizetype index = -1;
    for (const Value &agent : list ? list->items() : std::vector<Value>()) {
        const QString place = pathTo(path, ++index);
        checkAgent(agent, place, dataFolder, problems);
        const Value *written = agent.find(QStringLiteral("path"));
        const QString folder = agentFolder(agent.toVariant().toMap(), dataFolder);
        if (folder.isEmpty())
            continue;
        if (used.contains(folder))
            problems.append({ written->place(),
                atPath(pathTo(place, QStringLiteral("path")),
                    QStringLiteral("is the folder of %1 already")
                        .arg(pathTo(path, used.value(folder)))) });
        else
            used.insert(folder, index);
    }
}

QString agentFolder(const QVariantMap &options, const QString &dataFolder)
{
    const QString path = options.value(QStringLiteral("path")).toString();
    if (options.value(QStringLiteral("type")).toString() != u"local" || path.isEmpty())
        return {};
    return QDir::cleanPath(QDir(dataFolder).absoluteFilePath(path));
}

} // namespace hubkeep
