// data/history.db: which state every entity had when, and what happened.
//
//     entities     (id, entity_id)
//     attributes   (id, hash, json)                 each set of attributes once
//     states       (id, entity, state, attributes,  state NULL: the entity was removed
//                   changed, updated,               milliseconds since 1970, UTC
//                   value_changed,                  1: from one value to another
//                   context, context_parent, context_user)
//     event_types  (id, type)
//     events       (id, type, data, fired,          data is an object as JSON
//                   after_state,                    the last state that was there before it
//                   context, context_parent, context_user)
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

#include <atomic>
#include <functional>
#include <span>

namespace hubkeep::recorder {

// Larger ones are recorded as an empty object, as Home Assistant does.
inline constexpr qsizetype largestAttributes = 16 * 1024; // bytes of JSON
inline constexpr qsizetype largestEventData = 32 * 1024;

// Which states to read.
struct StatesQuery
{
    QString entityId;
    QDateTime from; // UTC
    QDateTime to; // UTC, not included
    bool initial = true; // first what it was at `from`, with that time
    bool onlyValues = false; // leave out what changed attributes alone
    bool attributes = true;
};

struct RecordedState
{
    QString value;
    QByteArray attributes; // an object as JSON; empty where not asked for
    qint64 changed = 0; // milliseconds since 1970, UTC
    qint64 updated = 0;
};

// What the logbook is made from: events, and states that went from one value to another.
struct LogbookRow
{
    qint64 id = 0; // of its table
    qint64 time = 0; // milliseconds since 1970, UTC
    QString eventType; // empty: a state
    QByteArray data; // of an event, an object as JSON
    QString entityId; // of a state, as the rest
    QString value;
    QByteArray attributes;
    Context context;

    bool isState() const { return eventType.isEmpty(); }
};

class History
{
public:
    // A damaged file is moved aside and begun again, then damagedCopy() names it.
    static Result<std::unique_ptr<History>> open(const QString &path);

    const QString &damagedCopy() const { return m_database->damagedCopy(); }
    // Whether what is open still has its name: false where somebody deleted or replaced it.
    bool isInPlace() const;

    // All of them or none, in one commit.
    Result<void> write(std::span<const Event> events);
    // Whether it has this state, or a later one of the same entity.
    Result<bool> has(const State &state);
    // Of what the last write() found too large: entity ids and event types.
    QStringList takeTooLarge() { return std::exchange(m_tooLarge, {}); }

    // Calls each in order, until it returns false. An entity that was never seen has none.
    // Fails with Cancelled once ending is true.
    Result<void> states(const StatesQuery &query,
        const std::function<bool(const RecordedState &state)> &each,
        const std::atomic<bool> &ending);
    // Those after `from` and before `to`.
    Result<void> logbook(const QDateTime &from, const QDateTime &to,
        const std::function<bool(const LogbookRow &row)> &each, const std::atomic<bool> &ending);

    // Deletes at most limit states and events that ended before `time` and returns how many it
    // were; what an entity was at `time` stays.
    Result<int> purge(const QDateTime &time, int limit);

private:
    struct FileId
    {
        quint64 device = 0;
        quint64 inode = 0; // 0: there is no file
        bool operator==(const FileId &) const = default;
    };

    History(std::unique_ptr<StateDatabase> database, FileId file)
        : m_database(std::move(database))
        , m_file(file)
    {
    }

    static FileId fileAt(const QString &path);
    Result<void> writeState(QSqlQuery &insert, const Event &event);
    Result<void> writeEvent(QSqlQuery &insert, const Event &event);
    Result<qint64> key(
        QHash<QString, qint64> &known, const char *table, const char *column, const QString &text);
    Result<qint64> attributesKey(const State &state);
    Result<int> purgeStates(qint64 before, int limit);
    void forgetKeys();

    std::unique_ptr<StateDatabase> m_database;
    FileId m_file;
    qint64 m_lastState = 0; // the id of the state that was written last
    QHash<QString, qint64> m_entities;
    QHash<QString, qint64> m_eventTypes;
    QHash<QByteArray, qint64> m_attributes; // by their JSON; some of those that are there
    QStringList m_tooLarge;
};

} // namespace hubkeep::recorder
