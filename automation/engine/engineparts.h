// What triggers, conditions and scripts work with. All of it outlives them.
//
// Main thread.

#pragma once

#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "automation/template/template.h"

#include <QTimeZone>

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

    TemplateScope scope(const TemplateNames &names) const
    {
        return { &hub.states(), &hub.clock(), zone, &names };
    }
};

// Everything wrong in what is being read, each with its place.
using Problems = QList<ValueProblem>;

} // namespace hubkeep::automation
