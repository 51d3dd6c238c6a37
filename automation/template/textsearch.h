// Searching texts in time that grows with their lengths' sum, never with their product.
//
// Functions of plain values; any thread.

#pragma once

#include <QString>
#include <QStringView>

namespace hubkeep {

// Where needle begins in text, at from or behind; -1: nowhere.
qsizetype findText(QStringView text, QStringView needle, qsizetype from);
// The last such place, where all of needle is before end.
qsizetype findLastText(QStringView text, QStringView needle, qsizetype end);
// How often it is there without overlapping; one more than its characters for an empty needle.
qsizetype countText(QStringView text, QStringView needle);

} // namespace hubkeep
