// history/*, logbook/* and recorder/*: what was, for clients of Home Assistant.

#include "app/api/historycontroller.h"
#include "app/api/historystream.h"
#include "app/api/historytext.h"
#include "app/api/logbooktext.h"
#include "app/api/timetext.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"

#include <QPointer>
#include <QSet>

#include <memory>

namespace hubkeep::api {
namespace {

using recorder::RecorderIntegration;

constexpr qint64 largestResult = 4 * 1024 * 1024; // in one message; REST has no such limit

using Writing = std::function<Result<void>(
    recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool)>;

void answer(WebSocketSession &session, qint64 id, Writing writing)
{
    auto *recorder = session.hub().find<RecorderIntegration>();
    if (!recorder)
        return session.fail(id, "home_assistant_error",
            QStringLiteral("Nothing is recorded: the recorder is not there"));
    const auto text = std::make_shared<QString>();
    recorder->read(
        [text, writing = std::move(writing)](
            recorder::History &history, const std::atomic<bool> &ending) -> Result<void> {
            JsonSpool spool = JsonSpool::inMemory(largestResult);
            const Result<void> written = writing(history, ending, spool);
            const Result<std::shared_ptr<Spooled>> whole = spool.finish();
            if (!written)
                return written;
            if (!whole)
                return whole.error();
            *text = QString::fromUtf8((*whole)->bytes);
            return {};
        },
        [asking = QPointer<WebSocketSession>(&session), id, text](const Result<void> &done) {
            if (!asking)
                return;
            if (done)
                asking->resultText(id, *text);
            else
                asking->fail(id, "home_assistant_error", done.error().message);
        });
}

// Nothing, and session was told: it is no time.
std::optional<QDateTime> timeOf(WebSocketSession &session, qint64 id, const QString &text,
    const char *code, const char *message)
{
    const std::optional<QDateTime> time
        = parseTime(text, zoneNamed(session.hub().identity().timeZone));
    if (!time)
        session.fail(id, code, QString::fromLatin1(message));
    return time;
}

// The beginning and the end that the two fields say; an end that is missing is the end of time.
struct Period
{
    QDateTime from;
    QDateTime to;
};

std::optional<Period> periodOf(
    WebSocketSession &session, qint64 id, const QString &start, const QString &end)
{
    const auto from = timeOf(session, id, start, "invalid_start_time", "Invalid start_time");
    if (!from)
        return {};
    if (end.isEmpty())
        return Period { *from, session.hub().clock().now().addYears(1) };
    const auto to = timeOf(session, id, end, "invalid_end_time", "Invalid end_time");
    if (!to)
        return {};
    return Period { *from, *to };
}

std::optional<QStringList> checkedIds(
    WebSocketSession &session, qint64 id, const QStringList &texts)
{
    const std::optional<QStringList> ids = entityIdsOf(texts);
    if (!ids)
        session.fail(id, "invalid_entity_ids", QStringLiteral("Invalid entity_ids"));
    return ids;
}

// Nothing, and session was told.
std::optional<HistoryQuery> historyQuery(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    HistoryQuery query;
    const QString start = fields.text("start_time");
    const QString end = fields.text("end_time", {});
    const QStringList listed = fields.texts("entity_ids");
    query.initial = fields.boolean("include_start_time_state", true);
    query.significantOnly = fields.boolean("significant_changes_only", true);
    query.minimal = fields.boolean("minimal_response", false);
    query.attributes = !fields.boolean("no_attributes", false);
    query.compressed = true;
    if (!fields.good(session))
        return {};
    const std::optional<Period> period = periodOf(session, message.id, start, end);
    if (!period)
        return {};
    const std::optional<QStringList> ids = checkedIds(session, message.id, listed);
    if (!ids)
        return {};
    query.entityIds = *ids;
    query.from = period->from;
    query.to = period->to;
    return query;
}

void historyDuringPeriod(WebSocketSession &session, const Message &message)
{
    const std::optional<HistoryQuery> query = historyQuery(session, message);
    if (!query)
        return;
    if (query->from > session.hub().clock().now())
        return session.result(message.id, QJsonObject());
    answer(session, message.id,
        [query = *query](recorder::History &history, const std::atomic<bool> &ending,
            JsonSpool &spool) { return writeHistory(history, query, ending, spool); });
}

void follow(WebSocketSession &session, qint64 id, HistoryStream::Source source,
    const QDateTime &from, const QDateTime &end)
{
    if (!session.hub().find<RecorderIntegration>())
        return session.fail(id, "home_assistant_error",
            QStringLiteral("Nothing is recorded: the recorder is not there"));
    if (session.followed<HistoryStream>() >= HistoryStream::most)
        return session.fail(id, "not_allowed",
            QStringLiteral("This connection follows %1 histories already; unsubscribe from some")
                .arg(HistoryStream::most));
    auto stream = std::make_unique<HistoryStream>(session, id, std::move(source), from, end);
    HistoryStream &started = *stream;
    if (session.follow(id, { {}, std::move(stream) }))
        started.start();
}

void historyStream(WebSocketSession &session, const Message &message)
{
    const std::optional<HistoryQuery> query = historyQuery(session, message);
    if (!query)
        return;
    HistoryStream::Source source;
    source.key = QStringLiteral("states");
    source.nothing = "{}";
    source.concerns
        = [ids = QSet<QString>(query->entityIds.cbegin(), query->entityIds.cend())](
              const Event &event) { return event.change && ids.contains(event.change->entityId); };
    source.write = [query = *query](recorder::History &history, const HistoryStream::Window &window,
                       const std::atomic<bool> &ending, JsonSpool &spool) {
        HistoryQuery part = query;
        part.from = window.from;
        part.to = window.to;
        part.initial = query.initial && window.isFirst;
        return writeHistory(history, part, ending, spool);
    };
    follow(session, message.id, std::move(source), query->from, query->to);
}

struct LogbookAsked
{
    LogbookQuery query;
    bool isOfNothing = false; // of devices, which are not there
};

// Nothing, and session was told.
std::optional<LogbookAsked> logbookAsked(WebSocketSession &session, const Message &message)
{
    Fields fields(message);
    LogbookQuery query;
    const QString start = fields.text("start_time");
    const QString end = fields.text("end_time", {});
    const std::optional<QStringList> listed = fields.optionalTexts("entity_ids");
    const bool devices = fields.optionalTexts("device_ids").has_value();
    query.contextId = fields.text("context_id", {});
    query.withNames = false;
    if (!fields.good(session))
        return {};
    const std::optional<Period> period = periodOf(session, message.id, start, end);
    if (!period)
        return {};
    const std::optional<QStringList> ids
        = checkedIds(session, message.id, listed.value_or(QStringList()));
    if (!ids)
        return {};
    query.entityIds = { ids->cbegin(), ids->cend() };
    query.from = period->from;
    query.to = period->to;
    return LogbookAsked { query, devices && ids->isEmpty() };
}

void logbookEvents(WebSocketSession &session, const Message &message)
{
    const std::optional<LogbookAsked> asked = logbookAsked(session, message);
    if (!asked)
        return;
    if (asked->query.from > session.hub().clock().now() || asked->isOfNothing)
        return session.result(message.id, QJsonArray());
    answer(session, message.id,
        [query = asked->query](recorder::History &history, const std::atomic<bool> &ending,
            JsonSpool &spool) { return writeLogbook(history, query, ending, spool); });
}

void logbookStream(WebSocketSession &session, const Message &message)
{
    const std::optional<LogbookAsked> asked = logbookAsked(session, message);
    if (!asked)
        return;
    const LogbookQuery &query = asked->query;
    HistoryStream::Source source;
    source.key = QStringLiteral("events");
    source.nothing = "[]";
    source.concerns = [ids = query.entityIds](const Event &event) {
        if (!event.change)
            return isInLogbook(event.type);
        const StateChange &change = *event.change;
        return change.oldState && change.newState
            && change.oldState->value != change.newState->value
            && (ids.isEmpty() || ids.contains(change.entityId));
    };
    source.write = [query](recorder::History &history, const HistoryStream::Window &window,
                       const std::atomic<bool> &ending, JsonSpool &spool) {
        LogbookQuery part = query;
        part.from = window.from;
        part.to = window.to;
        return writeLogbook(history, part, ending, spool);
    };
    // What is of nothing has its past already.
    follow(session, message.id, std::move(source), query.from,
        asked->isOfNothing ? query.from : query.to);
}

void recorderInfo(WebSocketSession &session, const Message &message)
{
    if (!Fields(message).good(session))
        return;
    const auto *recorder = session.hub().find<RecorderIntegration>();
    session.result(message.id,
        QJsonObject { { QStringLiteral("backlog"), recorder ? qint64(recorder->backlog()) : 0 },
            { QStringLiteral("db_in_default_location"), true },
            { QStringLiteral("max_backlog"), qint64(recorder::HistoryKeeper::mostWaiting) },
            { QStringLiteral("migration_in_progress"), false },
            { QStringLiteral("migration_is_live"), false },
            { QStringLiteral("recording"), recorder != nullptr },
            { QStringLiteral("thread_running"), recorder != nullptr } });
}

} // namespace

void addHistoryCommands(CommandTable &table)
{
    table.add("history/history_during_period", Access::User, historyDuringPeriod);
    table.add("history/stream", Access::User, historyStream);
    table.add("logbook/get_events", Access::User, logbookEvents);
    table.add("logbook/event_stream", Access::User, logbookStream);
    table.add("recorder/info", Access::User, recorderInfo);
}

} // namespace hubkeep::api
