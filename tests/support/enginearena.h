// Everything that triggers, conditions and scripts work with, at a time that the test sets.
//
//     EngineArena arena;                               // 2026-04-13 14:00 in Amsterdam
//     arena.set("sensor.x", "21", { { "unit", "°C" } });
//     arena.advance(5min);                             // what is due meanwhile is called, in turn
//     const Value value = arena.yaml("platform: state\nentity_id: sensor.x\n");
//
// arena.parts is what everything else takes.

#pragma once

#include "automation/core/clock.h"
#include "automation/core/hub.h"
#include "automation/core/timerqueue.h"
#include "automation/core/value.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/statewatch.h"
#include "automation/engine/webhooks.h"

#include <QDateTime>
#include <QString>
#include <QStringList>
#include <QTimeZone>
#include <QVariantMap>

#include <chrono>

namespace hubkeep::test {

// Both of its hands stand still until somebody moves them.
class ArenaClock final : public Clock
{
public:
    QDateTime now() const override { return m_now; }
    std::chrono::milliseconds uptime() const override { return m_uptime; }

    void advance(std::chrono::milliseconds time)
    {
        m_now = m_now.addMSecs(time.count());
        m_uptime += time;
    }
    void set(const QDateTime &now) { m_now = now.toUTC(); } // no time passes

private:
    QDateTime m_now = QDateTime::fromMSecsSinceEpoch(1'776'081'600'000, Qt::UTC);
    std::chrono::milliseconds m_uptime { 1'000'000 };
};

class EngineArena
{
public:
    explicit EngineArena(const char *zone = "Europe/Amsterdam");

    // Time passes, and what becomes due is called when it is.
    void advance(std::chrono::milliseconds time);
    // To a local time, or UTC where it ends in Z; what is due by then is called when it is.
    void advanceTo(const char *time);
    // Time passes while nobody looks; then all that is due is called.
    void sleep(std::chrono::milliseconds time);
    // Somebody sets the clock; no time passes.
    void setClock(const char *time);

    // "2026-03-29 01:59:30" in the arena's zone, or "…Z"; gives UTC. The first where it is twice.
    QDateTime at(const char *time) const;
    QString localNow() const; // "2026-03-29 01:59:30"

    void set(const char *entityId, const char *state, const QVariantMap &attributes = {},
        const Context &context = {});
    void fire(const char *type, const QVariantMap &data = {}, const Context &context = {});

    // Fails the test where the text is no YAML.
    static Value yaml(const QByteArray &text);
    // "2:7: sentence" of each.
    static QStringList texts(const QList<ValueProblem> &problems);

    ArenaClock clock;
    Hub hub;
    TimerQueue timers;
    automation::StateWatch watch;
    automation::Webhooks webhooks;
    automation::EngineParts parts;
};

} // namespace hubkeep::test
