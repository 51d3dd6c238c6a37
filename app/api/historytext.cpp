#include "app/api/historytext.h"

#include <algorithm>
#include <array>

namespace hubkeep::api {
namespace {

using recorder::RecordedState;

// Of these, attributes change without the value and say what matters.
constexpr std::array significantDomains { "climate", "device_tracker", "humidifier", "thermostat",
    "water_heater" };
// Of these, a value alone says too little.
constexpr std::array attributeDomains { "climate", "humidifier", "input_datetime", "thermostat",
    "water_heater" };

template <size_t N>
bool isIn(const std::array<const char *, N> &domains, const QString &entityId)
{
    return std::any_of(domains.begin(), domains.end(),
        [domain = domainOf(entityId)](const char *one) { return domain == QLatin1String(one); });
}

// One entity's list.
class Writer
{
public:
    Writer(const HistoryQuery &query, const QString &entityId, bool first, JsonSpool &spool)
        : m_query(query)
        , m_entityId(entityId)
        , m_isFirst(first)
        , m_minimal(query.minimal && !isIn(attributeDomains, entityId))
        , m_spool(spool)
    {
    }

    bool add(const RecordedState &state)
    {
        if (m_count > 0 && m_minimal && state.value == m_last)
            return true;
        begin();
        if (m_count > 0 && m_minimal)
            writeMinimal(state);
        else if (m_query.compressed)
            writeCompressed(state);
        else
            writeWhole(state);
        ++m_count;
        m_last = state.value;
        return m_spool.isGood();
    }

    // Whether there was anything.
    bool end()
    {
        if (m_count > 0)
            m_spool.write("]");
        return m_count > 0;
    }

private:
    void begin()
    {
        if (m_count > 0 || !m_isFirst)
            m_spool.write(",");
        if (m_count > 0)
            return;
        if (m_query.compressed) {
            m_spool.writeText(m_entityId);
            m_spool.write(":");
        }
        m_spool.write("[");
    }

    void writeMinimal(const RecordedState &state)
    {
        m_spool.write(m_query.compressed ? "{\"s\":" : "{\"state\":");
        m_spool.writeText(state.value);
        m_spool.write(m_query.compressed ? ",\"lu\":" + secondsText(state.updated) + '}'
                                         : ",\"last_changed\":\"" + isoText(state.updated) + "\"}");
    }

    void writeCompressed(const RecordedState &state)
    {
        m_spool.write("{\"s\":");
        m_spool.writeText(state.value);
        m_spool.write(",\"a\":" + (state.attributes.isEmpty() ? "{}" : state.attributes)
            + ",\"lu\":" + secondsText(state.updated));
        if (changed(state) != state.updated)
            m_spool.write(",\"lc\":" + secondsText(changed(state)));
        m_spool.write("}");
    }

    void writeWhole(const RecordedState &state)
    {
        m_spool.write("{\"entity_id\":");
        m_spool.writeText(m_entityId);
        m_spool.write(",\"state\":");
        m_spool.writeText(state.value);
        m_spool.write(",\"attributes\":" + (state.attributes.isEmpty() ? "{}" : state.attributes)
            + ",\"last_changed\":\"" + isoText(changed(state)) + "\",\"last_updated\":\""
            + isoText(state.updated) + "\"}");
    }

    // Home Assistant does not look at the other time where only values count.
    qint64 changed(const RecordedState &state) const
    {
        return m_query.significantOnly ? state.updated : state.changed;
    }

    const HistoryQuery &m_query;
    const QString &m_entityId;
    const bool m_isFirst;
    const bool m_minimal;
    JsonSpool &m_spool;
    int m_count = 0;
    QString m_last;
};

} // namespace

Result<void> writeHistory(recorder::History &history, const HistoryQuery &query,
    const std::atomic<bool> &ending, JsonSpool &spool)
{
    spool.write(query.compressed ? "{" : "[");
    bool first = true;
    for (const QString &entityId : query.entityIds) {
        Writer writer(query, entityId, first, spool);
        const bool onlyValues = query.significantOnly && !isIn(significantDomains, entityId);
        const Result<void> done = history.states(
            { entityId, query.from, query.to, query.initial, onlyValues, query.attributes },
            [&writer](const RecordedState &state) { return writer.add(state); }, ending);
        if (!done)
            return done.error().in(QStringLiteral("Reading the history of %1").arg(entityId));
        first &= !writer.end();
    }
    spool.write(query.compressed ? "}" : "]");
    return {};
}

QByteArray isoText(qint64 milliseconds)
{
    return toIsoTime(QDateTime::fromMSecsSinceEpoch(milliseconds, Qt::UTC)).toLatin1();
}

QByteArray secondsText(qint64 milliseconds)
{
    return QByteArray::number(double(milliseconds) / 1000, 'f', 3);
}

} // namespace hubkeep::api
