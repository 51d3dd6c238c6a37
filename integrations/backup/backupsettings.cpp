#include "integrations/backup/backupsettings.h"

#include "automation/core/nearest.h"

#include <QJsonArray>
#include <QTime>

#include <limits>

namespace hubkeep::backup {
namespace {

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

Error invalid(const QString &message)
{
    return { ErrorCode::InvalidArgument, message };
}

Error wrongType(const QString &field, const char *wanted)
{
    return invalid(QStringLiteral("%1 must be %2").arg(field, QLatin1String(wanted)));
}

// The value as an object of which all fields are known; where says which one it is.
Result<QJsonObject> knownObject(
    const QJsonValue &value, const QString &where, const QStringList &fields)
{
    if (!value.isObject())
        return wrongType(where, "an object");
    const QJsonObject object = value.toObject();
    QStringList unknown;
    for (const QString &field : object.keys()) {
        if (!fields.contains(field))
            unknown.append(QStringLiteral("'%1'%2").arg(field, didYouMean(field, fields)));
    }
    if (!unknown.isEmpty())
        return invalid(QStringLiteral("Unknown in %1: %2").arg(where, unknown.join(u", ")));
    return object;
}

Result<bool> boolean(const QJsonValue &value, const QString &field)
{
    if (!value.isBool())
        return wrongType(field, "true or false");
    return value.toBool();
}

// null is nothing.
Result<QString> textOrNull(const QJsonValue &value, const QString &field)
{
    if (!value.isString() && !value.isNull())
        return wrongType(field, "a text or null");
    return value.toString();
}

Result<QStringList> uniqueTexts(const QJsonValue &value, const QString &field)
{
    if (!value.isArray())
        return wrongType(field, "a list of texts");
    QStringList texts;
    for (const QJsonValue &element : value.toArray()) {
        if (!element.isString() || element.toString().isEmpty())
            return wrongType(field, "a list of texts");
        if (texts.contains(element.toString()))
            return invalid(QStringLiteral("%1 names '%2' twice").arg(field, element.toString()));
        texts.append(element.toString());
    }
    return texts;
}

Result<QString> oneOf(const QJsonValue &value, const QString &field, const QStringList &choices)
{
    if (!value.isString() || !choices.contains(value.toString()))
        return invalid(QStringLiteral("%1 must be one of %2%3")
                           .arg(field, choices.join(u", "), didYouMean(value.toString(), choices)));
    return value.toString();
}

struct RetentionField
{
    const char *name;
    std::optional<int> Retention::*member;
};
constexpr RetentionField retentionFields[] = { { "copies", &Retention::copies },
    { "days", &Retention::days }, { "hourly", &Retention::hourly }, { "daily", &Retention::daily },
    { "weekly", &Retention::weekly }, { "monthly", &Retention::monthly },
    { "yearly", &Retention::yearly } };

Result<void> mergeAgents(BackupSettings &settings, const QJsonValue &value)
{
    if (!value.isObject())
        return wrongType(QStringLiteral("agents"), "an object");
    const QJsonObject agents = value.toObject();
    for (auto agent = agents.begin(); agent != agents.end(); ++agent) {
        const QString where = QStringLiteral("agents.%1").arg(agent.key());
        const qsizetype dot = agent.key().indexOf(u'.');
        if (dot < 1 || dot == agent.key().size() - 1)
            return invalid(QStringLiteral("agents: '%1' is no agent's id, which is <type>.<name>")
                               .arg(agent.key()));
        const Result<QJsonObject> fields = knownObject(
            agent.value(), where, { QStringLiteral("protected"), QStringLiteral("retention") });
        if (!fields)
            return fields.error();
        AgentSettings &changed = settings.agents[agent.key()];
        if (fields->contains(key("protected"))) {
            const Result<bool> isProtected
                = boolean(fields->value(key("protected")), where + key(".protected"));
            if (!isProtected)
                return isProtected.error();
            changed.isProtected = *isProtected;
        }
        if (!fields->contains(key("retention")))
            continue;
        changed.retention.reset();
        if (fields->value(key("retention")).isNull())
            continue;
        const Result<Retention> retention
            = retentionFromJson(fields->value(key("retention")), where + key(".retention"));
        if (!retention)
            return retention.error();
        changed.retention = *retention;
    }
    return {};
}

// Gives target what read says of object's field, where it is there.
template <typename Target, typename Read>
Result<void> mergeField(
    const QJsonObject &object, const char *where, const char *name, Target &target, Read read)
{
    if (!object.contains(key(name)))
        return {};
    const auto value
        = read(object.value(key(name)), QStringLiteral("%1.%2").arg(key(where), key(name)));
    if (!value)
        return value.error();
    target = *value;
    return {};
}

Result<std::optional<QStringList>> textsOrNull(const QJsonValue &value, const QString &field)
{
    if (value.isNull())
        return std::optional<QStringList>();
    const Result<QStringList> texts = uniqueTexts(value, field);
    if (!texts)
        return texts.error();
    return std::optional<QStringList>(*texts);
}

// What is read says null of a password and beside it whether there is one: written back, it stays.
bool isWrittenBack(const QJsonObject &createBackup)
{
    return createBackup.value(key("password")).isNull()
        && createBackup.value(key("password_set")).toBool();
}

Result<void> mergeCreateBackup(BackupSettings &settings, const QJsonValue &value)
{
    const Result<QJsonObject> o = knownObject(value, QStringLiteral("create_backup"),
        { QStringLiteral("agent_ids"), QStringLiteral("include_sources"),
            QStringLiteral("include_database"), QStringLiteral("name"), QStringLiteral("password"),
            QStringLiteral("password_set"), QStringLiteral("include_addons"),
            QStringLiteral("include_all_addons"), QStringLiteral("include_folders"),
            QStringLiteral("include_homeassistant") });
    if (!o)
        return o.error();
    const char *const where = "create_backup";
    bool isSet = false; // only shown
    const QString password = settings.password;
    for (const Result<void> &merged : {
             mergeField(*o, where, "agent_ids", settings.agentIds, uniqueTexts),
             mergeField(*o, where, "include_sources", settings.includeSources, textsOrNull),
             mergeField(*o, where, "include_database", settings.includeDatabase, boolean),
             mergeField(*o, where, "name", settings.name, textOrNull),
             mergeField(*o, where, "password", settings.password, textOrNull),
             mergeField(*o, where, "password_set", isSet, boolean),
         }) {
        if (!merged)
            return merged;
    }
    if (isWrittenBack(*o))
        settings.password = password;
    if (settings.includeSources && settings.includeSources->isEmpty())
        return invalid(QStringLiteral(
            "create_backup.include_sources takes the names of sources, or null for all of them"));
    return {};
}

Result<QStringList> weekdays(const QJsonValue &value, const QString &field)
{
    static const QStringList all { QStringLiteral("mon"), QStringLiteral("tue"),
        QStringLiteral("wed"), QStringLiteral("thu"), QStringLiteral("fri"), QStringLiteral("sat"),
        QStringLiteral("sun") };
    const Result<QStringList> days = uniqueTexts(value, field);
    if (!days)
        return days.error();
    for (const QString &day : *days) {
        if (!all.contains(day))
            return invalid(
                QStringLiteral("%1: '%2' is none of %3").arg(field, day, all.join(u", ")));
    }
    return days;
}

// "HH:MM" is "HH:MM:00".
Result<QString> timeOfDay(const QJsonValue &value, const QString &field)
{
    if (value.isNull())
        return QString();
    const QString text = value.toString();
    for (const QString &form : { QStringLiteral("HH:mm:ss"), QStringLiteral("HH:mm") }) {
        const QTime time = QTime::fromString(text, form);
        if (time.isValid())
            return time.toString(QStringLiteral("HH:mm:ss"));
    }
    return wrongType(field, "a time of day, HH:MM:SS or HH:MM, or null");
}

Result<void> replaceSchedule(BackupSettings &settings, const QJsonValue &value)
{
    const Result<QJsonObject> o = knownObject(value, QStringLiteral("schedule"),
        { QStringLiteral("recurrence"), QStringLiteral("days"), QStringLiteral("time"),
            QStringLiteral("catch_up") });
    if (!o)
        return o.error();
    const BackupSettings defaults;
    settings.recurrence = defaults.recurrence;
    settings.days = defaults.days;
    settings.time = defaults.time;
    settings.catchUp = defaults.catchUp;
    const auto recurrence = [](const QJsonValue &v, const QString &field) {
        return oneOf(v, field,
            { QStringLiteral("never"), QStringLiteral("daily"), QStringLiteral("custom_days") });
    };
    const auto catchUp = [](const QJsonValue &v, const QString &field) {
        return oneOf(v, field, { QStringLiteral("immediately"), QStringLiteral("next_slot") });
    };
    const char *const where = "schedule";
    for (const Result<void> &replaced : {
             mergeField(*o, where, "recurrence", settings.recurrence, recurrence),
             mergeField(*o, where, "days", settings.days, weekdays),
             mergeField(*o, where, "time", settings.time, timeOfDay),
             mergeField(*o, where, "catch_up", settings.catchUp, catchUp),
         }) {
        if (!replaced)
            return replaced;
    }
    return {};
}

} // namespace

Result<Retention> retentionFromJson(const QJsonValue &value, const QString &where)
{
    QStringList names;
    for (const RetentionField &field : retentionFields)
        names.append(key(field.name));
    const Result<QJsonObject> object = knownObject(value, where, names);
    if (!object)
        return object.error();
    Retention retention;
    for (const RetentionField &field : retentionFields) {
        const QJsonValue count = object->value(key(field.name));
        if (count.isNull() || count.isUndefined())
            continue;
        const double number = count.toDouble();
        if (number < 1 || number > std::numeric_limits<int>::max() || number != int(number))
            return wrongType(
                where + u'.' + key(field.name), "a whole number of at least 1, or null");
        retention.*field.member = int(number);
    }
    return retention;
}

QJsonObject toJson(const Retention &retention)
{
    QJsonObject object;
    for (const RetentionField &field : retentionFields) {
        const std::optional<int> &count = retention.*field.member;
        object.insert(key(field.name), count ? QJsonValue(*count) : QJsonValue());
    }
    return object;
}

Result<BackupSettings> BackupSettings::merged(const QJsonObject &changes) const
{
    const Result<QJsonObject> known = knownObject(changes, QStringLiteral("the settings"),
        { QStringLiteral("agents"), QStringLiteral("create_backup"), QStringLiteral("retention"),
            QStringLiteral("schedule"), QStringLiteral("automatic_backups_configured") });
    if (!known)
        return known.error();
    BackupSettings after = *this;
    const auto merge = [&](const char *section, auto change) -> Result<void> {
        return changes.contains(key(section)) ? change(after, changes.value(key(section)))
                                              : Result<void>();
    };
    const auto replaceRetention
        = [](BackupSettings &settings, const QJsonValue &value) -> Result<void> {
        const Result<Retention> read = retentionFromJson(value, QStringLiteral("retention"));
        if (!read)
            return read.error();
        settings.retention = *read;
        return {};
    };
    for (const Result<void> &done :
        { merge("agents", mergeAgents), merge("create_backup", mergeCreateBackup),
            merge("retention", replaceRetention), merge("schedule", replaceSchedule) }) {
        if (!done)
            return done.error();
    }
    return after;
}

Result<void> checkNames(
    const BackupSettings &before, const BackupSettings &after, const KnownNames &known)
{
    struct Names
    {
        const char *field;
        const char *what;
        QStringList now, before, known;
    };
    for (const Names &names : {
             Names { "agents", "agent", after.agents.keys(), before.agents.keys(), known.agents },
             Names { "create_backup.agent_ids", "agent", after.agentIds, before.agentIds,
                 known.agents },
             Names { "create_backup.include_sources", "source",
                 after.includeSources.value_or(QStringList()),
                 before.includeSources.value_or(QStringList()), known.sources },
         }) {
        for (const QString &name : names.now) {
            if (!names.known.contains(name) && !names.before.contains(name))
                return invalid(QStringLiteral("%1: There is no %2 '%3'%4")
                                   .arg(key(names.field), key(names.what), name,
                                       didYouMean(name, names.known)));
        }
    }
    return {};
}

QJsonObject toJson(const BackupSettings &settings, Passwords passwords)
{
    const auto textOrNothing
        = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    QJsonObject agents;
    for (auto agent = settings.agents.begin(); agent != settings.agents.end(); ++agent)
        agents.insert(agent.key(),
            QJsonObject { { key("protected"), agent->isProtected },
                { key("retention"),
                    agent->retention ? QJsonValue(toJson(*agent->retention)) : QJsonValue() } });
    QJsonObject createBackup {
        { key("agent_ids"), QJsonArray::fromStringList(settings.agentIds) },
        { key("include_sources"),
            settings.includeSources
                ? QJsonValue(QJsonArray::fromStringList(*settings.includeSources))
                : QJsonValue() },
        { key("include_database"), settings.includeDatabase },
        { key("name"), textOrNothing(settings.name) },
        { key("password"),
            passwords == Passwords::Shown ? textOrNothing(settings.password) : QJsonValue() },
    };
    if (passwords == Passwords::Hidden)
        createBackup.insert(key("password_set"), !settings.password.isEmpty());
    const QJsonObject schedule { { key("recurrence"), settings.recurrence },
        { key("days"), QJsonArray::fromStringList(settings.days) },
        { key("time"), textOrNothing(settings.time) }, { key("catch_up"), settings.catchUp } };
    return { { key("agents"), agents }, { key("create_backup"), createBackup },
        { key("retention"), toJson(settings.retention) }, { key("schedule"), schedule } };
}

Result<BackupSettings> backupSettingsFromJson(const QJsonObject &stored)
{
    return BackupSettings().merged(stored);
}

} // namespace hubkeep::backup
