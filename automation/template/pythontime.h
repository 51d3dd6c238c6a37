// Python's arithmetic with times, and strftime.
//
// A time in a zone is moved by its clock on the wall: a day later is the same hour, also across a
// change of the clocks. Functions of plain values; any thread.

#pragma once

#include "automation/template/operations.h"

namespace hubkeep {

// nullopt: there is no such operation with these.
std::optional<TemplateValue> timeArithmetic(TemplateRendering &rendering,
    operations::Arithmetic operation, const TemplateValue &left, const TemplateValue &right);

// Seconds since 1970; a naive time is one of zone.
double secondsSinceEpoch(const TemplateTime &time, const QTimeZone &zone);

QString zoneName(const TemplateTime &time); // "CEST"; of UTC and offsets "UTC", "UTC+02:00"

// "%Y-%m-%d" and its kin, in the C locale. An unknown directive stays as it is.
QString strftime(const TemplateTime &time, const QString &format);
QString strftime(QDate date, const QString &format);
QString strftime(QTime time, const QString &format);

} // namespace hubkeep
