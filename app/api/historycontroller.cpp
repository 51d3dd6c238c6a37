#include "app/api/historycontroller.h"

#include "app/api/historytext.h"
#include "app/api/logbooktext.h"
#include "app/api/timetext.h"

#include <QFile>

#include <fcntl.h>

namespace hubkeep::api {
namespace {

using recorder::RecorderIntegration;

constexpr int longestPeriod = 3650; // days
constexpr qsizetype mostEntities = 10'000;

void fail(Responder &responder, const QString &message)
{
    responder.fail(400, "bad_request", message);
}

void send(Responder &responder, Spooled &spooled)
{
    if (!spooled.file.isOpen())
        return responder.text(200, spooled.bytes, "application/json");
    auto file = std::make_unique<QFile>();
    const int descriptor = ::fcntl(spooled.file.get(), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0 || !file->open(descriptor, QIODevice::ReadOnly, QFileDevice::AutoCloseHandle)
        || !file->seek(0))
        return responder.fail({ ErrorCode::Io,
            QStringLiteral("Sending a large answer: %1").arg(file->errorString()) });
    responder.device(200, "application/json", std::move(file), spooled.size);
}

} // namespace

std::optional<QStringList> entityIdsOf(const QStringList &texts)
{
    QStringList ids;
    QSet<QString> seen;
    for (const QString &text : texts) {
        const QString id = text.trimmed().toLower();
        if (!isEntityId(id))
            return {};
        if (!seen.contains(id))
            ids.append(id);
        seen.insert(id);
    }
    return ids;
}

QHash<QString, QString> friendlyNames(const StateStore &states)
{
    QHash<QString, QString> names;
    for (const State &state : states.all()) {
        const QString name = state.attributes.value(QStringLiteral("friendly_name")).toString();
        if (!name.isEmpty())
            names.insert(state.entityId, name);
    }
    return names;
}

HistoryController::HistoryController(Router &router, Hub &hub, QString spoolFolder, QObject *parent)
    : QObject(parent)
    , m_hub(hub)
    , m_spoolFolder(std::move(spoolFolder))
{
    const auto add = [&](const char *pattern, auto handler) {
        router.add({ Method::Get, QString::fromLatin1(pattern), Access::User },
            [this, handler](const Request &request, Responder responder) {
                (this->*handler)(request, std::move(responder));
            });
    };
    add("/api/history/period", &HistoryController::history);
    add("/api/history/period/{start}", &HistoryController::history);
    add("/api/logbook", &HistoryController::logbook);
    add("/api/logbook/{start}", &HistoryController::logbook);
}

std::optional<QDateTime> HistoryController::time(
    const QString &text, const char *name, const QDateTime &fallback, Responder &responder)
{
    if (text.isEmpty())
        return fallback;
    const std::optional<QDateTime> parsed = parseTime(text, zoneNamed(m_hub.identity().timeZone));
    if (!parsed)
        fail(responder,
            QStringLiteral("Invalid %1: '%2' is no time, as 2026-04-13T14:25:30+02:00 is one")
                .arg(QLatin1String(name), text.left(100)));
    return parsed;
}

void HistoryController::history(const Request &request, Responder responder)
{
    const QDateTime now = m_hub.clock().now();
    HistoryQuery query;
    const auto start = time(request.captured("start"), "datetime", now.addDays(-1), responder);
    if (!start)
        return;
    const QString listed = request.parameter("filter_entity_id").trimmed();
    if (listed.isEmpty())
        return fail(responder,
            QStringLiteral("filter_entity_id is missing: the entities whose history is asked for, "
                           "with commas between them"));
    const std::optional<QStringList> ids = entityIdsOf(listed.split(u','));
    if (!ids || ids->size() > mostEntities)
        return fail(responder,
            QStringLiteral("Invalid filter_entity_id: it takes entities' ids with commas between "
                           "them"));
    const auto end = time(request.parameter("end_time"), "end_time", start->addDays(1), responder);
    if (!end)
        return;
    if (*start > now)
        return responder.json(200, QJsonArray());
    const auto has = [&request](const char *name) {
        return request.query.hasQueryItem(QString::fromLatin1(name));
    };
    query.entityIds = *ids;
    query.from = *start;
    query.to = *end;
    query.initial = !has("skip_initial_state");
    query.significantOnly = request.parameter("significant_changes_only") != u"0";
    query.minimal = has("minimal_response");
    query.attributes = !has("no_attributes");
    answer(std::move(responder),
        [query](recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool) {
            return writeHistory(history, query, ending, spool);
        });
}

void HistoryController::logbook(const Request &request, Responder responder)
{
    const QTimeZone zone = zoneNamed(m_hub.identity().timeZone);
    const QDateTime today
        = QDateTime(m_hub.clock().now().toTimeZone(zone).date(), QTime(0, 0), zone).toUTC();
    const auto start = time(request.captured("start"), "datetime", today, responder);
    if (!start)
        return;
    const Result<qint64> period = request.number("period", 1, 1, longestPeriod);
    if (!period)
        return responder.fail(period.error());
    const auto end = time(request.parameter("end_time"), "end_time", {}, responder);
    if (!end)
        return;
    LogbookQuery query;
    query.from = end->isValid() ? *start : start->addDays(1 - *period);
    query.to = end->isValid() ? *end : query.from.addDays(*period);
    const QString listed = request.parameter("entity").trimmed();
    if (!listed.isEmpty()) {
        const std::optional<QStringList> ids = entityIdsOf(listed.split(u','));
        if (!ids || ids->size() > mostEntities)
            return fail(responder,
                QStringLiteral("Invalid entity id(s) encountered: %1. Format should be "
                               "<domain>.<object_id>")
                    .arg(listed.left(100)));
        query.entityIds = { ids->cbegin(), ids->cend() };
    }
    query.contextId = request.parameter("context_id");
    if (!query.contextId.isEmpty() && !query.entityIds.isEmpty())
        return fail(responder, QStringLiteral("Can't combine entity with context_id"));
    query.names = friendlyNames(m_hub.states());
    answer(std::move(responder),
        [query](recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool) {
            return writeLogbook(history, query, ending, spool);
        });
}

void HistoryController::answer(Responder responder, Writing writing)
{
    auto *recorder = m_hub.find<RecorderIntegration>();
    if (!recorder)
        return responder.fail({ ErrorCode::Unavailable,
            QStringLiteral("Nothing is recorded: the recorder is not there") });
    const auto answering = std::make_shared<Responder>(std::move(responder));
    const auto made = std::make_shared<std::shared_ptr<Spooled>>();
    recorder->read(
        [made, writing = std::move(writing), folder = m_spoolFolder](
            recorder::History &history, const std::atomic<bool> &ending) -> Result<void> {
            JsonSpool spool(folder);
            const Result<void> written = writing(history, ending, spool);
            Result<std::shared_ptr<Spooled>> whole = spool.finish();
            if (!written)
                return written;
            if (!whole)
                return whole.error();
            *made = std::move(*whole);
            return {};
        },
        [made, answering](const Result<void> &done) {
            if (done)
                return send(*answering, **made);
            if (done.error().code == ErrorCode::Busy)
                return answering->fail(503, "unavailable", done.error().message);
            answering->fail(done.error());
        });
}

} // namespace hubkeep::api
