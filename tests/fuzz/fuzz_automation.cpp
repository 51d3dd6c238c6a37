// Any bytes as YAML: read as a script, as triggers and as conditions; nothing is run. Every
// problem has a place in the text and a sentence, and what could not be read has one.

#include "automation/core/yaml.h"
#include "automation/engine/condition.h"
#include "automation/engine/script.h"
#include "automation/engine/trigger.h"

#include <cstdlib>

using namespace hubkeep;
using namespace hubkeep::automation;

namespace {

void check(const Problems &problems, qsizetype lines)
{
    for (const ValueProblem &problem : problems) {
        if (problem.message.isEmpty() || problem.place.line < 0 || problem.place.line > lines
            || problem.place.column < 0)
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), qsizetype(size));
    const qsizetype lines = text.count('\n') + text.count('\r') + 1;
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse(text, QStringLiteral("automations.yaml"));
    const bool isWhole = loader.problems().isEmpty();

    Problems ofScript;
    const std::optional<Script> script = parseScript(value, ofScript);
    check(ofScript, lines);
    if (isWhole && script.has_value() != ofScript.isEmpty())
        std::abort();
    for (const NamedAction &action : namedActions(value)) {
        if (!action.name.contains(u'.') || action.place.line < 1)
            std::abort();
    }

    Problems ofTriggers;
    parseTriggers(value, ofTriggers);
    check(ofTriggers, lines);

    Problems ofCondition;
    const std::optional<Condition> condition = parseCondition(value, ofCondition);
    check(ofCondition, lines);
    if (isWhole && condition.has_value() != ofCondition.isEmpty())
        std::abort();
    return 0;
}
