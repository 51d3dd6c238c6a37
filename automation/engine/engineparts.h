// What triggers, conditions and scripts work with. All of it outlives them.
//
// Main thread.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "automation/engine/runmemory.h"
#include "automation/template/template.h"

#include <QTimeZone>

#include <memory>

namespace hubkeep::automation {

class StateWatch;
class Webhooks;

struct EngineParts
{
    Hub &hub;
    TimerQueue &timers;
    StateWatch &watch; // changes of states, by entity
    Webhooks &webhooks;
    QTimeZone zone; // of times that people write
    std::shared_ptr<RunMemory> memory = std::make_shared<RunMemory>(); // of all runs

    TemplateScope scope(const TemplateNames &names) const
    {
        return { &hub.states(), &hub.clock(), zone, &names };
    }
};

// Everything wrong in what is being read, each with its place.
using Problems = QList<ValueProblem>;

} // namespace hubkeep::automation
