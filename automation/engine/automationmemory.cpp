#include "automation/engine/automationmemory.h"

#include "automation/core/statedatabase.h"

#include <QLoggingCategory>

namespace hubkeep::automation {
namespace {

Q_LOGGING_CATEGORY(automationLog, "hubkeep.automation")

const QStringList &migrations()
{
    static const QStringList steps { QStringLiteral(
        "CREATE TABLE automations (key TEXT PRIMARY KEY, entity_id TEXT NOT NULL, is_on INTEGER "
        "NOT NULL, last_triggered INTEGER) WITHOUT ROWID") };
    return steps;
}

} // namespace

AutomationMemories::AutomationMemories(StateDatabase &state)
    : m_state(state)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(std::chrono::seconds(30));
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { flush(); });
}

AutomationMemories::~AutomationMemories()
{
    flush();
}

Result<std::unique_ptr<AutomationMemories>> AutomationMemories::open(StateDatabase &state)
{
    const Result<void> migrated = state.migrate(QStringLiteral("automations"), migrations());
    if (!migrated)
        return migrated.error();
    Result<QSqlQuery> rows = state.run(
        QStringLiteral("SELECT key, entity_id, is_on, last_triggered FROM automations"));
    if (!rows)
        return rows.error().in(QStringLiteral("Reading which automations are on"));
    std::unique_ptr<AutomationMemories> memories(new AutomationMemories(state));
    while (rows->next()) {
        const QVariant last = rows->value(3);
        memories->m_entries.insert(rows->value(0).toString(),
            { rows->value(1).toString(),
                { rows->value(2).toBool(),
                    last.isNull() ? QDateTime()
                                  : QDateTime::fromMSecsSinceEpoch(last.toLongLong(), Qt::UTC) } });
    }
    return memories;
}

const AutomationMemories::Entry *AutomationMemories::find(const QString &key) const
{
    const auto found = m_entries.constFind(key);
    return found == m_entries.cend() ? nullptr : &*found;
}

void AutomationMemories::set(const QString &key, const Entry &entry)
{
    m_entries.insert(key, entry);
    m_changed.insert(key);
    if (!m_timer.isActive())
        m_timer.start();
}

void AutomationMemories::flush()
{
    m_timer.stop();
    if (m_changed.isEmpty())
        return;
    const Result<void> written = m_state.inTransaction([this]() -> Result<void> {
        for (const QString &key : std::as_const(m_changed)) {
            const Entry &entry = m_entries[key];
            const QVariant last = entry.memory.lastTriggered.isValid()
                ? QVariant(entry.memory.lastTriggered.toMSecsSinceEpoch())
                : QVariant();
            const Result<QSqlQuery> done = m_state.run(
                QStringLiteral("INSERT OR REPLACE INTO automations VALUES (?, ?, ?, ?)"),
                { key, entry.entityId, entry.memory.isOn, last });
            if (!done)
                return done.error();
        }
        return {};
    });
    if (written) {
        m_changed.clear();
        return;
    }
    qCWarning(automationLog).noquote()
        << "Keeping which automations are on:" << written.error().message;
    m_timer.start();
}

} // namespace hubkeep::automation
