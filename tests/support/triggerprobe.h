// A trigger at work, and what it said.
//
//     TriggerProbe probe(arena, "trigger: time\nat: '02:30'\n");
//     arena.advance(24h);
//     QCOMPARE(probe.times(), QStringList("2026-04-14 02:30:00"));
//
// A text that is no trigger fails the test.

#pragma once

#include "automation/engine/trigger.h"
#include "tests/support/enginearena.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace hubkeep::test {

class TriggerProbe
{
public:
    TriggerProbe(EngineArena &arena, const QByteArray &yaml,
        const TemplateVariables &names = TemplateVariables());

    // Local times of what fired since the last call.
    QStringList times();
    int count() { return int(times().size()); }
    bool hasFired() const { return !fired.empty(); }
    // Python's str() of a variable of the last `trigger`; "-" where there is none.
    QString text(const char *name) const;
    const TemplateValue *variable(const char *name) const;
    void stop() { trigger.reset(); }

    std::unique_ptr<automation::Trigger> trigger;
    Result<void> started;
    std::vector<automation::TriggerFired> fired;

private:
    EngineArena &m_arena;
    const TemplateVariables m_names;
    QStringList m_times;
};

} // namespace hubkeep::test
