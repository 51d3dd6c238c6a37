// The actions backup.create, backup.create_automatic, backup.verify, backup.cancel and
// backup.delete: each waits until the work is done and fails with its reason.
//
// Main thread; integration outlives them.

#pragma once

#include "automation/core/actionregistry.h"

namespace hubkeep::backup {

class BackupIntegration;

void addBackupActions(ActionRegistry &actions, BackupIntegration &integration);
void removeBackupActions(ActionRegistry &actions);

} // namespace hubkeep::backup
