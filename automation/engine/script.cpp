#include "automation/engine/script.h"

#include "automation/engine/scriptparser.h"
#include "automation/engine/scriptsteps.h"

#include <QSet>

#include <algorithm>

namespace hubkeep::automation {
namespace {

void collectSecrets(const Value &value, QSet<QString> &secrets)
{
    if (value.isSecret() && !value.isCollection() && !value.text().isEmpty())
        secrets.insert(value.text());
    for (const Value &item : value.items())
        collectSecrets(item, secrets);
    for (const Value::Member &member : value.members())
        collectSecrets(member.value, secrets);
}

// What lies in an action's data is its own.
void collectActions(const Value &value, QList<NamedAction> &actions)
{
    static const QStringList opaque { QStringLiteral("data"), QStringLiteral("data_template"),
        QStringLiteral("event_data"), QStringLiteral("target"), QStringLiteral("variables") };
    for (const Value &item : value.items())
        collectActions(item, actions);
    for (const Value::Member &member : value.members()) {
        const bool isName = member.key == u"action" || member.key == u"service";
        if (isName && member.value.kind() == Value::Kind::String
            && member.value.text().contains(u'.') && !Template::isTemplate(member.value.text()))
            actions.append({ member.value.text(), member.value.place() });
        else if (!opaque.contains(member.key))
            collectActions(member.value, actions);
    }
}

} // namespace

QStringList secretsOf(const Value &value)
{
    QSet<QString> secrets;
    collectSecrets(value, secrets);
    QStringList sorted = secrets.values();
    std::sort(sorted.begin(), sorted.end(), [](const QString &one, const QString &other) {
        return one.size() != other.size() ? one.size() > other.size() : one < other;
    });
    return sorted;
}

QList<NamedAction> namedActions(const Value &value)
{
    QList<NamedAction> actions;
    collectActions(value, actions);
    return actions;
}

std::optional<Script> parseScript(const Value &value, Problems &problems, const QString &path)
{
    const qsizetype before = problems.size();
    Script script;
    script.m_steps = ScriptParser(problems).sequence(value, path);
    if (problems.size() != before || value.kind() == Value::Kind::Broken)
        return {};
    script.hide(secretsOf(value));
    return script;
}

} // namespace hubkeep::automation
