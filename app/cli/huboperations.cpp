#include "app/cli/huboperations.h"

#include "app/cli/hubsession.h"
#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/wording.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonArray>
#include <QUrl>

#include <algorithm>

namespace hubkeep::cli {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString backupPath(const QString &id)
{
    return key("/api/v1/backup/") + QString::fromLatin1(QUrl::toPercentEncoding(id));
}

// Where a backup lies, as far as it lies on a local agent of this machine.
QString pathOf(const Context &context, HubClient &hub, const QJsonObject &summary)
{
    const Result<QJsonDocument> agents = hub.get(key("/api/v1/agents"));
    if (!agents)
        return {};
    const QJsonObject copies = summary.value(key("agents")).toObject();
    for (const QJsonValue &agent : agents->object().value(key("agents")).toArray()) {
        const QString id = agent[key("type")].toString() + u'.' + agent[key("name")].toString();
        const QString folder = agent[key("path")].toString();
        if (copies.contains(id) && !folder.isEmpty())
            return QDir(context.dataFolder()).absoluteFilePath(folder) + u'/'
                + copies[id][key("filename")].toString();
    }
    return {};
}

// Each with what it is and where.
void sayAll(const Context &context, const char *what, const QJsonValue &list)
{
    for (const QJsonValue &line : list.toArray()) {
        const QString path = displayName(line[key("path")].toString().toUtf8());
        context.say(
            QStringLiteral("%1: %2%3%4")
                .arg(QLatin1String(what), path, path.isEmpty() ? QString() : QStringLiteral(": "),
                    line[key("message")].toString()));
    }
}

QJsonObject backupJson(
    const QJsonObject &summary, const QJsonObject &result, const QString &path, double seconds)
{
    QJsonObject object { { key("path"), path }, { key("duration_s"), seconds },
        { key("verified"), summary.value(key("verified_at")).isString() },
        { key("reused_bytes"), result.value(key("reused_bytes")).toInteger() } };
    for (const char *name : { "backup_id", "size", "files", "directories", "databases", "bytes",
             "warnings", "failed_sources", "failed_agents", "agents" })
        object.insert(key(name), summary.value(key(name)));
    QJsonArray failed;
    for (const QJsonValue &source : summary.value(key("failed_sources")).toArray())
        failed.append(source.isObject() ? source[key("name")] : source);
    object.insert(key("failed_sources"), failed);
    return object;
}

// What the hub says of a backup. Of one that it has no key for: what it lists, with what its
// operation did.
Result<QJsonObject> summaryOf(HubSession &hub, const QString &id)
{
    const Result<QJsonDocument> summary = hub.client().get(backupPath(id));
    if (summary)
        return summary->object();
    const Result<QJsonDocument> list = hub.client().get(key("/api/v1/backup"));
    const QJsonArray backups = list ? list->object().value(key("backups")).toArray() : QJsonArray();
    const auto found = std::find_if(backups.begin(), backups.end(),
        [&](const QJsonValue &backup) { return backup[key("backup_id")].toString() == id; });
    if (found == backups.end() || !(*found)[key("protected")].toBool())
        return summary.error();
    QJsonObject known = hub.result();
    const QJsonObject listed = found->toObject();
    for (auto it = listed.begin(); it != listed.end(); ++it)
        known.insert(it.key(), *it);
    QJsonObject copies = listed.value(key("agents")).toObject();
    for (const QString &agent : copies.keys()) {
        QJsonObject copy = copies.value(agent).toObject();
        copy.insert(key("filename"),
            id + (copy.value(key("protected")).toBool() ? key(".zip.age") : key(".zip")));
        copies.insert(agent, copy);
    }
    known.insert(key("agents"), copies);
    return known;
}

// What became of a backup, also of one that failed and is there all the same.
int reportBackup(const Context &context, HubSession &hub, const QString &id,
    const Result<QJsonObject> &ended, double seconds)
{
    const Result<QJsonObject> summary = summaryOf(hub, id);
    if (!summary) // nothing came of it
        return context.fail(ended ? summary.error() : ended.error());
    const QJsonObject &object = *summary;
    sayAll(context, "warning", object.value(key("warnings")));
    context.print(id);
    const QString path = pathOf(context, hub.client(), object);
    context.say(QStringLiteral("%1 and %2, %3, in %4 s (%5)%6; read back and verified")
                    .arg(backup::countText(object.value(key("files")).toInteger()
                                 - object.value(key("databases")).toInteger(),
                             "file"),
                        backup::countText(object.value(key("databases")).toInteger(), "database"),
                        humanSize(object.value(key("bytes")).toInteger()))
                    .arg(seconds, 0, 'f', 1)
                    .arg(humanSize(object.value(key("size")).toInteger()),
                        path.isEmpty() ? QString() : QStringLiteral(" into ") + path));
    context.printJson(backupJson(object, hub.result(), path, seconds));
    if (!ended)
        return context.fail(ended.error());
    return object.value(key("unreadable")).toInteger() > 0 ? DoneWithUnreadable : Done;
}

} // namespace

