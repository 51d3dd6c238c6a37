#include "integrations/backup/backupentities.h"

#include <algorithm>

namespace hubkeep::backup {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// "2026-04-13T04:45:00+00:00", as Home Assistant's timestamp sensors have it.
QString timestamp(const QDateTime &utc)
{
    return utc.isValid() ? utc.toString(key("yyyy-MM-ddTHH:mm:ss")) + key("+00:00") : QString();
}

QVariantMap named(const char *name, QVariantMap more = {})
{
    more.insert(key("friendly_name"), key("Backup ") + key(name));
    return more;
}

QVariantMap timestampNamed(const char *name)
{
    return named(name, { { key("device_class"), key("timestamp") } });
}

QVariantMap bytesNamed(const QString &name)
{
    return { { key("friendly_name"), key("Backup ") + name },
        { key("device_class"), key("data_size") }, { key("state_class"), key("measurement") },
        { key("unit_of_measurement"), key("B") } };
}

} // namespace

BackupEntities::BackupEntities(Hub &hub, BackupManager &manager)
    : m_states(hub.states())
    , m_clock(hub.clock())
    , m_manager(manager)
    , m_state(m_states, key("sensor.backup_backup_manager_state"),
          named("Backup Manager state",
              { { key("device_class"), key("enum") }, { key("options"), managerStates() } }))
    , m_next(m_states, key("sensor.backup_next_scheduled_automatic_backup"),
          timestampNamed("Next scheduled automatic backup"))
    , m_lastAttempted(m_states, key("sensor.backup_last_attempted_automatic_backup"),
          timestampNamed("Last attempted automatic backup"))
    , m_lastSuccessful(m_states, key("sensor.backup_last_successful_automatic_backup"),
          timestampNamed("Last successful automatic backup"))
    , m_event(m_states, key("event.backup_automatic_backup"),
          named("Automatic backup",
              { { key("event_types"),
                  QStringList { key("completed"), key("failed"), key("in_progress") } } }))
    , m_progress(m_states, key("sensor.backup_progress"),
          named("Progress", { { key("unit_of_measurement"), key("%") } }))
    , m_size(m_states, key("sensor.backup_size"), bytesNamed(key("Size")))
    , m_count(m_states, key("sensor.backup_count"),
          named("Count", { { key("state_class"), key("measurement") } }))
    , m_overdue(m_states, key("binary_sensor.backup_overdue"),
          named("Overdue", { { key("device_class"), key("problem") } }))
    , m_problem(m_states, key("binary_sensor.backup_problem"),
          named("Problem", { { key("device_class"), key("problem") } }))
{
    m_state.set(toString(manager.state()));
    // Before any event.
    m_event.set({},
        { { key("event_type"), QVariant::fromValue(nullptr) },
            { key("backup_stage"), QVariant::fromValue(nullptr) },
            { key("failed_reason"), QVariant::fromValue(nullptr) } });
    connect(&manager, &BackupManager::eventFired, this, &BackupEntities::showEvent);
    connect(&manager, &BackupManager::progressChanged, this, &BackupEntities::showProgress);
    connect(&manager, &BackupManager::operationFinished, this, &BackupEntities::showProgress);
    connect(&manager, &BackupManager::backupsChanged, this, &BackupEntities::showBackups);
    showBackups();
}

void BackupEntities::showTimes(const Times &times)
{
    m_lastAttempted.set(timestamp(times.lastAttempted));
    m_lastSuccessful.set(timestamp(times.lastCompleted));
    m_next.set(timestamp(times.next),
        { { key("next_automatic_backup_additional"), times.nextIsAdditional } });
}

void BackupEntities::showHealth(
    bool isOverdue, const QDateTime &since, std::chrono::seconds limit, const QStringList &problems)
{
    m_overdue.set(isOverdue ? key("on") : key("off"),
        { { key("since"), since.isValid() ? QVariant(timestamp(since)) : QVariant() },
            { key("limit_hours"), double(limit.count()) / 3600 } });
    m_problem.set(problems.isEmpty() ? key("off") : key("on"), { { key("reasons"), problems } });
}

// Names may differ in what an entity's id does not have.
QString BackupEntities::freeSpaceId(const QString &name) const
{
    const QString wanted = QStringLiteral("sensor.backup_%1_free_space").arg(slugify(name));
    const auto isTaken = [this](const QString &id) {
        return std::any_of(m_freeSpace.begin(), m_freeSpace.end(),
            [&id](const auto &agent) { return agent.second.id() == id; });
    };
    QString id = wanted;
    for (int i = 2; isTaken(id); ++i)
        id = QStringLiteral("%1_%2").arg(wanted).arg(i);
    return id;
}

void BackupEntities::showAgents(const QStringList &ids)
{
    for (auto it = m_freeSpace.begin(); it != m_freeSpace.end();)
        it = ids.contains(it->first) ? std::next(it) : m_freeSpace.erase(it);
    for (const QString &id : ids) {
        if (m_freeSpace.contains(id))
            continue;
        const QString name = id.mid(id.indexOf(u'.') + 1);
        m_freeSpace.emplace(
            id, Entity(m_states, freeSpaceId(name), bytesNamed(name + key(" free space"))));
    }
    showBackups();
}

void BackupEntities::showEvent(const ManagerEvent &event)
{
    if (event.upload)
        return;
    m_state.set(toString(event.state));
    // For automatic backups alone: its name says so.
    if (event.state != ManagerState::CreateBackup || !event.automatic)
        return;
    const auto textOrNull = [](const QString &text) {
        return text.isEmpty() ? QVariant::fromValue(nullptr) : QVariant(text);
    };
    const QString now = m_clock.now().toString(key("yyyy-MM-ddTHH:mm:ss.zzz")) + key("+00:00");
    m_event.set(now,
        { { key("event_type"), event.outcome }, { key("backup_stage"), textOrNull(event.stage) },
            { key("failed_reason"), textOrNull(event.reason) } });
}

void BackupEntities::showProgress(const OperationStatus &status)
{
    if (status.status != u"running")
        return m_progress.set({});
    const qint64 percent
        = status.totalBytes > 0 ? status.processedBytes * 100 / status.totalBytes : 0;
    m_progress.set(QString::number(std::clamp<qint64>(percent, 0, 100)),
        { { key("operation"), status.operation }, { key("stage"), status.stage } });
}

void BackupEntities::showBackups()
{
    const QList<CatalogEntry> backups = m_manager.backups();
    m_count.set(QString::number(backups.size()));
    qint64 total = 0;
    for (const CatalogEntry &entry : backups)
        total += entry.backup.size;
    if (backups.isEmpty())
        m_size.set({}, { { key("total_size"), 0 } });
    else
        m_size.set(QString::number(backups.first().backup.size),
            { { key("backup_id"), backups.first().backup.id }, { key("total_size"), total } });
    const QMap<QString, qint64> space = m_manager.freeSpace();
    for (auto &[id, entity] : m_freeSpace)
        entity.set(space.contains(id) ? QString::number(space.value(id)) : QString());
}

} // namespace hubkeep::backup
