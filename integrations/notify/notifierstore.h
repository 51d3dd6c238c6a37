// The notifiers there are: those of hubkeep.yaml, and those that were added through the API,
// which are kept in state.db.
//
// Main thread; state outlives it.

#pragma once

#include "automation/core/statedatabase.h"
#include "integrations/notify/notifier.h"

#include <optional>

namespace hubkeep::notify {

class NotifierStore
{
public:
    explicit NotifierStore(StateDatabase &state)
        : m_state(state)
    {
    }

    Result<void> load(); // what was added through the API
    // Of the file. A name that both have is the file's; the other one waits.
    void setFromFile(const QList<NotifierConfig> &notifiers) { m_fromFile = notifiers; }

    QList<NotifierConfig> all() const; // the file's first
    std::optional<NotifierConfig> find(const QString &name) const;

    // Busy: the name is taken, or the file has it. NotFound: there is none.
    Result<void> add(const NotifierConfig &notifier);
    Result<void> replace(const QString &name, const NotifierConfig &notifier);
    Result<void> remove(const QString &name);

private:
    // The index among the API's; an error says why there is none that may be changed.
    Result<qsizetype> changeable(const QString &name) const;
    Result<void> save(const QList<NotifierConfig> &fromApi);

    StateDatabase &m_state;
    QList<NotifierConfig> m_fromFile;
    QList<NotifierConfig> m_fromApi;
};

} // namespace hubkeep::notify
