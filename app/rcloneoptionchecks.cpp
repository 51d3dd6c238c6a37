#include "app/rcloneoptionchecks.h"

#include "automation/core/childprocess.h"
#include "automation/core/nearest.h"
#include "automation/core/value.h"
#include "automation/core/yaml.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>

#include <optional>
#include <vector>

namespace hubkeep {
namespace {

constexpr int longestAnswer = 10'000; // milliseconds

using Backends = QMap<QString, QStringList>; // their options, by type

Backends knownBackends()
{
    QProcess process;
    const QStringList command { QStringLiteral("rclone"), QStringLiteral("config"),
        QStringLiteral("providers") };
    if (!startChild(process, command, QIODevice::ReadOnly))
        return {};
    if (!process.waitForFinished(longestAnswer)) {
        endChild(process);
        return {};
    }
    Backends backends;
    for (const QJsonValue &backend :
        QJsonDocument::fromJson(process.readAllStandardOutput()).array()) {
        QStringList options { QStringLiteral("type"), QStringLiteral("description") };
        for (const QJsonValue &option : backend[QStringLiteral("Options")].toArray())
            options.append(option[QStringLiteral("Name")].toString());
        for (const char *name : { "Name", "Prefix" })
            backends.insert(backend[QLatin1String(name)].toString(), options);
    }
    return backends;
}

// Of a remote of rclone's own file the type is not known here: then any type's options will do.
QString typeProblem(const QString &type, const Backends &backends)
{
    return type.isEmpty() || backends.contains(type)
        ? QString()
        : QStringLiteral("rclone has no type '%1'%2").arg(type, didYouMean(type, backends.keys()));
}

QString optionProblem(const Value::Member &option, const QString &type, const Backends &backends)
{
    if (option.key == u"type")
        return typeProblem(option.value.text(), backends);
    QStringList known = backends.value(type);
    if (type.isEmpty()) {
        for (const QStringList &options : backends)
            known += options;
    }
    const QString name = QString(option.key).toLower().replace(u'-', u'_');
    if (!known.isEmpty() && !known.contains(name))
        return type.isEmpty()
            ? QStringLiteral("rclone has no option '%1'%2").arg(option.key, didYouMean(name, known))
            : QStringLiteral("rclone's %1 has no option '%2'%3")
                  .arg(type, option.key, didYouMean(name, known));
    if (name == u"url" && !option.value.text().contains(QLatin1String("://")))
        return QStringLiteral("must be an address, as https://nas.lan/dav");
    return {};
}

} // namespace

QList<ConfigurationProblem> rcloneOptionProblems(const QString &dataFolder)
{
    const QString folder = dataFolder + QStringLiteral("/config");
    if (!QFileInfo::exists(folder + QStringLiteral("/hubkeep.yaml")))
        return {};
    YamlLoader loader(folder);
    const Value root = loader.load(QStringLiteral("hubkeep.yaml"));
    const Value *backup = root.find(QStringLiteral("backup"));
    const Value *agents = backup ? backup->find(QStringLiteral("agents")) : nullptr;
    QList<ConfigurationProblem> problems;
    std::optional<Backends> backends;
    qsizetype index = -1;
    for (const Value &agent : agents ? agents->items() : std::vector<Value>()) {
        ++index;
        const Value *kind = agent.find(QStringLiteral("type"));
        const Value *options = agent.find(QStringLiteral("options"));
        if (!kind || kind->text() != u"rclone" || !options)
            continue;
        if (!backends)
            backends = knownBackends();
        if (backends->isEmpty())
            return {};
        const Value *written = options->find(QStringLiteral("type"));
        const QString type = written ? written->text() : QString();
        for (const Value::Member &option : options->members()) {
            const QString problem = optionProblem(option, type, *backends);
            if (!problem.isEmpty())
                problems.append({ option.place.file, option.place.line, option.place.column,
                    QStringLiteral("backup.agents[%1].options.%2: %3")
                        .arg(index)
                        .arg(option.key, problem) });
        }
    }
    return problems;
}

} // namespace hubkeep
