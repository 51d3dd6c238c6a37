// Scopes and tokens; the grammar is in statementparser.cpp and expressionparser.cpp.

#include "automation/template/syntax/parser.h"

namespace hubkeep::templates {

bool Parser::run()
{
    Scope scope;
    open(scope, &m_layout);
    m_program.body = body({});
    close(scope, &m_program.inherited);
    m_program.variables = size_t(m_layout.variables);
    m_program.names.resize(size_t(m_outerNames.size()));
    for (auto it = m_outerNames.cbegin(); it != m_outerNames.cend(); ++it)
        m_program.names[size_t(*it)] = { it.key(), TemplateBuiltins::all().global(it.key()) };
    if (isFine() && !m_unknown.empty())
        m_problem = m_unknown.front();
    return isFine();
}

void Parser::open(Scope &scope, Layout *newFrame)
{
    scope.parent = m_scope;
    scope.isFrame = newFrame != nullptr;
    scope.layout = newFrame ? newFrame : m_scope->layout;
    m_scope = &scope;
}

// Names that wait here get their places, or wait further out.
void Parser::close(Scope &scope, std::vector<Inherited> *inherited)
{
    m_scope = scope.parent;
    if (!isFine())
        return; // what was read is gone, and the places of its names with it
    const int frames = scope.isFrame ? 1 : 0;
    const auto waitOutside = [&](const QString &name, NamePlace *place, int up) {
        if (m_scope) {
            m_scope->pending.push_back({ name, place, up + frames });
            return;
        }
        const auto known = m_outerNames.constFind(name);
        const int index = known == m_outerNames.cend() ? int(m_outerNames.size()) : *known;
        m_outerNames.insert(name, index);
        *place = { -1, index };
    };
    for (const Pending &pending : scope.pending) {
        const auto found = scope.variables.find(pending.name);
        if (found == scope.variables.end()) {
            waitOutside(pending.name, pending.place, pending.up);
            continue;
        }
        found->isAsked = true;
        *pending.place = { pending.up, found->slot };
    }
    if (!inherited)
        return;
    for (const Scope::Slot &slot : std::as_const(scope.variables)) {
        if (slot.inherits)
            inherited->push_back({ { 0, slot.slot }, {} });
    }
    size_t index = 0; // only now that the places stay where they are
    for (auto it = scope.variables.cbegin(); it != scope.variables.cend(); ++it) {
        if (it->inherits)
            waitOutside(it.key(), &(*inherited)[index++].outer, 0);
    }
}

NamePlace Parser::declare(const QString &name, bool inherits)
{
    const auto known = m_scope->variables.constFind(name);
    if (known != m_scope->variables.cend() && !known->isSpecial)
        return { 0, known->slot };
    const int slot = m_scope->layout->variables++;
    m_scope->variables.insert(name, { slot, inherits });
    return { 0, slot };
}

void Parser::declareSpecial(const QString &name)
{
    if (!m_scope->variables.contains(name))
        m_scope->variables.insert(name, { m_scope->layout->variables++, false, true });
}

std::optional<NamePlace> Parser::asked(const Scope &scope, const QString &name) const
{
    const Scope::Slot slot = scope.variables.value(name);
    return slot.isSpecial && slot.isAsked ? std::optional(NamePlace { 0, slot.slot })
                                          : std::nullopt;
}

void Parser::use(const QString &name, NamePlace &place)
{
    m_scope->pending.push_back({ name, &place, 0 });
}

void Parser::declare(Target &target, bool inherits)
{
    for (Target &part : target.parts)
        declare(part, inherits);
    if (!target.isTuple && !target.object)
        target.place = declare(target.name, inherits);
}

// The same names, to be declared elsewhere.
Target Parser::copied(const Target &target)
{
    Target copy { target.name };
    copy.isTuple = target.isTuple;
    copy.offset = target.offset;
    for (const Target &part : target.parts)
        copy.parts.push_back(copied(part));
    return copy;
}

bool Parser::skip(const char16_t *operation)
{
    if (!current().is(operation))
        return false;
    advance();
    return true;
}

bool Parser::skipName(const char16_t *name)
{
    if (!current().isName(name))
        return false;
    advance();
    return true;
}

bool Parser::expect(const char16_t *operation)
{
    if (skip(operation))
        return true;
    fail(QStringLiteral("'%1' is expected, not %2")
             .arg(QStringView(operation), current().describe()));
    return false;
}

bool Parser::expectName(const char16_t *name)
{
    if (skipName(name))
        return true;
    fail(QStringLiteral("'%1' is expected, not %2").arg(QStringView(name), current().describe()));
    return false;
}

bool Parser::expect(Token::Type type, const QString &what)
{
    if (current().type == type) {
        advance();
        return true;
    }
    fail(QStringLiteral("%1 is expected, not %2").arg(what, current().describe()));
    return false;
}

std::nullptr_t Parser::fail(qsizetype offset, const QString &message)
{
    if (isFine())
        m_problem = { offset, message };
    m_at = m_tokens.size() - 1; // so that everybody stops
    return nullptr;
}

} // namespace hubkeep::templates
