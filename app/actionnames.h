// The names of the actions that a hub would have, without starting one: what `hubkeep check-config`
// compares the actions of automations with.

#pragma once

#include <QString>
#include <QStringList>

namespace hubkeep {

// Sorted. Empty: they cannot be told, because data/state.db cannot be read.
QStringList actionNames(const QString &dataFolder);

} // namespace hubkeep
