// How Python writes values: str(), repr(), isoformat().
//
// Functions of plain values; any thread.

#pragma once

#include "automation/template/templatevalue.h"

namespace hubkeep {

void appendText(QString &out, const TemplateValue &value); // str()
void appendWhole(QString &out, qint64 number);
void appendLiteral(QString &out, const TemplateValue &value); // repr()

QString floatText(double number); // the shortest that reads back the same: "1e-05", "100.0"
QString stringLiteral(const QString &text); // in Python's choice of quotes
// "2026-04-13T14:25:30.123456+02:00", or with a blank as str() has it.
QString isoFormat(const TemplateTime &time, QChar separator);
QString isoFormat(QTime time);
QString offsetText(int seconds, bool colon = true); // "+02:00"
QString durationText(std::chrono::microseconds duration); // "1 day, 2:03:04"

} // namespace hubkeep
