// Times as clients of Home Assistant's API write them: "2026-04-13", "2026-04-13T14:25",
// "2026-04-13 14:25:30.5+02:00", "2026-04-13T12:25:30Z".
//
// Any thread.

#pragma once

#include <QDateTime>
#include <QString>
#include <QTimeZone>

#include <optional>

namespace hubkeep::api {

// In UTC. zone is what a time without one is in. A time that an address had a bare "+" in, which
// came as a space, is understood.
std::optional<QDateTime> parseTime(const QString &text, const QTimeZone &zone);

// The hub's, as its configuration names it; the system's where it names none.
QTimeZone zoneNamed(const QString &name);

} // namespace hubkeep::api
