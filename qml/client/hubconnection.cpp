#include "qml/client/hubconnection.h"

#include <QJsonArray>

#include <cmath>
#include <utility>

namespace hubkeep::desktop {

using namespace std::chrono_literals;

namespace {

const QString managerState = QStringLiteral("sensor.backup_backup_manager_state");

QString key(const char16_t *text)
{
    return QString::fromUtf16(text);
}

QDateTime timeOf(const QString &state)
{
    return QDateTime::fromString(state, Qt::ISODateWithMs);
}

} // namespace

HubConnection::HubConnection(QObject *parent)
    : QObject(parent)
{
    m_statusTimer.setInterval(500ms);
    m_refreshTimer.setSingleShot(true);
    m_refreshTimer.setInterval(100ms);
    m_countdown.setInterval(1s);
    connect(&m_statusTimer, &QTimer::timeout, this, &HubConnection::readStatus);
    connect(&m_refreshTimer, &QTimer::timeout, this, [this] {
        readBackups();
        readStatus();
    });
    connect(&m_countdown, &QTimer::timeout, this, &HubConnection::retrySecondsChanged);
    connect(&m_channel, &LiveChannel::stateChanged, this, &HubConnection::followChannel);
    m_channel.subscribe({ { key(u"type"), key(u"subscribe_entities") } },
        [this](const QJsonObject &event) { takeEntities(event); });
}

HubConnection::~HubConnection()
{
    m_channel.disconnect(this);
}

void HubConnection::open(HubAddress hub, const QString &name)
{
    m_client.setHub(hub);
    m_name = name;
    m_entities = {};
    m_error.reset();
    emit nameChanged();
    emit addressChanged();
    enter(Connecting);
    // REST first: its errors say more than a socket's.
    whoAmI();
}

void HubConnection::close()
{
    m_channel.close();
    m_statusTimer.stop();
    m_refreshTimer.stop();
    enter(Closed);
}

void HubConnection::retry()
{
    enter(Connecting);
    whoAmI();
}

void HubConnection::refresh()
{
    if (m_status == Online)
        m_refreshTimer.start();
}

int HubConnection::retrySeconds() const
{
    return int(std::ceil(std::chrono::duration<double>(m_channel.untilRetry()).count()));
}

QString HubConnection::state(const QString &entityId) const
{
    const QString state = m_entities[entityId].toObject()[u"state"].toString();
    return state == u"unknown" || state == u"unavailable" ? QString() : state;
}

// The channel's own way back is taken where the hub was reached before; here is the first way in.
void HubConnection::whoAmI()
{
    m_client.get(key(u"/api/v1/backup/status"), this, [this](const ApiAnswer &answer) {
        if (answer.error && answer.error->kind != ApiError::Kind::Unreachable) {
            m_channel.close();
            fail(*answer.error);
            return;
        }
        if (answer.error)
            m_error = answer.error;
        m_channel.open(m_client.hub());
    });
}

void HubConnection::followChannel()
{
    switch (m_channel.state()) {
    case LiveChannel::State::Closed:
        return;
    case LiveChannel::State::Connecting:
        // A first failure is told at once; each further try happens behind it.
        if (m_status != Offline)
            enter(Connecting, m_error);
        return;
    case LiveChannel::State::Open:
        m_channel.command(
            { { key(u"type"), key(u"auth/current_user") } }, this, [this](const QJsonObject &user) {
                m_userName = user[u"name"].toString();
                m_admin = user[u"is_admin"].toBool();
                emit userChanged();
            });
        m_channel.command(
            { { key(u"type"), key(u"get_config") } }, this, [this](const QJsonObject &config) {
                const QString name = config[u"location_name"].toString();
                if (!name.isEmpty() && name != std::exchange(m_name, name))
                    emit nameChanged();
            });
        enter(Online);
        readBackups();
        readStatus();
        return;
    case LiveChannel::State::Waiting:
        enter(Offline, m_error ? m_error : m_channel.problem());
        emit retrySecondsChanged();
        return;
    case LiveChannel::State::Refused:
        enter(Unauthorized, m_channel.problem());
    }
}

// Home Assistant's compressed states: "a" was added, "c" changed, "r" is gone.
void HubConnection::takeEntities(const QJsonObject &event)
{
    const QString count = state(key(u"sensor.backup_count"));
    const QString manager = state(managerState);
    const QJsonObject added = event[u"a"].toObject();
    for (auto it = added.begin(); it != added.end(); ++it) {
        const QJsonObject what = it.value().toObject();
        m_entities[it.key()]
            = QJsonObject { { key(u"state"), what[u"s"] }, { key(u"attributes"), what[u"a"] } };
    }
    const QJsonObject changed = event[u"c"].toObject();
    for (auto it = changed.begin(); it != changed.end(); ++it) {
        QJsonObject entity = m_entities.value(it.key()).toObject();
        QJsonObject attributes = entity[u"attributes"].toObject();
        const QJsonObject plus = it.value().toObject()[u"+"].toObject();
        if (plus.contains(u"s"))
            entity[key(u"state")] = plus[u"s"];
        const QJsonObject more = plus[u"a"].toObject();
        for (auto attribute = more.begin(); attribute != more.end(); ++attribute)
            attributes[attribute.key()] = attribute.value();
        const QJsonArray fewer = it.value().toObject()[u"-"].toObject()[u"a"].toArray();
        for (const QJsonValue &gone : fewer)
            attributes.remove(gone.toString());
        entity[key(u"attributes")] = attributes;
        m_entities[it.key()] = entity;
    }
    const QJsonArray removed = event[u"r"].toArray();
    for (const QJsonValue &gone : removed)
        m_entities.remove(gone.toString());
    emit entitiesChanged();
    if (count != state(key(u"sensor.backup_count")) || manager != state(managerState))
        m_refreshTimer.start();
    judge();
}

void HubConnection::readBackups()
{
    m_client.get(key(u"/api/v1/backup"), this, [this](const ApiAnswer &answer) {
        if (answer.error) {
            fail(*answer.error);
            return;
        }
        m_backups.set(answer.body[u"backups"].toArray());
        if (!std::exchange(m_loaded, true))
            emit loadedChanged();
        judge();
    });
}

void HubConnection::readStatus()
{
    m_client.get(key(u"/api/v1/backup/status"), this, [this](const ApiAnswer &answer) {
        if (answer.error)
            fail(*answer.error);
        else
            takeStatus(answer.body.toObject());
    });
}

void HubConnection::takeStatus(const QJsonObject &status)
{
    const bool works = status[u"status"].toString() == u"running";
    const bool worked = !m_job.isEmpty();
    if (works) {
        m_statusTimer.start();
    } else if (state(managerState).isEmpty() || state(managerState) == u"idle") {
        m_statusTimer.stop();
    }
    const QJsonObject job = works ? status : QJsonObject();
    const QJsonObject last = works || status[u"status"].toString() == u"idle" ? m_lastJob : status;
    if (job == m_job && last == m_lastJob)
        return;
    m_job = job;
    m_lastJob = last;
    emit jobChanged();
    if (worked && !works) {
        emit jobEnded(m_lastJob);
        readBackups(); // verified, or restored: the count of backups says nothing of these
    }
    judge();
}

void HubConnection::fail(const ApiError &error)
{
    switch (error.kind) {
    case ApiError::Kind::Unauthorized:
        m_channel.close();
        enter(Unauthorized, error);
        return;
    case ApiError::Kind::Untrusted:
        enter(Untrusted, error);
        return;
    case ApiError::Kind::Unreachable:
    case ApiError::Kind::Unreadable:
        if (m_status != Online)
            enter(Offline, error);
        return; // else the channel notices, and says so
    case ApiError::Kind::Forbidden:
    case ApiError::Kind::Refused:
        return;
    }
}

void HubConnection::enter(Status status, std::optional<ApiError> error)
{
    if (status == Online)
        error.reset();
    m_error = std::move(error);
    if (status == Offline)
        m_countdown.start();
    else
        m_countdown.stop();
    if (status != Online)
        m_statusTimer.stop();
    m_status = status;
    emit statusChanged();
    judge();
}

void HubConnection::judge()
{
    SafetyFacts facts;
    facts.known = m_status == Online && m_loaded && m_entities.contains(managerState);
    facts.managerState = state(managerState);
    facts.operation = m_job.value(u"operation").toString();
    facts.backups = m_backups.total();
    facts.newestBackup = m_backups.newest();
    facts.overdue = state(key(u"binary_sensor.backup_overdue")) == u"on";
    const QJsonArray reasons = m_entities.value(u"binary_sensor.backup_problem")
                                   .toObject()[u"attributes"][u"reasons"]
                                   .toArray();
    for (const QJsonValue &reason : reasons)
        facts.problems.append(reason.toString());
    facts.scheduled
        = timeOf(state(key(u"sensor.backup_next_scheduled_automatic_backup"))).isValid();
    facts.lastSuccessful = timeOf(state(key(u"sensor.backup_last_successful_automatic_backup")));
    if (Verdict verdict = assess(facts); verdict != m_verdict) {
        m_verdict = std::move(verdict);
        emit verdictChanged();
    }
}

} // namespace hubkeep::desktop
