#include "automation/template/templatedict.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace hubkeep {
namespace {

constexpr qsizetype few = 8; // which are looked through one by one

size_t textHash(QStringView text)
{
    return qHash(text);
}

bool isSame(const QString &text, QStringView other)
{
    return text.size() == other.size()
        && (other.isEmpty()
            || std::memcmp(text.constData(), other.data(), size_t(other.size()) * sizeof(QChar))
                == 0);
}

} // namespace

// The entry that matches, or -1.
template <typename Matches>
qsizetype TemplateDict::position(size_t hash, Matches matches) const
{
    if (m_slots.empty()) {
        for (qsizetype i = 0; i < size(); ++i) {
            if (matches(m_entries[size_t(i)].first))
                return i;
        }
        return -1;
    }
    const size_t mask = m_slots.size() - 1;
    for (size_t slot = hash & mask; m_slots[slot] >= 0; slot = (slot + 1) & mask) {
        if (matches(m_entries[size_t(m_slots[slot])].first))
            return m_slots[slot];
    }
    return -1;
}

void TemplateDict::remember(size_t hash, qsizetype entry)
{
    const size_t mask = m_slots.size() - 1;
    size_t slot = hash & mask;
    while (m_slots[slot] >= 0)
        slot = (slot + 1) & mask;
    m_slots[slot] = qint32(entry);
}

const TemplateValue *TemplateDict::find(QStringView key) const
{
    const qsizetype found
        = position(m_slots.empty() ? 0 : textHash(key), [&](const TemplateValue &other) {
              return other.isString() && isSame(other.string(), key);
          });
    return found < 0 ? nullptr : &m_entries[size_t(found)].second;
}

const TemplateValue *TemplateDict::find(const TemplateValue &key) const
{
    if (key.isString())
        return find(QStringView(key.string()));
    const qsizetype found = position(
        m_slots.empty() ? 0 : key.hash(), [&](const TemplateValue &other) { return other == key; });
    return found < 0 ? nullptr : &m_entries[size_t(found)].second;
}

void TemplateDict::insert(TemplateValue key, TemplateValue value)
{
    constexpr qint64 most = std::numeric_limits<qint64>::max() / 4;
    m_depth = std::max({ m_depth, key.depth() + 1, value.depth() + 1 });
    m_weight = std::min(most, m_weight + key.weight() + value.weight());
    if (const TemplateValue *found = find(key)) {
        const_cast<TemplateValue &>(*found) = std::move(value);
        return;
    }
    m_entries.emplace_back(std::move(key), std::move(value));
    if (size() > few && size_t(size()) * 2 > m_slots.size()) {
        m_slots.assign(std::max<size_t>(32, m_slots.size() * 2), -1);
        for (qsizetype i = 0; i < size(); ++i)
            remember(m_entries[size_t(i)].first.hash(), i);
    } else if (!m_slots.empty()) {
        remember(m_entries.back().first.hash(), size() - 1);
    }
}

bool TemplateDict::operator==(const TemplateDict &other) const
{
    if (size() != other.size())
        return false;
    return std::all_of(begin(), end(), [&](const Entry &entry) {
        const TemplateValue *found = other.find(entry.first);
        return found && *found == entry.second;
    });
}

} // namespace hubkeep