int backUpHub(const Context &context, const HubBackupOptions &options)
{
    Result<HubSession> hub = HubSession::open(context);
    if (!hub)
        return context.fail(hub.error());
    QJsonObject body;
    if (!options.name.isEmpty())
        body.insert(key("name"), options.name);
    if (options.automatic)
        body.insert(key("automatic"), true);
    if (options.full)
        body.insert(key("full"), true);
    QElapsedTimer timer;
    timer.start();
    QString id;
    const Result<QJsonObject> ended = hub->finishOperation(key("/api/v1/backup"), body, &id);
    if (id.isEmpty() || (!ended && ended.error().code == ErrorCode::Cancelled))
        return context.fail(ended.error());
    return reportBackup(context, *hub, id, ended, double(timer.elapsed()) / 1000);
}

std::optional<int> listOfRunningHub(const Context &context)
{
    Result<HubClient> hub = HubClient::running(context.dataFolder(), context.control);
    if (!hub)
        return {};
    const Result<QJsonDocument> answer = hub->get(key("/api/v1/backup"));
    if (!answer)
        return context.fail(answer.error());
    const QJsonArray backups = answer->object().value(key("backups")).toArray();
    for (const QJsonValue &backup : backups) {
        const QDateTime created
            = QDateTime::fromString(backup[key("created_at")].toString(), Qt::ISODateWithMs);
        context.print(QStringLiteral("%1  %2  %3  %4  (%5)")
                          .arg(backup[key("backup_id")].toString(),
                              created.toLocalTime().toString(key("yyyy-MM-dd HH:mm:ss")),
                              humanSize(backup[key("size")].toInteger()).rightJustified(9),
                              displayName(backup[key("name")].toString().toUtf8()),
                              backup[key("agents")].toObject().keys().join(key(", "))));
    }
    if (backups.isEmpty())
        context.say(QStringLiteral("The hub at %1 has no backups").arg(hub->url()));
    context.printJson(answer->object());
    return Done;
}

std::optional<int> verifyOnRunningHub(const Context &context, const QString &id)
{
    if (!HubClient::running(context.dataFolder(), context.control))
        return {};
    Result<HubSession> hub = HubSession::open(context);
    if (!hub)
        return context.fail(hub.error());
    const Result<QJsonObject> ended = hub->finishOperation(backupPath(id) + key("/verify"), {});
    QJsonObject result = hub->result();
    result.insert(key("backup_id"), id);
    sayAll(context, "damaged", result.value(key("problems")));
    sayAll(context, "marked", result.value(key("marks")));
    if (!ended) {
        if (result.contains(key("problems")))
            context.printJson(result);
        return context.fail(ended.error());
    }
    // What the hub has no key for is not opened, only compared with what was stored.
    if (result.value(key("entries")).toInteger() == 0
        && result.value(key("databases")).toInteger() == 0) {
        context.print(QStringLiteral("%1 is what was stored, byte for byte; what is in it was not "
                                     "looked at")
                          .arg(id));
        context.printJson(result);
        return Done;
    }
    qint64 opened = result.value(key("databases")).toInteger();
    for (const QJsonValue &mark : result.value(key("marks")).toArray()) {
        if (!mark[key("path")].toString().isEmpty()) // else it is of a whole copy
            --opened;
    }
    context.print(
        QStringLiteral("%1 is sound: %2 and every digest, %3 opened and checked")
            .arg(id,
                backup::countText(result.value(key("entries")).toInteger(), "entry", "entries"),
                backup::countText(opened, "database")));
    context.printJson(result);
    return Done;
}

std::optional<int> restoreOnHub(const Context &context, const HubRestoreOptions &options)
{
    if (!QFileInfo(DataFolder(context.dataFolder()).config()).isDir())
        return {};
    Result<HubSession> hub = HubSession::open(context);
    if (!hub)
        return context.fail(hub.error());
    const QJsonObject body { { key("backup_id"), options.id }, { key("confirm"), true },
        { key("restore_metadata"), false },
        { key("sources"), QJsonArray::fromStringList(options.sources) },
        { key("include"), QJsonArray::fromStringList(options.include) } };
    const Result<QJsonObject> ended = hub->finishOperation(key("/api/v1/backup/restore"), body);
    QJsonObject result = hub->result();
    sayAll(context, "damaged, not restored", result.value(key("damaged")));
    sayAll(context, "not restored", result.value(key("failed")));
    sayAll(context, "warning", result.value(key("warnings")));
    result.insert(key("backup_id"), options.id);
    if (!ended) {
        if (result.contains(key("written")))
            context.printJson(result);
        return context.fail(ended.error());
    }
    context.say(QStringLiteral("%1 restored, %2 the same already; what was replaced is kept beside "
                               "it as .before-restore")
                    .arg(backup::countText(result.value(key("written")).toInteger(), "file"))
                    .arg(result.value(key("unchanged")).toInteger()));
    context.printJson(result);
    return Done;
}

} // namespace hubkeep::cli
