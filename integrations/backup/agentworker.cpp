#include "integrations/backup/agentworker.h"

namespace hubkeep::backup {

AgentWorker::AgentWorker(std::shared_ptr<BackupAgent> agent)
    : m_agent(std::move(agent))
    , m_id(m_agent->id())
    , m_folder(m_agent->localFolder())
{
}

void AgentWorker::start(std::function<void(BackupAgent &)> work)
{
    m_thread.start([agent = m_agent, work = std::move(work)] { work(*agent); });
}

} // namespace hubkeep::backup
