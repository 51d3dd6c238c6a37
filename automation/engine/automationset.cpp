#include "automation/engine/automationset.h"

#include <algorithm>

namespace hubkeep::automation {
namespace {

const QString &domainPrefix()
{
    static const QString prefix = QStringLiteral("automation.");
    return prefix;
}

// Whether two values of the same content lie at the same places.
bool samePlaces(const Value &one, const Value &other)
{
    const std::vector<Value::Member> &members = one.members();
    return one.place() == other.place()
        && std::equal(one.items().begin(), one.items().end(), other.items().begin(),
            other.items().end(), samePlaces)
        && std::equal(members.begin(), members.end(), other.members().begin(),
            other.members().end(), [](const Value::Member &a, const Value::Member &b) {
                return samePlaces(a.value, b.value);
            });
}

} // namespace

QString AutomationEntry::key() const
{
    return id.isEmpty() ? entityId : QLatin1String("id:") + id;
}

Problems checkItem(
    const AutomationItem &item, QSet<QString> &ids, std::optional<AutomationConfig> *config)
{
    Problems problems = item.problems;
    std::optional<AutomationConfig> parsed = parseAutomation(item.value, problems);
    const QString id = automationId(item.value);
    if (!id.isEmpty() && ids.contains(id))
        problems.append({ item.value.find(QStringLiteral("id"))->place(),
            QStringLiteral("another automation has the id %1").arg(quoted(id)) });
    ids.insert(id);
    if (config && problems.isEmpty())
        *config = std::move(parsed);
    return problems;
}

AutomationSet::AutomationSet(AutomationHost &host, AutomationMemories &memories)
    : m_host(host)
    , m_memories(memories)
{
}

AutomationSet::~AutomationSet() = default;

AutomationEntry *AutomationSet::find(const QString &entityId) const
{
    return m_byEntity.value(entityId);
}

void AutomationSet::take(AutomationFiles files)
{
    Entries old = std::move(m_entries);
    m_entries.clear();
    QSet<QString> ids;
    Entries places(files.items.size());
    // What stays first: it must not be taken for an older form of what is new.
    for (std::size_t i = 0; i < files.items.size(); ++i) {
        places[i] = claimSame(old, files.items[i]);
        if (!places[i])
            continue;
        if (!samePlaces(places[i]->item.value, files.items[i].value))
            move(*places[i], files.items[i]);
        places[i]->item = std::move(files.items[i]);
        ids.insert(places[i]->id);
    }
    Entries replaced(files.items.size());
    for (std::size_t i = 0; i < files.items.size(); ++i) {
        if (!places[i])
            replaced[i] = claimNamesake(old, files.items[i]);
    }
    // Of a file that cannot be read, all stay as they are.
    Entries kept;
    for (Entry &entry : old) {
        if (entry && files.unreadable.contains(entry->item.file))
            kept.push_back(std::move(entry));
    }
    drop(old);
    for (const Entry &entry : kept)
        ids.insert(entry->id);

    std::vector<AutomationEntry *> made;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (!places[i]) {
            places[i] = make(std::move(files.items[i]), std::move(replaced[i]), ids, int(i));
            made.push_back(places[i].get());
        }
        m_byEntity.insert(places[i]->entityId, places[i].get());
    }
    m_entries = std::move(places);
    std::move(kept.begin(), kept.end(), std::back_inserter(m_entries));
    for (AutomationEntry *entry : made) {
        if (entry->automation)
            (void)entry->automation->start(); // says what is wrong itself
    }
}

// A broken one is read again: its problems may be in another file.
AutomationSet::Entry AutomationSet::claimSame(Entries &old, const AutomationItem &item) const
{
    if (!item.problems.isEmpty())
        return nullptr;
    for (Entry &entry : old) {
        if (entry && entry->automation && entry->item.fingerprint == item.fingerprint)
            return std::move(entry);
    }
    return nullptr;
}

void AutomationSet::move(AutomationEntry &entry, const AutomationItem &item) const
{
    Problems problems;
    if (std::optional<AutomationConfig> config = parseAutomation(item.value, problems))
        entry.automation->moved(std::move(config->script));
}

AutomationSet::Entry AutomationSet::claimNamesake(Entries &old, const AutomationItem &item) const
{
    const QString id = automationId(item.value);
    const QString alias = automationAlias(item.value);
    for (Entry &entry : old) {
        if (entry && entry->id == id && (!id.isEmpty() || entry->alias == alias)
            && (!id.isEmpty() || !alias.isEmpty()))
            return std::move(entry);
    }
    return nullptr;
}

AutomationSet::Entry AutomationSet::make(
    AutomationItem item, Entry replaced, QSet<QString> &ids, int index)
{
    auto entry = std::make_unique<AutomationEntry>();
    std::optional<AutomationConfig> config;
    entry->problems = checkItem(item, ids, &config);
    entry->item = std::move(item);
    entry->id = automationId(entry->item.value);
    entry->alias = automationAlias(entry->item.value);
    entry->entityId = replaced ? replaced->entityId : entityIdFor(*entry, index);
    m_byEntity.insert(entry->entityId, entry.get()); // so that the next takes another
    AutomationMemory memory;
    if (const AutomationMemories::Entry *known = m_memories.find(entry->key()))
        memory = known->memory;
    std::deque<std::shared_ptr<Trace>> traces;
    if (replaced && replaced->automation) {
        memory = replaced->automation->memory();
        replaced->automation->stop();
        traces = replaced->automation->traces();
    }
    replaced.reset();
    if (config) {
        entry->automation
            = std::make_unique<Automation>(m_host, entry->entityId, std::move(*config), memory);
        entry->automation->adoptTraces(std::move(traces));
        memory = entry->automation->memory();
    } else {
        showBroken(*entry);
    }
    m_memories.set(entry->key(), { entry->entityId, memory });
    return entry;
}

QString AutomationSet::entityIdFor(const AutomationEntry &entry, int index) const
{
    if (const AutomationMemories::Entry *known
        = entry.id.isEmpty() ? nullptr : m_memories.find(entry.key());
        known && !m_byEntity.contains(known->entityId))
        return known->entityId;
    QString name = slugify(entry.alias.isEmpty() ? entry.id : entry.alias);
    if (name.isEmpty())
        name = QStringLiteral("automation_%1").arg(index);
    QString id = domainPrefix() + name;
    for (int n = 2; m_byEntity.contains(id); ++n)
        id = QStringLiteral("%1%2_%3").arg(domainPrefix(), name).arg(n);
    return id;
}

void AutomationSet::showBroken(const AutomationEntry &entry) const
{
    QVariantMap attributes { { QStringLiteral("friendly_name"),
        entry.alias.isEmpty() ? entry.id : entry.alias } };
    if (!entry.id.isEmpty())
        attributes.insert(QStringLiteral("id"), entry.id);
    (void)m_host.parts.hub.states().set(
        entry.entityId, QLatin1String(unavailableState), attributes);
}

// Whether it was on is remembered: a file may be gone for a moment only.
void AutomationSet::drop(Entries &gone)
{
    for (Entry &entry : gone) {
        if (!entry)
            continue;
        m_byEntity.remove(entry->entityId);
        const QString entityId = entry->entityId;
        entry.reset();
        m_host.parts.hub.states().remove(entityId);
    }
    gone.clear();
}

} // namespace hubkeep::automation
