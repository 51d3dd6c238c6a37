#include "app/api/logbooktext.h"

#include "app/api/historytext.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QQueue>

#include <optional>

namespace hubkeep::api {
namespace {

using recorder::LogbookRow;

constexpr qsizetype rememberedCauses = 5000;

// What happens all the time, and is for graphs.
bool isContinuous(const LogbookRow &row)
{
    const QString domain = domainOf(row.entityId);
    if (domain == u"counter" || domain == u"proximity")
        return true;
    return domain == u"sensor"
        && (row.attributes.contains("\"unit_of_measurement\":")
            || row.attributes.contains("\"state_class\":"));
}

struct Described
{
    QString domain;
    QJsonObject entry; // name, message, and what else there is
};

QJsonValue orNull(const QJsonObject &data, const char *key)
{
    const QJsonValue value = data.value(QLatin1String(key));
    return value.isUndefined() ? QJsonValue(QJsonValue::Null) : value;
}

Described hubEvent(const char *message)
{
    return { QStringLiteral("homeassistant"),
        { { QStringLiteral("name"), QStringLiteral("HubKeep") },
            { QStringLiteral("message"), QString::fromLatin1(message) } } };
}

Described automationTriggered(const QJsonObject &data)
{
    const QJsonValue source = data.value(QStringLiteral("source"));
    const QString message = source.isString() ? QStringLiteral("triggered by ") + source.toString()
                                              : QStringLiteral("triggered");
    return { QStringLiteral("automation"),
        { { QStringLiteral("name"), orNull(data, "name") }, { QStringLiteral("message"), message },
            { QStringLiteral("source"), orNull(data, "source") },
            { QStringLiteral("entity_id"), orNull(data, "entity_id") } } };
}

// Somebody's own words.
Described loggedEntry(const QJsonObject &data)
{
    const QString domain = data.value(QStringLiteral("domain")).toString();
    const QString entityId = data.value(QStringLiteral("entity_id")).toString();
    return { domain.isEmpty() && !entityId.isEmpty() ? domainOf(entityId) : domain,
        { { QStringLiteral("name"), orNull(data, "name") },
            { QStringLiteral("message"), orNull(data, "message") },
            { QStringLiteral("entity_id"), orNull(data, "entity_id") } } };
}

// Nothing: an event that is not for people.
std::optional<Described> describe(const LogbookRow &row)
{
    const auto data = [&row] { return QJsonDocument::fromJson(row.data).object(); };
    if (row.eventType == u"automation_triggered")
        return automationTriggered(data());
    if (row.eventType == u"logbook_entry")
        return loggedEntry(data());
    if (row.eventType == u"homeassistant_start")
        return hubEvent("started");
    if (row.eventType == u"homeassistant_stop")
        return hubEvent("stopped");
    return {};
}

class Writer
{
public:
    Writer(const LogbookQuery &query, JsonSpool &spool)
        : m_query(query)
        , m_spool(spool)
    {
    }

    bool add(const LogbookRow &row)
    {
        if (row.isState() && isContinuous(row))
            return true;
        const std::optional<Described> described = row.isState() ? stateEntry(row) : describe(row);
        if (!described && row.eventType != u"call_service")
            return true;
        remember(row);
        if (described && isWanted(row, described->entry))
            write(row, *described);
        return m_spool.isGood();
    }

private:
    Described stateEntry(const LogbookRow &row) const
    {
        QJsonObject entry { { QStringLiteral("state"), row.value },
            { QStringLiteral("entity_id"), row.entityId } };
        if (m_query.withNames)
            entry.insert(QStringLiteral("name"), nameOf(row.entityId));
        if (row.attributes.contains("\"icon\":"))
            entry.insert(QStringLiteral("icon"),
                QJsonDocument::fromJson(row.attributes).object().value(QStringLiteral("icon")));
        return { {}, entry };
    }

    QString nameOf(const QString &entityId) const
    {
        const QString name = m_query.names.value(entityId);
        return name.isEmpty() ? entityId.mid(domainOf(entityId).size() + 1).replace(u'_', u' ')
                              : name;
    }

