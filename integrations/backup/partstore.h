// The sources and the agents there are: those of hubkeep.yaml, and those that were added through
// the API, which are kept in state.db.
//
// Main thread; state outlives it.

#pragma once

#include "automation/core/statedatabase.h"
#include "integrations/backup/parttypes.h"

#include <functional>

namespace hubkeep::backup {

// How options are kept from who reads state.db, or a backup of it. Null functions: not at all.
struct PartSeal
{
    std::function<QVariantMap(const Part &part)> seal {}; // what is sealed already stays so
    std::function<QVariantMap(const QVariantMap &stored)> open {};
};

class PartStore
{
public:
    explicit PartStore(StateDatabase &state, PartSeal seal = {})
        : m_state(state)
        , m_seal(std::move(seal))
    {
    }

    // What was added through the API. What lies there in the clear is sealed.
    Result<void> load();
    // Of the file. A name that both have is the file's; the other one waits.
    void setFromFile(PartKind kind, const QList<Part> &parts);

    QList<Part> all(PartKind kind) const; // the file's first
    std::optional<Part> find(PartKind kind, const QString &name) const;

    // Busy: the name is taken, or the file has it. NotFound: there is none.
    Result<void> add(PartKind kind, const Part &part);
    Result<void> replace(PartKind kind, const QString &name, const Part &part);
    Result<void> remove(PartKind kind, const QString &name);

private:
    struct Lists
    {
        QList<Part> fromFile;
        QList<Part> fromApi;
    };
    // The index among the API's; an error says why there is none that may be changed.
    Result<qsizetype> changeable(PartKind kind, const QString &name) const;
    Result<void> save(PartKind kind, const QList<Part> &fromApi);
    Result<void> sealAll(PartKind kind);
    Lists &lists(PartKind kind) { return kind == PartKind::Source ? m_sources : m_agents; }
    const Lists &lists(PartKind kind) const
    {
        return kind == PartKind::Source ? m_sources : m_agents;
    }

    StateDatabase &m_state;
    const PartSeal m_seal;
    Lists m_sources;
    Lists m_agents;
};

} // namespace hubkeep::backup
