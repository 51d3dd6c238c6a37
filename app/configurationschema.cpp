#include "app/configurationschema.h"

#include "app/bytecount.h"
#include "app/configuration.h"
#include "automation/core/nearest.h"
#include "automation/core/state.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/rclone/rcloneconfig.h"

#include <QDir>
#include <QHostAddress>
#include <QRegularExpression>
#include <QTimeZone>
#include <QUrl>

namespace hubkeep {
namespace {

using namespace std::chrono_literals;
using Keys = QList<Schema::Key>;

bool hasControlCharacters(const QString &text)
{
    return std::any_of(
        text.begin(), text.end(), [](QChar c) { return c.category() == QChar::Other_Control; });
}

// ---- Texts
// ---------------------------------------------------------------------------------------

// A source's name is a folder in the backup.
QString checkSourceName(const QString &name)
{
    if (name.contains(u'/') || name == QLatin1String(".") || name == QLatin1String(".."))
        return QStringLiteral("is a folder's name in the backup, so it cannot be '.' or '..' or "
                              "have a '/' in it");
    if (name.toUtf8().size() > 100)
        return QStringLiteral("must not be longer than 100 bytes");
    if (hasControlCharacters(name))
        return QStringLiteral("must not have control characters in it");
    if (name != name.trimmed())
        return QStringLiteral("must not begin or end with a space");
    if (name == QLatin1String("hub") || name == QLatin1String("state")
        || name == QLatin1String("history"))
        return QStringLiteral("must not be hub, state or history, which are the hub's own");
    return {};
}

// An agent's or a notifier's name is part of an entity's or an action's id.
QString checkSlug(const QString &name)
{
    static const QRegularExpression slug(QStringLiteral("\\A[a-z0-9_]{1,64}\\z"));
    if (slug.match(name).hasMatch())
        return {};
    static const QRegularExpression others(QStringLiteral("[^a-z0-9]+"));
    QString suggestion = name.toLower().replace(others, QStringLiteral("_")).left(64);
    while (suggestion.startsWith(u'_'))
        suggestion.remove(0, 1);
    while (suggestion.endsWith(u'_'))
        suggestion.chop(1);
    return QStringLiteral("must be up to 64 lower-case letters, digits and '_'%1")
        .arg(suggestion.isEmpty() ? QString() : QStringLiteral(", as '%1'").arg(suggestion));
}

QString checkNotifierName(const QString &name)
{
    if (name == QLatin1String("send_message") || name == QLatin1String("notify")
        || name == QLatin1String("persistent_notification"))
        return QStringLiteral("must not be %1, which is an action of its own").arg(name);
    return checkSlug(name);
}

QString checkAbsolutePath(const QString &path)
{
    if (!path.startsWith(u'/'))
        return QStringLiteral("must be an absolute path, one that begins with '/'");
    return {};
}

// Relative ones are below the data folder.
QString checkAgentPath(const QString &path)
{
    if (path.split(u'/').contains(QStringLiteral("..")))
        return QStringLiteral("must not have '..' in it");
    const QStringList parts = QDir::cleanPath(path).split(u'/', Qt::SkipEmptyParts);
    if (path.startsWith(u'/'))
        return parts.isEmpty() ? QStringLiteral("must be a folder of its own") : QString();
    static const QStringList own { QStringLiteral("."), QStringLiteral("config"),
        QStringLiteral("data"), QStringLiteral("keys") };
    if (parts.isEmpty() || own.contains(parts.first()))
        return QStringLiteral("must not be where the hub keeps its own data; a relative path is "
                              "below the data folder, as 'backups'");
    return {};
}

QString checkFileName(const QString &name)
{
    if (name.contains(u'/') || name == QLatin1String(".") || name == QLatin1String("..")
        || hasControlCharacters(name) || name.toUtf8().size() > 255)
        return QStringLiteral("must be a plain file name, as 'ledger.dump'");
    return {};
}

QString checkGlob(const QString &glob)
{
    if (glob.startsWith(u'!'))
        return QStringLiteral("cannot begin with '!': nothing is un-excluded here; name what to "
                              "back up under 'include', or write '\\!' for a name that begins so");
    if (glob.split(u'/').contains(QStringLiteral("..")) || glob.startsWith(QLatin1String("./")))
        return QStringLiteral("must be relative to the source, without './' or '..'");
    if (glob.endsWith(u'\\') && !glob.endsWith(QLatin1String("\\\\")))
        return QStringLiteral("must not end with a single '\\'");
    if (glob.size() > 1000)
        return QStringLiteral("must not be longer than 1000 characters");
    return {};
}

QString checkByteCount(const QString &text)
{
    return parseByteCount(text) ? QString()
                                : QStringLiteral("must be an amount of data, as '500M' or '2G'");
}

QString checkHttpUrl(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    const bool http
        = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !http || url.host().isEmpty())
        return QStringLiteral("must be an http:// or https:// address");
    return {};
}

QString checkTopicUrl(const QString &text)
{
    const QString problem = checkHttpUrl(text);
    if (problem.isEmpty() && QUrl(text).path().remove(u'/').isEmpty())
        return QStringLiteral("must end with a topic, as 'https://ntfy.sh/my-topic'");
    return problem;
}

QString checkAnyUrl(const QString &text)
{
    static const QRegularExpression url(QStringLiteral("\\A[A-Za-z][A-Za-z0-9+.-]*://\\S+\\z"));
    return url.match(text).hasMatch()
        ? QString()
        : QStringLiteral("must be an address as Apprise has them, as 'mailto://user:pass@host'");
}

QString checkPriority(const QString &text)
{
    static const QStringList known { QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("3"),
        QStringLiteral("4"), QStringLiteral("5"), QStringLiteral("min"), QStringLiteral("low"),
        QStringLiteral("default"), QStringLiteral("high"), QStringLiteral("max") };
    return known.contains(text)
        ? QString()
        : QStringLiteral("must be 1 to 5, or min, low, default, high or max%1")
              .arg(didYouMean(text, known));
}

QString checkRemote(const QString &remote)
{
    return rclone::remoteProblem(remote, {}); // with the options: checkAgent()
}

bool isBandwidth(const QString &text)
{
    const std::optional<qint64> size = parseSize(text);
    return size && *size > 0 && !text.back().isDigit();
}

// One limit, or limits from a time of day (of a day of the week) on, up alone or up:down.
QString checkBandwidth(const QString &text)
{
    static const QRegularExpression from(
        QStringLiteral("\\A(?:(?:(?:mon|fri|sun)(?:day)?|tue(?:sday)?|wed(?:nesday)?|"
                       "thu(?:rsday)?|sat(?:urday)?)-)?"
                       "(?:[01]\\d|2[0-3]):[0-5]\\d,(\\S+)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    const auto isLimit
        = [](const QString &limit) { return limit == QLatin1String("off") || isBandwidth(limit); };
    for (const QString &entry : text.split(u' ', Qt::SkipEmptyParts)) {
        const QRegularExpressionMatch match = from.match(entry);
        const QStringList limits = (match.hasMatch() ? match.captured(1) : entry).split(u':');
        const bool isRight = limits.size() <= 2
            && std::all_of(limits.begin(), limits.end(), isLimit)
            && (match.hasMatch() || !text.contains(u' '));
        if (!isRight)
            return QStringLiteral("must be bytes a second with a unit, as '512k' or '2M', or by "
                                  "time of day, as '08:00,512k 19:00,off'");
    }
    return {};
}

QString checkConfigPath(const QString &path)
{
    if (hasControlCharacters(path) || path.endsWith(u'/'))
        return QStringLiteral("must be the path of rclone's configuration file");
    return {};
}

QString checkTimeZone(const QString &zone)
{
    if (QTimeZone::isTimeZoneIdAvailable(zone.toUtf8()))
        return {};
    QStringList known;
    for (const QByteArray &id : QTimeZone::availableTimeZoneIds())
        known.append(QString::fromLatin1(id));
    const QString guess = didYouMean(zone, known);
    return QStringLiteral("must be a time zone's name, as 'Europe/Amsterdam'%1").arg(guess);
}

QString checkHost(const QString &host)
{
    if (host == QLatin1String("localhost") || !QHostAddress(host).isNull())
        return {};
    return QStringLiteral("must be an address of this machine, as 127.0.0.1, 0.0.0.0 or ::");
}

// Where to connect to: anything without a scheme, a port or spaces.
QString checkHostName(const QString &host)
{
    static const QRegularExpression name(QStringLiteral("\\A[A-Za-z0-9._-]{1,253}\\z"));
    if (name.match(host).hasMatch() || !QHostAddress(host).isNull())
        return {};
    return QStringLiteral("must be a host's name or address alone");
}

QString checkRecipient(const QString &recipient)
{
    static const QRegularExpression age(QStringLiteral("\\Aage1[ac-hj-np-z02-9]{58}\\z"));
    const bool isWritten = age.match(recipient).hasMatch();
    if (isWritten && backup::AgeRecipient::parse(recipient.toLatin1()))
        return {};
    if (isWritten)
        return QStringLiteral("is mistyped: its checksum is wrong");
    if (recipient.startsWith(QLatin1String("AGE-SECRET-KEY-"), Qt::CaseInsensitive))
        return QStringLiteral("is a secret key, which must not be here; write its public half, the "
                              "one that begins with age1");
    return QStringLiteral("must be an age recipient: age1 and 58 lower-case letters and digits");
}

QString checkTopic(const QString &topic)
{
    if (topic.contains(u'#') || topic.contains(u'+') || topic.startsWith(u'/')
        || topic.endsWith(u'/'))
        return QStringLiteral("must be a topic without wildcards and outer slashes, as "
                              "'homeassistant'");
    return {};
}

QString checkEntityId(const QString &id)
{
    return isEntityId(id) ? QString()
                          : QStringLiteral("must be an entity's id, as 'sensor.backup_size'");
}

QString checkDomain(const QString &domain)
{
    static const QRegularExpression name(QStringLiteral("\\A[a-z0-9_]+\\z"));
    return name.match(domain).hasMatch()
        ? QString()
        : QStringLiteral("must be a domain, the first part of an entity's id, as 'sensor'");
}

QString checkEntityGlob(const QString &glob)
{
    if (glob.contains(u'.') && glob.size() <= 300 && !glob.contains(u'/')
        && !hasControlCharacters(glob))
        return {};
    return QStringLiteral("must be a pattern of entities' ids, as 'sensor.backup_*'");
}

// ---- Schemas
// -------------------------------------------------------------------------------------

Schema duration(std::chrono::milliseconds most, const QString &mostText)
{
    return Schema::text([most, mostText](const QString &text) {
        const std::optional<std::chrono::milliseconds> parsed = parseDuration(text);
        if (!parsed)
            return QStringLiteral("must be a duration, as '90s', '1h 30m' or '01:30:00'");
        if (*parsed <= 0ms || *parsed > most)
            return QStringLiteral("must be more than nothing and at most %1").arg(mostText);
        return QString();
    });
}

// Without a shell, so that nothing in it means more than it says.
Schema command()
{
    return Schema::texts({}, false, 1);
}

Schema httpSchema()
{
    return Schema::map({
        { QStringLiteral("host"), Schema::text(checkHost) },
        { QStringLiteral("port"), Schema::integer(0, 65535) },
        { QStringLiteral("tls"),
            Schema::map({
                { QStringLiteral("certificate"), Schema::text(), Schema::Required },
                { QStringLiteral("key"), Schema::text(), Schema::Required },
            }) },
        { QStringLiteral("insecure"), Schema::boolean() },
    });
}

Schema hooksSchema()
{
    const Schema hooks = Schema::list(Schema::map({
        { QStringLiteral("command"), command(), Schema::Required },
        { QStringLiteral("timeout"), duration(24h, QStringLiteral("a day")) },
        { QStringLiteral("on_error"),
            Schema::choice(
                { QStringLiteral("fail"), QStringLiteral("warn"), QStringLiteral("ignore") }) },
    }));
    return Schema::map({ { QStringLiteral("before"), hooks }, { QStringLiteral("after"), hooks } });
}

Schema backupSchema()
{
    const Schema recipients = Schema::texts(checkRecipient, true, 1);
    return Schema::map({
        { QStringLiteral("enabled"), Schema::boolean() },
        { QStringLiteral("timeout"), duration(30 * 24h, QStringLiteral("30 days")) },
        { QStringLiteral("sources"), Schema::list(sourceSchema()) },
        { QStringLiteral("agents"), Schema::list(agentSchema()) },
        { QStringLiteral("hooks"), hooksSchema() },
        { QStringLiteral("encryption"),
            Schema::map({
                { QStringLiteral("recipients"), recipients, Schema::Required },
                { QStringLiteral("recovery_recipients"), recipients },
            }) },
        { QStringLiteral("drills"),
            Schema::map({
                { QStringLiteral("enabled"), Schema::boolean() },
                { QStringLiteral("every"), duration(366 * 24h, QStringLiteral("a year")) },
                { QStringLiteral("remote_limit"), Schema::text(checkByteCount) },
            }) },
        { QStringLiteral("health"),
            Schema::map({
                { QStringLiteral("ping_url"), Schema::text(checkHttpUrl) },
                { QStringLiteral("overdue_after"), duration(366 * 24h, QStringLiteral("a year")) },
            }) },
    });
}

Schema recorderSchema()
{
    const auto lists = [](bool withEvents) {
        Keys keys { { QStringLiteral("entities"), Schema::texts(checkEntityId) },
            { QStringLiteral("domains"), Schema::texts(checkDomain) },
            { QStringLiteral("entity_globs"), Schema::texts(checkEntityGlob) } };
        if (withEvents)
            keys.append({ QStringLiteral("event_types"), Schema::texts() });
        return Schema::map(keys);
    };
    return Schema::map({
        { QStringLiteral("keep_days"), Schema::integer(1, 36500) },
        { QStringLiteral("purge_keep_days"), Schema::integer(1, 36500) }, // Home Assistant's name
        { QStringLiteral("include"), lists(false) },
        { QStringLiteral("exclude"), lists(true) },
    });
}

Schema mqttSchema()
{
    return Schema::map({
        { QStringLiteral("host"), Schema::text(checkHostName), Schema::Required },
        { QStringLiteral("port"), Schema::integer(1, 65535) },
        { QStringLiteral("username"), Schema::text() },
        { QStringLiteral("password"), Schema::text() },
        { QStringLiteral("discovery_prefix"), Schema::text(checkTopic) },
    });
}

} // namespace

Schema sourceSchema()
{
    const Schema globs = Schema::texts(checkGlob);
    return Schema::variant(QStringLiteral("type"),
        { { QStringLiteral("name"), Schema::text(checkSourceName), Schema::Required } },
        {
            { QStringLiteral("files"),
                Keys {
                    { QStringLiteral("path"), Schema::text(checkAbsolutePath), Schema::Required },
                    { QStringLiteral("include"), globs },
                    { QStringLiteral("exclude"), globs },
                } },
            { QStringLiteral("sqlite"),
                Keys {
                    { QStringLiteral("path"), Schema::text(checkAbsolutePath), Schema::Required },
                } },
            { QStringLiteral("command"),
                Keys {
                    { QStringLiteral("dump"), command(), Schema::Required },
                    { QStringLiteral("restore"), command() },
                    { QStringLiteral("file"), Schema::text(checkFileName) },
                } },
        });
}

Schema agentSchema()
{
    return Schema::variant(QStringLiteral("type"),
        { { QStringLiteral("name"), Schema::text(checkSlug), Schema::Required } },
        {
            { QStringLiteral("local"),
                Keys {
                    { QStringLiteral("path"), Schema::text(checkAgentPath), Schema::Required },
                } },
            { QStringLiteral("rclone"),
                Keys {
                    { QStringLiteral("remote"), Schema::text(checkRemote), Schema::Required },
                    { QStringLiteral("bandwidth"), Schema::text(checkBandwidth) },
                    { QStringLiteral("read_back"), Schema::text(checkByteCount) },
                    { QStringLiteral("config"), Schema::text(checkConfigPath) },
                    { QStringLiteral("options"), Schema::mapOfOptions() },
                } },
        });
}

Schema notifierSchema()
{
    return Schema::variant(QStringLiteral("type"),
        { { QStringLiteral("name"), Schema::text(checkNotifierName), Schema::Required } },
        {
            { QStringLiteral("ntfy"),
                Keys {
                    { QStringLiteral("url"), Schema::text(checkTopicUrl), Schema::Required },
                    { QStringLiteral("token"), Schema::text() },
                    { QStringLiteral("username"), Schema::text() },
                    { QStringLiteral("password"), Schema::text() },
                    { QStringLiteral("priority"), Schema::text(checkPriority) },
                    { QStringLiteral("tags"), Schema::texts() },
                } },
            { QStringLiteral("webhook"),
                Keys {
                    { QStringLiteral("url"), Schema::text(checkHttpUrl), Schema::Required },
                    { QStringLiteral("method"),
                        Schema::choice({ QStringLiteral("POST"), QStringLiteral("PUT") }) },
                    { QStringLiteral("headers"), Schema::mapOfTexts() },
                    { QStringLiteral("body"), Schema::anything() },
                } },
            { QStringLiteral("desktop"), Keys { { QStringLiteral("icon"), Schema::text() } } },
            { QStringLiteral("apprise"),
                Keys {
                    { QStringLiteral("url"), Schema::text(checkAnyUrl) },
                    { QStringLiteral("config"), Schema::text(checkAbsolutePath) },
                } },
        });
}

Schema configurationSchema()
{
    return Schema::map({
        { QStringLiteral("hub"),
            Schema::map({
                { QStringLiteral("name"), Schema::text() },
                { QStringLiteral("time_zone"), Schema::text(checkTimeZone) },
            }) },
        { QStringLiteral("http"), httpSchema() },
        { QStringLiteral("backup"), backupSchema() },
        { QStringLiteral("recorder"), recorderSchema() },
        { QStringLiteral("notify"), Schema::list(notifierSchema()) },
        { QStringLiteral("mqtt"), mqttSchema() },
    });
}

} // namespace hubkeep
