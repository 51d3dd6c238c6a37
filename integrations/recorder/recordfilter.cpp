#include "integrations/recorder/recordfilter.h"

#include "automation/core/glob.h"

#include <algorithm>
#include <array>

namespace hubkeep::recorder {
namespace {

constexpr qsizetype mostDecided = 10'000;

// What the hub says to those who follow it, and which means nothing afterwards.
constexpr std::array internals { "component_loaded", "service_registered", "service_removed" };

QSet<QString> setOf(const QVariantMap &section, const char *key)
{
    const QStringList texts = section.value(QLatin1String(key)).toStringList();
    return { texts.cbegin(), texts.cend() };
}

bool matchesAny(const QList<QByteArray> &globs, const QString &entityId)
{
    const QByteArray id = entityId.toUtf8();
    return std::any_of(globs.begin(), globs.end(),
        [&id](const QByteArray &glob) { return globMatches(glob, id); });
}

} // namespace

RecordFilter::RecordFilter(const QVariantMap &config)
{
    const QVariantMap exclude = config.value(QStringLiteral("exclude")).toMap();
    m_include = listsOf(config.value(QStringLiteral("include")).toMap());
    m_exclude = listsOf(exclude);
    m_excludedEvents = setOf(exclude, "event_types");
    for (const char *type : internals)
        m_excludedEvents.insert(QString::fromLatin1(type));
}

RecordFilter::Lists RecordFilter::listsOf(const QVariantMap &section)
{
    Lists lists { setOf(section, "entities"), {}, setOf(section, "domains") };
    for (const QString &glob : section.value(QStringLiteral("entity_globs")).toStringList())
        lists.globs.append(glob.toUtf8());
    return lists;
}

bool RecordFilter::acceptsEntity(const QString &entityId) const
{
    if (m_include.isEmpty() && m_exclude.isEmpty())
        return true;
    const auto known = m_decided.constFind(entityId);
    if (known != m_decided.constEnd())
        return *known;
    if (m_decided.size() >= mostDecided)
        m_decided.clear();
    return *m_decided.insert(entityId, decide(entityId));
}

bool RecordFilter::decide(const QString &entityId) const
{
    const QString domain = domainOf(entityId);
    if (m_include.entities.contains(entityId))
        return true;
    if (m_exclude.entities.contains(entityId))
        return false;
    if (matchesAny(m_include.globs, entityId))
        return true;
    if (matchesAny(m_exclude.globs, entityId))
        return false;
    if (m_include.domains.contains(domain))
        return true;
    if (m_exclude.domains.contains(domain))
        return false;
    if (m_include.isEmpty())
        return true;
    // Single entities were let in again; what the exclusions do not reach stays.
    return !m_include.hasPatterns() && m_exclude.hasPatterns();
}

bool RecordFilter::accepts(const Event &event) const
{
    if (event.change)
        return acceptsEntity(event.change->entityId);
    if (m_excludedEvents.contains(event.type))
        return false;
    const QStringList entities = event.data.value(QStringLiteral("entity_id")).toStringList();
    return entities.isEmpty()
        || std::any_of(entities.begin(), entities.end(),
            [this](const QString &entityId) { return acceptsEntity(entityId); });
}

} // namespace hubkeep::recorder
