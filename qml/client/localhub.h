// This machine's own hub: what it wrote down for programs of the same user, and how it is started.
//
// The folder is the one that the command line takes: $HUBKEEP_DATA, else $XDG_DATA_HOME/hubkeep.
// Reading is one small file; GUI thread.

#pragma once

#include "qml/client/apiclient.h"

#include <QString>

#include <optional>

namespace hubkeep::desktop {

QString localDataFolder();

// The hub that works in that folder now; nothing where none does, also where a killed one left its
// file.
std::optional<HubAddress> findLocalHub(const QString &dataFolder = localDataFolder());

// Starts `hubkeep serve`, which goes on when the window is closed. Empty where it was started, else
// why it was not. It is ready a moment later: ask findLocalHub().
QString startLocalHub(const QString &dataFolder = localDataFolder());

} // namespace hubkeep::desktop
