#include "tests/support/triggerprobe.h"

#include "automation/template/templatedict.h"

#include <QtTest>

#include <utility>

namespace hubkeep::test {

TriggerProbe::TriggerProbe(
    EngineArena &arena, const QByteArray &yaml, const TemplateVariables &names)
    : m_arena(arena)
    , m_names(names)
{
    automation::Problems problems;
    trigger = automation::parseTrigger(EngineArena::yaml(yaml), 0, problems);
    QVERIFY2(trigger, qPrintable(EngineArena::texts(problems).join(u'\n')));
    started = trigger->start(arena.parts, m_names, [this](const automation::TriggerFired &what) {
        fired.push_back(what);
        m_times.append(m_arena.localNow());
    });
}

QStringList TriggerProbe::times()
{
    return std::exchange(m_times, {});
}

const TemplateValue *TriggerProbe::variable(const char *name) const
{
    return fired.empty() ? nullptr : fired.back().variables.dict().find(QString::fromLatin1(name));
}

QString TriggerProbe::text(const char *name) const
{
    const TemplateValue *found = variable(name);
    return found ? found->toText() : QStringLiteral("-");
}

} // namespace hubkeep::test
