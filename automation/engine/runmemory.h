// How much memory the variables of all runs take together: each run has a bound of its own, but
// there may be many.
//
//     RunMemory::Share share(parts.memory);
//     if (!share.resize(memoryOf(value, RunMemory::most))) …
//
// Main thread. A share keeps the memory that it is of.

#pragma once

#include "automation/template/templatevalue.h"

#include <QHash>
#include <QString>

#include <memory>
#include <utility>

namespace hubkeep::automation {

class RunMemory
{
public:
    static constexpr qsizetype most = 64 * 1024 * 1024; // bytes, about

    qsizetype used() const { return m_used; }

    class Share;

private:
    qsizetype m_used = 0;
};

class RunMemory::Share
{
public:
    explicit Share(std::shared_ptr<RunMemory> memory)
        : m_memory(std::move(memory))
    {
    }
    Share(Share &&other) noexcept
        : m_memory(std::move(other.m_memory))
        , m_size(std::exchange(other.m_size, 0))
    {
    }
    Share &operator=(Share &&) = delete;
    ~Share()
    {
        if (m_memory)
            m_memory->m_used -= m_size;
    }

    qsizetype size() const { return m_size; }
    // False, and all stays as it was: together that would be more than most.
    [[nodiscard]] bool resize(qsizetype size)
    {
        if (size > m_size && m_memory->m_used - m_size + size > most)
            return false;
        m_memory->m_used += size - std::exchange(m_size, size);
        return true;
    }

private:
    std::shared_ptr<RunMemory> m_memory; // null: it was moved away
    qsizetype m_size = 0;
};

// About what value takes, in bytes; counting ends beyond limit.
qsizetype memoryOf(const TemplateValue &value, qsizetype limit);
qsizetype memoryOf(const QHash<QString, TemplateValue> &values);

} // namespace hubkeep::automation
