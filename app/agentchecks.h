// What the schema of an agent cannot say: a remote together with its options, and folders that are
// somebody's already. hubkeep.yaml and the API are judged by it, by what the agents themselves use.
//
// Plain functions; any thread.

#pragma once

#include "automation/core/value.h"

#include <QVariantMap>

namespace hubkeep {

// path is how problems call it: "backup.agents[1]". An empty data folder: nobody asks for it.
void checkAgent(const Value &agent, const QString &path, const QString &dataFolder,
    QList<ValueProblem> &problems);
// Each in the list, and that no two have one folder; nullptr: there is none.
void checkAgents(const Value *list, const QString &path, const QString &dataFolder,
    QList<ValueProblem> &problems);

// The folder of this machine that an agent with these options has, absolute; empty: it has none.
QString agentFolder(const QVariantMap &options, const QString &dataFolder);

} // namespace hubkeep
