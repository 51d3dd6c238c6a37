// What the schema of a notifier cannot say: its headers, its templates, and which keys exclude
// each other.
//
// Plain functions; any thread.

#pragma once

#include "automation/core/value.h"

namespace hubkeep {

// path is how problems call it: "notify[1]".
void checkNotifier(const Value &notifier, const QString &path, QList<ValueProblem> &problems);
// Of each in the list; nullptr: there is none.
void checkNotifiers(const Value *list, const QString &path, QList<ValueProblem> &problems);

} // namespace hubkeep
