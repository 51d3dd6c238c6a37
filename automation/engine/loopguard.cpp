#include "automation/engine/loopguard.h"

namespace hubkeep::automation {

bool LoopGuard::enter(const Context &cause, const Context &run, const QDateTime &now)
{
    // What happened because of a run has its context, or one of which it is the parent.
    auto found = m_links.constFind(cause.id);
    if (found == m_links.cend() && !cause.parentId.isEmpty())
        found = m_links.constFind(cause.parentId);
    Link link { 1, nullptr };
    if (found != m_links.cend() && found->chain->began.secsTo(now) < window.count())
        link = { found->depth + 1, found->chain };
    else
        link.chain = std::make_shared<Chain>(Chain { now });
    if (link.depth > deepest || ++link.chain->runs > most)
        return false;
    m_links.insert(run.id, link);
    m_order.enqueue(run.id);
    while (m_order.size() > mostRemembered)
        m_links.remove(m_order.dequeue());
    return true;
}

} // namespace hubkeep::automation
