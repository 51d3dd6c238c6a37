#include "app/configuration.h"

#include "app/agentchecks.h"
#include "app/bytecount.h"
#include "app/configurationschema.h"
#include "app/notifierchecks.h"
#include "automation/core/yaml.h"
#include "automation/engine/automationengine.h"
#include "automation/engine/automationfiles.h"

#include <QDir>
#include <QFileInfo>
#include <QHostAddress>
#include <QRegularExpression>
#include <QTimeZone>

#include <cmath>

namespace hubkeep {
namespace {

const QString mainFile = QStringLiteral("hubkeep.yaml");

// The value below value at the keys, or nullptr.
const Value *valueAt(const Value &value, std::initializer_list<const char *> keys)
{
    const Value *at = &value;
    for (const char *key : keys) {
        at = at->find(QString::fromLatin1(key));
        if (!at)
            return nullptr;
    }
    return at;
}

bool holdsSecret(const Value &value)
{
    const auto isOne = [](const Value::Member &member) { return holdsSecret(member.value); };
    return value.isSecret() || std::any_of(value.items().begin(), value.items().end(), holdsSecret)
        || std::any_of(value.members().begin(), value.members().end(), isOne);
}

bool isWritten(const Value *value)
{
    return value && value->kind() != Value::Kind::Null;
}

QVariantMap section(const QVariantMap &map, const char *key)
{
    return map.value(QString::fromLatin1(key)).toMap();
}

// ---- What concerns several keys
// ------------------------------------------------------------------

void checkUniqueNames(const Value *list, const QString &path, QList<ValueProblem> &problems)
{
    if (!list)
        return;
    QHash<QString, qsizetype> first;
    qsizetype index = 0;
    for (const Value &item : list->items()) {
        const Value *name = item.find(QStringLiteral("name"));
        if (name && !name->text().isEmpty()) {
            if (first.contains(name->text()))
                problems.append({ name->place(),
                    atPath(pathTo(pathTo(path, index), QStringLiteral("name")),
                        QStringLiteral("%1 is the name of %2 already")
                            .arg(quoted(name->text()), pathTo(path, first.value(name->text())))) });
            else
                first.insert(name->text(), index);
        }
        ++index;
    }
}

void checkReachability(
    const Value &root, const HttpConfiguration &http, QList<ValueProblem> &problems)
{
    const Value *host = valueAt(root, { "http", "host" });
    if (!isWritten(host) || http.insecure || isWritten(valueAt(root, { "http", "tls" })))
        return;
    const QHostAddress address(http.host);
    if (address.isNull() || address.isLoopback())
        return;
    problems.append({ host->place(),
        QStringLiteral("http.host: other machines could read passwords on their way to %1; set "
                       "http.tls, or http.insecure: true where something else encrypts")
            .arg(http.host) });
}

QString tlsFile(const Value &root, const char *key, const QString &configFolder,
    const QVariantMap &tls, QList<ValueProblem> &problems)
{
    const QString written = tls.value(QString::fromLatin1(key)).toString();
    if (written.isEmpty())
        return {};
    const QString path = QDir::cleanPath(QDir(configFolder).absoluteFilePath(written));
    const QFileInfo info(path);
    QString sentence;
    if (!info.exists())
        sentence = QStringLiteral("there is no file %1");
    else if (!info.isFile())
        sentence = QStringLiteral("%1 is no file");
    else if (!info.isReadable())
        sentence = QStringLiteral("%1 cannot be read; give the hub's user the right to");
    if (!sentence.isEmpty())
        problems.append({ valueAt(root, { "http", "tls", key })->place(),
            QStringLiteral("http.tls.%1: ").arg(QLatin1String(key)) + sentence.arg(quoted(path)) });
    return path;
}

// ---- From the checked values
// ---------------------------------------------------------------------

HttpConfiguration httpFrom(const QVariantMap &map)
{
    HttpConfiguration http;
    http.host = map.value(QStringLiteral("host"), http.host).toString();
    if (http.host == QLatin1String("localhost"))
        http.host = QStringLiteral("127.0.0.1");
    http.port = quint16(map.value(QStringLiteral("port"), http.port).toUInt());
    http.insecure = map.value(QStringLiteral("insecure")).toBool();
    return http;
}

std::chrono::milliseconds durationFrom(
    const QVariantMap &map, const char *key, std::chrono::milliseconds otherwise)
{
    return parseDuration(map.value(QString::fromLatin1(key)).toString()).value_or(otherwise);
}

PartConfiguration partFrom(QVariantMap options)
{
    const QString name = options.value(QStringLiteral("name")).toString();
    const QString type = options.value(QStringLiteral("type")).toString();
    if (type == QLatin1String("command") && !options.contains(QStringLiteral("file")))
        options.insert(QStringLiteral("file"), QString(name + QLatin1String(".dump")));
    return { name, type, options };
}

// Written is the list that parts were read from.
void markSecrets(QList<PartConfiguration> &parts, const Value *written)
{
    if (!written)
        return;
    for (PartConfiguration &part : parts) {
        for (const Value &item : written->items()) {
            const Value *name = item.find(QStringLiteral("name"));
            if (!name || name->text() != part.name)
                continue;
            for (const Value::Member &member : item.members()) {
                if (holdsSecret(member.value))
                    part.secret.append(member.key);
            }
        }
    }
}

QList<PartConfiguration> partsFrom(const QVariantMap &map, const char *key)
{
    QList<PartConfiguration> parts;
    for (const QVariant &part : map.value(QString::fromLatin1(key)).toList()) {
        if (part.isValid())
            parts.append(partFrom(part.toMap()));
    }
    return parts;
}

QList<HookConfiguration> hooksFrom(const QVariantMap &map, const char *key)
{
    QList<HookConfiguration> hooks;
    for (const QVariant &written : map.value(QString::fromLatin1(key)).toList()) {
        HookConfiguration hook;
        hook.command = written.toMap().value(QStringLiteral("command")).toStringList();
        hook.timeout = durationFrom(written.toMap(), "timeout", hook.timeout);
        hook.onError = written.toMap().value(QStringLiteral("on_error"), hook.onError).toString();
        if (!hook.command.isEmpty())
            hooks.append(hook);
    }
    return hooks;
}

PartConfiguration defaultAgent()
{
    return partFrom({ { QStringLiteral("name"), QStringLiteral("local") },
        { QStringLiteral("type"), QStringLiteral("local") },
        { QStringLiteral("path"), QStringLiteral("backups") } });
}

BackupConfiguration backupFrom(const QVariantMap &map)
{
    BackupConfiguration backup;
    backup.enabled = map.value(QStringLiteral("enabled"), true).toBool();
    backup.timeout = durationFrom(map, "timeout", backup.timeout);
    backup.sources = partsFrom(map, "sources");
    backup.agents = partsFrom(map, "agents");
    if (backup.agents.isEmpty())
        backup.agents.append(defaultAgent());
    const QVariantMap hooks = section(map, "hooks");
    backup.before = hooksFrom(hooks, "before");
    backup.after = hooksFrom(hooks, "after");
    const QVariantMap encryption = section(map, "encryption");
    for (const char *key : { "recipients", "recovery_recipients" })
        backup.encryption.recipients += encryption.value(QString::fromLatin1(key)).toStringList();
    const QVariantMap drills = section(map, "drills");
    backup.drills.every = drills.value(QStringLiteral("enabled"), true).toBool()
        ? durationFrom(drills, "every", backup.drills.every)
        : std::chrono::milliseconds(0);
    const QVariant limit = drills.value(QStringLiteral("remote_limit"));
    if (limit.isValid())
        backup.drills.remoteBytes
            = parseByteCount(limit.toString()).value_or(backup.drills.remoteBytes);
    const QVariantMap health = section(map, "health");
    backup.pingUrl = health.value(QStringLiteral("ping_url")).toString();
    if (const auto overdue
        = parseDuration(health.value(QStringLiteral("overdue_after")).toString()))
        backup.overdueAfter = std::chrono::duration_cast<std::chrono::seconds>(*overdue);
    return backup;
}

QVariantMap sectionsFrom(const QVariantMap &map)
{
    QVariantMap sections;
    for (const char *key : { "recorder", "mqtt" }) {
        const QVariant value = map.value(QString::fromLatin1(key));
        if (value.isValid())
            sections.insert(QString::fromLatin1(key), value);
    }
    return sections;
}

QString systemTimeZone()
{
    const QByteArray id = QTimeZone::systemTimeZoneId();
    return id.isEmpty() ? QStringLiteral("UTC") : QString::fromUtf8(id);
}

// Every problem once, in the order of the files and their lines.
QList<ConfigurationProblem> sorted(const QList<ValueProblem> &problems)
{
    QList<ConfigurationProblem> list;
    for (const ValueProblem &problem : problems) {
        const ConfigurationProblem converted { problem.place.file, problem.place.line,
            problem.place.column, problem.message };
        const bool known
            = std::any_of(list.begin(), list.end(), [&](const ConfigurationProblem &other) {
                  return toString(other) == toString(converted);
              });
        if (!known)
            list.append(converted);
    }
    std::stable_sort(
        list.begin(), list.end(), [](const ConfigurationProblem &a, const ConfigurationProblem &b) {
            return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
        });
    return list;
}

Configuration configurationFrom(
    const Value &root, const QString &dataFolder, QList<ValueProblem> &problems)
{
    const QVariantMap map = configurationSchema().check(root, {}, problems).toMap();
    const QString configFolder = QDir(dataFolder).absoluteFilePath(QStringLiteral("config"));
    Configuration configuration;
    const QVariantMap hub = section(map, "hub");
    configuration.name = hub.value(QStringLiteral("name"), configuration.name).toString();
    configuration.timeZone = hub.value(QStringLiteral("time_zone"), systemTimeZone()).toString();
    configuration.http = httpFrom(section(map, "http"));
    const QVariantMap tls = section(section(map, "http"), "tls");
    configuration.http.tls = { tlsFile(root, "certificate", configFolder, tls, problems),
        tlsFile(root, "key", configFolder, tls, problems) };
    checkReachability(root, configuration.http, problems);
    configuration.backup = backupFrom(section(map, "backup"));
    configuration.notifiers = partsFrom(map, "notify");
    markSecrets(configuration.notifiers, valueAt(root, { "notify" }));
    configuration.sections = sectionsFrom(map);

    checkUniqueNames(
        valueAt(root, { "backup", "sources" }), QStringLiteral("backup.sources"), problems);
    checkUniqueNames(
        valueAt(root, { "backup", "agents" }), QStringLiteral("backup.agents"), problems);
    checkUniqueNames(valueAt(root, { "notify" }), QStringLiteral("notify"), problems);
    checkNotifiers(valueAt(root, { "notify" }), QStringLiteral("notify"), problems);
    checkAgents(valueAt(root, { "backup", "agents" }), QStringLiteral("backup.agents"), dataFolder,
        problems);
    return configuration;
}

// Reads hubkeep.yaml with loader, which keeps what is wrong with it as YAML.
Configuration load(YamlLoader &loader, const QString &dataFolder, QList<ValueProblem> &problems)
{
    Value root;
    if (QFileInfo::exists(dataFolder + QLatin1String("/config/") + mainFile))
        root = loader.load(mainFile);
    if (root.kind() == Value::Kind::Null || root.kind() == Value::Kind::Broken)
        root = Value::map({}, root.place());
    return configurationFrom(root, dataFolder, problems);
}

Result<PartConfiguration> partFromVariant(const Schema &schema, const QVariantMap &fields)
{
    QList<ValueProblem> problems;
    const QVariant checked = schema.check(Value::fromVariant(fields), {}, problems);
    if (!problems.isEmpty())
        return Error { ErrorCode::InvalidArgument, problems.first().message };
    return partFrom(checked.toMap());
}

} // namespace

QString toString(const ConfigurationProblem &problem)
{
    return QStringLiteral("%1:%2:%3: %4")
        .arg(quoted(problem.file).mid(1).chopped(1))
        .arg(std::max(problem.line, 1))
        .arg(std::max(problem.column, 1))
        .arg(problem.message);
}

LoadedConfiguration loadConfiguration(const QString &dataFolder)
{
    YamlLoader loader(dataFolder + QLatin1String("/config"));
    QList<ValueProblem> problems;
    LoadedConfiguration loaded;
    loaded.configuration = load(loader, dataFolder, problems);
    loaded.problems = sorted(loader.problems() + problems);
    return loaded;
}

QList<ConfigurationProblem> checkConfiguration(
    const QString &dataFolder, const QStringList &knownActions)
{
    const QString folder = dataFolder + QLatin1String("/config");
    YamlLoader main(folder);
    QList<ValueProblem> problems;
    load(main, dataFolder, problems);
    problems = main.problems() + problems;
    problems += automation::AutomationEngine::check(
        folder, knownActions.isEmpty() ? nullptr : &knownActions);
    const QStringList automations = automation::AutomationFiles::names(folder);
    const QStringList files
        = QDir(folder).entryList({ QStringLiteral("*.yaml") }, QDir::Files, QDir::Name);
    for (const QString &file : files) {
        if (file == mainFile || automations.contains(file))
            continue;
        YamlLoader loader(folder); // with bounds of its own
        const Value value = loader.load(file);
        problems += loader.problems();
        if (file == QLatin1String("secrets.yaml") && value.kind() != Value::Kind::Map
            && value.kind() != Value::Kind::Null && value.kind() != Value::Kind::Broken)
            problems.append(
                { value.place(), QStringLiteral("must be a mapping of names to secrets") });
    }
    return sorted(problems);
}

Result<PartConfiguration> sourceFromVariant(const QVariantMap &fields)
{
    return partFromVariant(sourceSchema(), fields);
}

Result<PartConfiguration> agentFromVariant(const QVariantMap &fields, const QString &dataFolder)
{
    QList<ValueProblem> problems;
    checkAgent(Value::fromVariant(fields), {}, dataFolder, problems);
    const Result<PartConfiguration> part = partFromVariant(agentSchema(), fields);
    if (part && !problems.isEmpty())
        return Error { ErrorCode::InvalidArgument, problems.first().message };
    return part;
}

Result<PartConfiguration> notifierFromVariant(const QVariantMap &fields)
{
    QList<ValueProblem> problems;
    checkNotifier(Value::fromVariant(fields), {}, problems);
    const Result<PartConfiguration> part = partFromVariant(notifierSchema(), fields);
    if (part && !problems.isEmpty())
        return Error { ErrorCode::InvalidArgument, problems.first().message };
    return part;
}

std::optional<std::chrono::milliseconds> parseDuration(const QString &text)
{
    static const QRegularExpression clock(
        QStringLiteral("\\A(\\d{1,5}):([0-5]?\\d):([0-5]?\\d(?:\\.\\d{1,3})?)\\z"));
    static const QRegularExpression number(QStringLiteral("\\A\\d{1,9}(?:\\.\\d{1,9})?\\z"));
    static const QRegularExpression parts(
        QStringLiteral("\\A(?:\\d{1,9}(?:\\.\\d{1,9})?\\s*(?:ms|s|min|m|h|d)\\s*)+\\z"));
    static const QRegularExpression part(QStringLiteral("(\\d+(?:\\.\\d+)?)\\s*(ms|s|min|m|h|d)"));
    const QString trimmed = text.trimmed();
    double seconds = 0;
    if (const QRegularExpressionMatch match = clock.match(trimmed); match.hasMatch()) {
        seconds = match.captured(1).toDouble() * 3600 + match.captured(2).toDouble() * 60
            + match.captured(3).toDouble();
    } else if (number.match(trimmed).hasMatch()) {
        seconds = trimmed.toDouble();
    } else if (trimmed.size() < 200 && parts.match(trimmed).hasMatch()) {
        static const QHash<QString, double> units { { QStringLiteral("ms"), 0.001 },
            { QStringLiteral("s"), 1 }, { QStringLiteral("m"), 60 }, { QStringLiteral("min"), 60 },
            { QStringLiteral("h"), 3600 }, { QStringLiteral("d"), 86400 } };
        QRegularExpressionMatchIterator found = part.globalMatch(trimmed);
        while (found.hasNext()) {
            const QRegularExpressionMatch one = found.next();
            seconds += one.captured(1).toDouble() * units.value(one.captured(2));
        }
    } else {
        return {};
    }
    return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::optional<qint64> parseSize(const QString &text)
{
    static const QRegularExpression size(
        QStringLiteral("\\A(\\d{1,15}(?:\\.\\d{1,9})?)\\s*(?:([KMGTP])(?:i?B)?|B)?\\z"),
        QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = size.match(text.trimmed());
    if (!match.hasMatch())
        return {};
    const QString unit = match.captured(2).toUpper();
    const int power = unit.isEmpty() ? 0 : int(QStringLiteral("KMGTP").indexOf(unit)) + 1;
    const double bytes = match.captured(1).toDouble() * std::pow(1024.0, power);
    return bytes < 9e18 ? std::optional(qint64(bytes)) : std::nullopt;
}

} // namespace hubkeep
