// What is recorded: the sections include and exclude of `recorder:`, as Home Assistant has them.
//
//     include: {domains: [sensor], entities: [...], entity_globs: ["sensor.backup_*"]}
//     exclude: {domains: [...], entities: [...], entity_globs: [...], event_types: [...]}
//
// An entity that is named outright is what that list says; then globs count, then domains. Where
// only some are included, the others are not; where there are only exclusions, the others are.
//
// Plain value; belongs to one thread, because it remembers what it decided.

#pragma once

#include "automation/core/event.h"

#include <QHash>
#include <QSet>
#include <QStringList>

namespace hubkeep::recorder {

class RecordFilter
{
public:
    RecordFilter() = default; // everything
    // config is the section `recorder`, checked.
    explicit RecordFilter(const QVariantMap &config);

    bool acceptsEntity(const QString &entityId) const;
    // state_changed and every other. Events that name entities follow what holds for those.
    bool accepts(const Event &event) const;

private:
    struct Lists
    {
        QSet<QString> entities {};
        QList<QByteArray> globs {};
        QSet<QString> domains {};

        bool isEmpty() const { return entities.isEmpty() && !hasPatterns(); }
        bool hasPatterns() const { return !globs.isEmpty() || !domains.isEmpty(); }
    };
    static Lists listsOf(const QVariantMap &section);
    bool decide(const QString &entityId) const;

    Lists m_include;
    Lists m_exclude;
    QSet<QString> m_excludedEvents;
    mutable QHash<QString, bool> m_decided; // of some
};

} // namespace hubkeep::recorder
