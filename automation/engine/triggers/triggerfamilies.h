// One function for each family of triggers; the table in trigger.cpp joins them.
//
// Each reads the keys of its family; where it adds problems, what it returns is thrown away.

#pragma once

#include "automation/engine/triggers/basictrigger.h"

#include <memory>

namespace hubkeep::automation {

using TriggerPointer = std::unique_ptr<Trigger>;

TriggerPointer readEventTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readHomeAssistantTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readNumericStateTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readNotificationTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readStateTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readTemplateTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readTimePatternTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readTimeTrigger(ConfigReader &reader, TriggerOptionsPointer options);
TriggerPointer readWebhookTrigger(ConfigReader &reader, TriggerOptionsPointer options);

} // namespace hubkeep::automation
