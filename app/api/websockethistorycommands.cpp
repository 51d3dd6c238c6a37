// history/*, logbook/* and recorder/*: what was, for clients of Home Assistant.

#include "app/api/historycontroller.h"
#include "app/api/historytext.h"
#include "app/api/logbooktext.h"
#include "app/api/timetext.h"
#include "app/api/websocketapi.h"
#include "app/api/websocketsession.h"

#include <QPointer>

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

void historyDuringPeriod(WebSocketSession &session, const Message &message)
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
        return;
    const std::optional<Period> period = periodOf(session, message.id, start, end);
    if (!period)
        return;
    const std::optional<QStringList> ids = checkedIds(session, message.id, listed);
    if (!ids)
        return;
    if (period->from > session.hub().clock().now())
        return session.result(message.id, QJsonObject());
    query.entityIds = *ids;
    query.from = period->from;
    query.to = period->to;
    answer(session, message.id,
        [query](recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool) {
            return writeHistory(history, query, ending, spool);
        });
}

void logbookEvents(WebSocketSession &session, const Message &message)
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
        return;
    const std::optional<Period> period = periodOf(session, message.id, start, end);
    if (!period)
        return;
    const std::optional<QStringList> ids
        = checkedIds(session, message.id, listed.value_or(QStringList()));
    if (!ids)
        return;
    // There are no devices here, so nothing is of any.
    if (period->from > session.hub().clock().now() || (devices && ids->isEmpty()))
        return session.result(message.id, QJsonArray());
    query.entityIds = { ids->cbegin(), ids->cend() };
    query.from = period->from;
    query.to = period->to;
    answer(session, message.id,
        [query](recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool) {
            return writeLogbook(history, query, ending, spool);
        });
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
    table.add("logbook/get_events", Access::User, logbookEvents);
    table.add("recorder/info", Access::User, recorderInfo);
}

} // namespace hubkeep::api
