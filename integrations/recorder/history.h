// data/history.db: which state every entity had when.
//
//     entities    (id, entity_id)
//     attributes  (id, hash, json)                  each set of attributes once
//     states      (id, entity, state, attributes,   state NULL: the entity was removed
//                  changed, updated,                milliseconds since 1970, UTC
//                  context, context_parent, context_user)
//
// SQLite in WAL mode, so that others may read or snapshot it at any time. Losing the last
// second in a power cut is accepted: a commit does not wait for the disk.
//
// Belongs to the thread that opened it.

#pragma once

#include "automation/core/event.h"
#include "automation/core/statedatabase.h"

#include <QHash>
#include <QSet>

#include <span>

namespace hubkeep::recorder {

using Change = std::shared_ptr<const StateChange>;

// A change and when it was, which a removed entity's state does not say.
struct RecordedChange
{
    Change change;
    QDateTime time;
};

class History
{
public:
    // A damaged file is moved aside and begun again, then damagedCopy() names it.
    static Result<std::unique_ptr<History>> open(const QString &path);

    const QString &damagedCopy() const { return m_database->damagedCopy(); }

    // All of them or none, in one commit.
    Result<void> write(std::span<const RecordedChange> changes);

    // For each entity, in the order asked for, what it was at `from` and every state after that
    // and before `to`, oldest first; the first one's times may lie before `from`. An entity
    // that was never seen has none. No ids: every entity, sorted.
    Result<QList<QList<State>>> states(
        QStringList entityIds, const QDateTime &from, const QDateTime &to);

    // Deletes at most limit states that ended before `time` and returns how many it were; what
    // an entity was at `time` stays.
    Result<int> purge(const QDateTime &time, int limit);

private:
    explicit History(std::unique_ptr<StateDatabase> database)
        : m_database(std::move(database))
    {
    }

    Result<void> writeOne(QSqlQuery &insert, const RecordedChange &recorded);
    Result<qint64> entityKey(const QString &entityId);
    Result<qint64> attributesKey(const State &state);
    Result<QList<State>> statesOf(
        const QString &entityId, const QDateTime &from, const QDateTime &to);

    std::unique_ptr<StateDatabase> m_database;
    QHash<QString, qint64> m_entities;
    QHash<QByteArray, qint64> m_attributes; // by their JSON; some of those that are there
};

} // namespace hubkeep::recorder
