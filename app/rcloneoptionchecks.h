// Whether rclone knows the options that hubkeep.yaml gives its agents: their type, and what that
// type takes. It is asked once, for a few seconds at most; where it is not installed, or does not
// answer, nothing is found. For check-config: what serves does not wait for it.
//
// Plain function; any thread, which it blocks.

#pragma once

#include "app/configuration.h"

#include <QList>
#include <QString>

namespace hubkeep {

QList<ConfigurationProblem> rcloneOptionProblems(const QString &dataFolder);

} // namespace hubkeep
