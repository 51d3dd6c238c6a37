// The seam through which everything domain-specific joins the hub.
//
// An integration is a folder under integrations/ with an integration.json and
// one class derived from this. Its constructor does nothing that can fail;
// setUp() joins; the destructor leaves and undoes all of it. See
// integrations/README.md for the recipe.

#pragma once

#include "automation/core/jobcontrol.h"
#include "automation/core/result.h"

#include <QVariantMap>

namespace hubkeep {

class Hub;

class Integration
{
public:
    Integration() = default;
    Integration(const Integration &) = delete;
    Integration &operator=(const Integration &) = delete;
    virtual ~Integration() = default;

    virtual QString name() const = 0; // its folder's

    // Called once, on the main thread, after every integration listed under
    // "after" in integration.json is up. config is this integration's section
    // of hubkeep.yaml, already checked. hub outlives the integration.
    virtual Result<void> setUp(Hub &hub, const QVariantMap &config) = 0;

    // Around every backup, on the backup thread, for integrations that must hold still
    // meanwhile. What prepareBackup() fails with fails the backup. afterBackup() is called
    // whatever happened, also where prepareBackup() failed.
    virtual Result<void> prepareBackup(JobControl &) { return {}; }
    virtual Result<void> afterBackup(JobControl &) { return {}; }
};

} // namespace hubkeep
