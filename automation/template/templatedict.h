// A dictionary as Python's: in the order of insertion, keys of any hashable value, 1 and 1.0 and
// true the same one.
//
//     TemplateDict dict;
//     dict.insert(QStringLiteral("name"), 4);
//     if (const TemplateValue *found = dict.find(u"name")) …
//
// Plain value; any thread.

#pragma once

#include "automation/template/templatevalue.h"

#include <QStringView>

namespace hubkeep {

class TemplateDict
{
public:
    using Entry = std::pair<TemplateValue, TemplateValue>;
    using Entries = std::vector<Entry>;

    // The value of a key that is there already changes, its place does not. Requires a hashable
    // key.
    void insert(TemplateValue key, TemplateValue value);
    const TemplateValue *find(const TemplateValue &key) const; // nullptr: there is none
    const TemplateValue *find(QStringView key) const;
    const TemplateValue *find(const QString &key) const { return find(QStringView(key)); }
    const TemplateValue *find(const char16_t *key) const { return find(QStringView(key)); }

    qsizetype size() const { return qsizetype(m_entries.size()); }
    bool isEmpty() const { return m_entries.empty(); }
    Entries::const_iterator begin() const { return m_entries.begin(); }
    Entries::const_iterator end() const { return m_entries.end(); }
    const Entry &at(qsizetype index) const { return m_entries[size_t(index)]; }

    bool operator==(const TemplateDict &other) const; // whatever the order
    int depth() const { return m_depth; } // as TemplateValue's
    qint64 weight() const { return m_weight; }

private:
    template <typename Matches>
    qsizetype position(size_t hash, Matches matches) const;
    void remember(size_t hash, qsizetype entry);

    Entries m_entries;
    // Where entries are by their hash, open addressing, a power of two; nothing while they are few.
    std::vector<qint32> m_slots;
    int m_depth = 1;
    qint64 m_weight = 1;
};

} // namespace hubkeep
