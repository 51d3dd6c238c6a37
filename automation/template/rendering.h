// One rendering of a template, as filters, tests and functions see it: what they can reach, how
// much they may still do, and whether it has failed.
//
// There are no exceptions: what goes wrong is said once with fail(), everybody returns at once
// where failed(), and the sentence gets the place in the template of whoever called.
//
//     if (!rendering.allowText(count * text.size()))
//         return {};
//
// Lives for one rendering, on its thread.

#pragma once

#include "automation/template/template.h"
#include "automation/template/templateobject.h"

#include <memory>
#include <vector>

namespace hubkeep {

class TemplateRendering
{
public:
    // Both must outlive the rendering; reads may be null.
    TemplateRendering(const TemplateScope &scope, TemplateReads *reads);
    TemplateRendering(const TemplateRendering &) = delete;
    TemplateRendering &operator=(const TemplateRendering &) = delete;
    ~TemplateRendering();

    const TemplateScope &scope() const { return m_scope; }
    QDateTime now() const; // UTC; a rendering that took it depends on the time

    // What it looked at.
    void readsEntity(const QString &entityId);
    void readsDomain(const QString &domain);
    void readsAll();
    void readsTime();

    bool failed() const { return m_failed; }
    // The first sentence stays. Returns undefined, so that a function can return this.
    TemplateValue fail(const QString &message);
    // Where it failed, unless somebody nearer knew: an offset into the source.
    void failedAt(qsizetype offset)
    {
        if (m_failed && m_offset < 0)
            m_offset = offset;
    }
    const QString &message() const { return m_message; }
    qsizetype failureOffset() const { return m_offset; } // -1: nobody knows

    // Counts work, and fails when that was too much. Every loop over more than a few things asks.
    bool step(qint64 count = 1)
    {
        m_steps -= count;
        return m_steps > m_nextLook || look();
    }
    // Before a text of so many characters or a list of so many items is made: fails where that is
    // more than the limits allow, and counts as work.
    bool allowText(qint64 characters);
    bool allowItems(qint64 items);
    // For a text or list that grows: whether it may be so large, without counting; allow it when it
    // is done.
    bool fitsText(qint64 characters)
    {
        return characters > m_scope.limits.output ? tooLong() : !m_failed;
    }
    bool fitsItems(qint64 items);
    // Fails where value is nested too deep or too large for anybody to walk through. Whoever calls
    // a filter or function asks that of its result, so these need not.
    bool allowValue(const TemplateValue &value)
    {
        return value.kind() < TemplateValue::Kind::List ? !m_failed : allowNested(value);
    }

    // Macros, loops that call themselves: enter before, leave() after if it was allowed.
    bool enter();
    void leave() { --m_depth; }

    // Before every call: counts it, and looks how much of the stack is left.
    bool mayCall()
    {
        const auto here = reinterpret_cast<quintptr>(__builtin_frame_address(0));
        const quintptr used = m_stack > here ? m_stack - here : here - m_stack;
        return used < mostStack ? step() : tooDeep();
    }

    // Until the rendering ends, when it forgets what it holds; so that nothing keeps itself alive.
    void keep(std::shared_ptr<TemplateObject> object, std::function<void()> forget);

private:
    static constexpr quintptr mostStack = 2 * 1024 * 1024;
    bool look(); // at the clock
    bool tooDeep();
    bool tooLong();
    bool allowNested(const TemplateValue &value);

    const TemplateScope &m_scope;
    TemplateReads *m_reads;
    bool m_failed = false;
    int m_depth = 0;
    const quintptr m_stack = reinterpret_cast<quintptr>(__builtin_frame_address(0));
    qint64 m_steps;
    qint64 m_nextLook = 0; // when so few steps are left
    std::chrono::nanoseconds m_deadline; // of this thread's processor time
    qsizetype m_offset = -1;
    QString m_message;
    struct Kept
    {
        std::shared_ptr<TemplateObject> object;
        std::function<void()> forget;
    };
    std::vector<Kept> m_kept;
};

} // namespace hubkeep
