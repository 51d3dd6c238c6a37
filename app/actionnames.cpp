#include "app/actionnames.h"

#include "app/configuration.h"
#include "app/datafolder.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QUuid>

#include <optional>

namespace hubkeep {
namespace {

// What the parts of every hub register; tst_automations.cpp compares these with a hub's.
QStringList ofEveryHub()
{
    return {
        QStringLiteral("automation.reload"),
        QStringLiteral("automation.toggle"),
        QStringLiteral("automation.trigger"),
        QStringLiteral("automation.turn_off"),
        QStringLiteral("automation.turn_on"),
        QStringLiteral("backup.cancel"),
        QStringLiteral("backup.create"),
        QStringLiteral("backup.create_automatic"),
        QStringLiteral("backup.delete"),
        QStringLiteral("backup.drill"),
        QStringLiteral("backup.verify"),
        QStringLiteral("homeassistant.check_config"),
        QStringLiteral("homeassistant.restart"),
        QStringLiteral("notify.notify"),
        QStringLiteral("notify.persistent_notification"),
        QStringLiteral("notify.send_message"),
        QStringLiteral("persistent_notification.create"),
        QStringLiteral("persistent_notification.dismiss"),
        QStringLiteral("persistent_notification.dismiss_all"),
    };
}

std::optional<QStringList> namesIn(QSqlDatabase &database)
{
    if (!database.open())
        return {};
    QSqlQuery query(database);
    if (!query.exec(QStringLiteral("SELECT value FROM settings WHERE name = 'notify.notifiers'")))
        return {};
    QStringList names;
    if (query.next()) {
        const QByteArray json = query.value(0).toString().toUtf8();
        for (const QJsonValue &notifier : QJsonDocument::fromJson(json).array())
            names.append(notifier.toObject().value(QStringLiteral("name")).toString());
    }
    return names;
}

// Those that were added through the API. Only looks: a hub may be running, and a database that is
// damaged is that hub's to move aside.
std::optional<QStringList> notifiersOfDatabase(const QString &path)
{
    if (!QFileInfo::exists(path))
        return QStringList();
    const QString connection = QUuid::createUuid().toString();
    std::optional<QStringList> names;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(path);
        database.setConnectOptions(
            QStringLiteral("QSQLITE_OPEN_READONLY;QSQLITE_BUSY_TIMEOUT=5000"));
        names = namesIn(database);
        database.close();
    }
    QSqlDatabase::removeDatabase(connection);
    return names;
}

} // namespace

QStringList actionNames(const QString &dataFolder)
{
    std::optional<QStringList> notifiers
        = notifiersOfDatabase(DataFolder(dataFolder).stateDatabase());
    if (!notifiers)
        return {};
    for (const PartConfiguration &notifier : loadConfiguration(dataFolder).configuration.notifiers)
        notifiers->append(notifier.name);
    QStringList names = ofEveryHub();
    for (const QString &notifier : std::as_const(*notifiers)) {
        const QString name = QStringLiteral("notify.") + notifier;
        if (!names.contains(name))
            names.append(name);
    }
    names.sort();
    return names;
}

} // namespace hubkeep
