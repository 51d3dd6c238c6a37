// Guesses what somebody meant who wrote a name that does not exist.

#pragma once

#include <QString>
#include <QStringList>

namespace hubkeep {

// The candidate with the fewest typing errors between, if they are few enough to be one
// (a third of the name's length); else empty. Of equals the first.
QString nearest(const QString &name, const QStringList &candidates);

// "; did you mean 'path'?" or, where nothing is near, nothing.
QString didYouMean(const QString &name, const QStringList &candidates);

} // namespace hubkeep
