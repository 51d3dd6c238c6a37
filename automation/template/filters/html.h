// Characters that mean something in HTML, and what stands for them.
//
// Functions of plain values; any thread.

#pragma once

#include <QString>

namespace hubkeep::filters {

// & < > ' " as Jinja2 writes them.
QString escaped(const QString &text);
// The other way round: numbers, and the names that people use; unknown names stay.
QString unescaped(const QString &text);

} // namespace hubkeep::filters
