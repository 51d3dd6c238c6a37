// Reading the history, row by row: nothing of it is held in memory.

#include "integrations/recorder/history.h"

#include <QSqlError>

namespace hubkeep::recorder {
namespace {

constexpr int lookAtEndingEvery = 256; // rows

// Goes through the rows of a query and says when it is time to stop.
class Rows
{
public:
    Rows(QSqlQuery query, const std::atomic<bool> &ending)
        : m_query(std::move(query))
        , m_ending(ending)
    {
    }

    bool next()
    {
        if (m_count++ % lookAtEndingEvery == 0 && m_ending)
            m_cancelled = true;
        return !m_cancelled && m_query.next();
    }
    QString text(int column) const { return m_query.value(column).toString(); }
    QByteArray json(int column) const
    {
        const QByteArray bytes = text(column).toUtf8();
        return bytes.isEmpty() ? QByteArray("{}") : bytes;
    }
    qint64 number(int column) const { return m_query.value(column).toLongLong(); }
    bool isNull(int column) const { return m_query.isNull(column); }

    // Why there are no more.
    Result<void> end(const StateDatabase &database) const
    {
        if (m_cancelled)
            return Error { ErrorCode::Cancelled, QStringLiteral("The hub is stopping") };
        if (m_query.lastError().isValid())
            return database.error(m_query);
        return {};
    }

private:
    QSqlQuery m_query;
    const std::atomic<bool> &m_ending;
    int m_count = 0;
    bool m_cancelled = false;
};

RecordedState recordedState(const Rows &row, bool attributes)
{
    return { row.text(0), attributes ? row.json(3) : QByteArray(), row.number(1), row.number(2) };
}

LogbookRow stateRow(const Rows &row)
{
    return { row.number(0), row.number(1), {}, {}, row.text(2), row.text(3), row.json(4),
        { row.text(5), row.text(6), row.text(7) } };
}

LogbookRow eventRow(const Rows &row)
{
    return { row.number(0), row.number(1), row.text(2), row.json(3), {}, {}, {},
        { row.text(4), row.text(5), row.text(6) } };
}

// A millisecond is long: what happened first is known from the order in which it was written.
bool isBefore(const Rows &state, const Rows &event)
{
    return state.number(1) < event.number(1)
        || (state.number(1) == event.number(1) && state.number(0) <= event.number(7));
}

} // namespace

Result<void> History::states(const StatesQuery &query,
    const std::function<bool(const RecordedState &)> &each, const std::atomic<bool> &ending)
{
    const QString columns
        = QStringLiteral("SELECT state, changed, updated%1 FROM states%2 "
                         "WHERE entity = (SELECT id FROM entities WHERE entity_id = ?) ")
              .arg(query.attributes ? QStringLiteral(", json") : QString(),
                  query.attributes
                      ? QStringLiteral(" LEFT JOIN attributes ON attributes.id = states.attributes")
                      : QString());
    const qint64 begin = query.from.toMSecsSinceEpoch();
    const qint64 end = query.to.toMSecsSinceEpoch();
    if (begin >= end)
        return {};
    if (query.initial) {
        Result<QSqlQuery> found = m_database->run(columns
                + QStringLiteral("AND updated <= ? ORDER BY updated DESC, states.id DESC LIMIT 1"),
            { query.entityId, begin });
        if (!found)
            return found.error();
        Rows row(std::move(*found), ending);
        if (row.next() && !row.isNull(0)) {
            RecordedState state = recordedState(row, query.attributes);
            state.changed = state.updated = begin;
            if (!each(state))
                return {};
        }
    }
    Result<QSqlQuery> found = m_database->run(columns
            + QStringLiteral("AND updated > ? AND updated < ? AND state IS NOT NULL %1"
                             "ORDER BY updated, states.id")
                  .arg(query.onlyValues ? QStringLiteral("AND changed = updated ") : QString()),
        { query.entityId, begin, end });
    if (!found)
        return found.error();
    Rows row(std::move(*found), ending);
    while (row.next()) {
        if (!each(recordedState(row, query.attributes)))
            return {};
    }
    return row.end(*m_database);
}

Result<void> History::logbook(const QDateTime &from, const QDateTime &to,
    const std::function<bool(const LogbookRow &)> &each, const std::atomic<bool> &ending)
{
    const QVariantList period { from.toMSecsSinceEpoch(), to.toMSecsSinceEpoch() };
    Result<QSqlQuery> foundStates = m_database->run(
        QStringLiteral("SELECT states.id, updated, entity_id, state, json, context, "
                       "context_parent, context_user FROM states "
                       "JOIN entities ON entities.id = states.entity "
                       "LEFT JOIN attributes ON attributes.id = states.attributes "
                       "WHERE updated > ? AND updated < ? AND value_changed = 1 "
                       "AND state IS NOT NULL ORDER BY updated, states.id"),
        period);
    if (!foundStates)
        return foundStates.error();
    Result<QSqlQuery> foundEvents = m_database->run(
        QStringLiteral("SELECT events.id, fired, event_types.type, data, context, "
                       "context_parent, context_user, after_state FROM events "
                       "JOIN event_types ON event_types.id = events.type "
                       "WHERE fired > ? AND fired < ? ORDER BY fired, events.id"),
        period);
    if (!foundEvents)
        return foundEvents.error();
    Rows states(std::move(*foundStates), ending);
    Rows events(std::move(*foundEvents), ending);
    bool hasState = states.next();
    bool hasEvent = events.next();
    while (hasState || hasEvent) {
        const bool isState = !hasEvent || (hasState && isBefore(states, events));
        if (!each(isState ? stateRow(states) : eventRow(events)))
            return {};
        (isState ? hasState : hasEvent) = (isState ? states : events).next();
    }
    const Result<void> done = states.end(*m_database);
    return done ? events.end(*m_database) : done;
}

} // namespace hubkeep::recorder