    bool isWanted(const LogbookRow &row, const QJsonObject &entry) const
    {
        if (!m_query.contextId.isEmpty() && row.context.id != m_query.contextId)
            return false;
        return m_query.entityIds.isEmpty()
            || m_query.entityIds.contains(entry.value(QStringLiteral("entity_id")).toString());
    }

    // The first that has a context is what the others come from.
    void remember(const LogbookRow &row)
    {
        if (row.context.id.isEmpty() || m_causes.contains(row.context.id))
            return;
        if (m_order.size() >= rememberedCauses)
            m_causes.remove(m_order.dequeue());
        m_order.enqueue(row.context.id);
        m_causes.insert(row.context.id, row);
    }

    const LogbookRow *causeOf(const LogbookRow &row) const
    {
        const auto isSame = [&row](const LogbookRow &other) {
            return row.isState() == other.isState() && row.id == other.id;
        };
        auto found = m_causes.constFind(row.context.id);
        if (found != m_causes.cend() && isSame(*found))
            found = m_causes.constFind(row.context.parentId);
        return found == m_causes.cend() || isSame(*found) ? nullptr : &*found;
    }

    void addCause(const LogbookRow &cause, QJsonObject &entry) const
    {
        if (cause.isState()) {
            entry.insert(QStringLiteral("context_state"), cause.value);
            addCausingEntity(cause.entityId, entry);
            return;
        }
        entry.insert(QStringLiteral("context_event_type"), cause.eventType);
        if (cause.eventType == u"call_service") {
            const QJsonObject data = QJsonDocument::fromJson(cause.data).object();
            entry.insert(QStringLiteral("context_domain"), orNull(data, "domain"));
            entry.insert(QStringLiteral("context_service"), orNull(data, "service"));
            return;
        }
        const std::optional<Described> described = describe(cause);
        if (!described)
            return;
        entry.insert(QStringLiteral("context_domain"), described->domain);
        for (const char *key : { "name", "message", "source" }) {
            const QJsonValue value = described->entry.value(QLatin1String(key));
            if (value.isString())
                entry.insert(QStringLiteral("context_") + QLatin1String(key), value);
        }
        addCausingEntity(described->entry.value(QStringLiteral("entity_id")).toString(), entry);
    }

    void addCausingEntity(const QString &entityId, QJsonObject &entry) const
    {
        if (entityId.isEmpty())
            return;
        entry.insert(QStringLiteral("context_entity_id"), entityId);
        if (m_query.withNames)
            entry.insert(QStringLiteral("context_entity_id_name"), nameOf(entityId));
    }

    void write(const LogbookRow &row, const Described &described)
    {
        QJsonObject entry = described.entry;
        if (!row.isState())
            entry.insert(QStringLiteral("domain"), described.domain);
        if (!row.context.userId.isEmpty())
            entry.insert(QStringLiteral("context_user_id"), row.context.userId);
        if (const LogbookRow *cause = causeOf(row))
            addCause(*cause, entry);
        // First, so that the seconds are written as they are.
        m_spool.write(std::exchange(m_isFirst, false) ? "{\"when\":" : ",{\"when\":");
        m_spool.write(m_query.withNames ? '"' + isoText(row.time) + '"' : secondsText(row.time));
        m_spool.write(",");
        m_spool.write(QJsonDocument(entry).toJson(QJsonDocument::Compact).mid(1));
    }

    const LogbookQuery &m_query;
    JsonSpool &m_spool;
    QHash<QString, LogbookRow> m_causes; // by the context's id
    QQueue<QString> m_order; // in which they came
    bool m_isFirst = true;
};

} // namespace

bool isInLogbook(const QString &eventType)
{
    LogbookRow row;
    row.eventType = eventType;
    row.data = "{}";
    return describe(row).has_value();
}

Result<void> writeLogbook(recorder::History &history, const LogbookQuery &query,
    const std::atomic<bool> &ending, JsonSpool &spool)
{
    Writer writer(query, spool);
    spool.write("[");
    const Result<void> done = history.logbook(
        query.from, query.to, [&writer](const LogbookRow &row) { return writer.add(row); }, ending);
    if (!done)
        return done.error().in(QStringLiteral("Reading the logbook"));
    spool.write("]");
    return {};
}

} // namespace hubkeep::api
