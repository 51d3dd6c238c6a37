// Where a backup lies on this machine: in the folder that ids are looked up in, and on the hub's
// agents that are folders.
//
// Blocking; main thread.

#pragma once

#include "app/cli/command.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QVariantMap>

namespace hubkeep::cli {

struct BackupCopy
{
    QString place; // "local.nas", or the folder
    QByteArray path;
};

// The files that there are, no folder twice. A hub that runs is asked for its agents; of one that
// does not they are those of its configuration, and those that were added through the API.
QList<BackupCopy> copiesOf(const Context &context, const QString &id);

// The agents that state.db keeps, for those who must not change anything of it.
QList<QVariantMap> agentsOfStateDatabase(const Context &context, const QString &stateDatabase);

} // namespace hubkeep::cli
