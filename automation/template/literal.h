// The type of a rendered text, as Home Assistant takes it: what reads like a Python literal is one.
//
// Functions of plain values; any thread.

#pragma once

#include "automation/template/templatevalue.h"

namespace hubkeep {

// The number, list, tuple, set, dict, boolean or None that text says; else text itself. Numbers in
// unusual forms (1e3, 0x10, 1_000, 007) stay texts, and so do quoted texts, bytes, and numbers of
// more than 64 bits.
TemplateValue parseResult(const QString &text);

} // namespace hubkeep
