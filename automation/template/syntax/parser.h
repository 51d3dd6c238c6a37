// Jinja2's grammar: tokens become statements and expressions, names become places.
//
// A name belongs to the innermost scope that gives it a value anywhere; so it gets its place when
// that scope ends. Lives on the stack of Template::parse().

#pragma once

#include "automation/template/syntax/lexer.h"
#include "automation/template/syntax/statements.h"

#include <QHash>
#include <QStringList>

namespace hubkeep::templates {

struct Program
{
    Body body;
    std::vector<Inherited> inherited;
    size_t variables = 0; // of the outermost frame
    std::vector<OuterName> names;
};

class Parser
{
public:
    Parser(std::vector<Token> tokens, Program &program, Problem &problem)
        : m_tokens(std::move(tokens))
        , m_program(program)
        , m_problem(problem)
    {
    }
    bool run(); // false: problem says why

private:
    // The size of a frame, which scopes share.
    struct Layout
    {
        int variables = 0;
    };
    struct Pending
    {
        QString name;
        NamePlace *place;
        int up; // frames between its use and the scope that it waits in
    };
    struct Scope
    {
        Scope *parent = nullptr;
        Layout *layout = nullptr;
        bool isFrame = false; // the outermost scope of its frame
        struct Slot
        {
            int slot = 0;
            bool inherits = false;
            bool isSpecial = false;
            bool isAsked = false;
        };
        QHash<QString, Slot> variables {};
        std::vector<Pending> pending {};
    };

    // Scopes.
    void open(Scope &scope, Layout *newFrame = nullptr);
    void close(Scope &scope, std::vector<Inherited> *inherited);
    // A slot of the current scope; one that inherits begins with what the name is outside.
    NamePlace declare(const QString &name, bool inherits);
    NamePlace declareHidden() { return { 0, m_scope->layout->variables++ }; }
    void declareSpecial(const QString &name); // there if somebody asks for it
    std::optional<NamePlace> asked(const Scope &scope, const QString &name) const;
    void use(const QString &name, NamePlace &place);
    void declare(Target &target, bool inherits);
    Target copied(const Target &target);

    // Tokens.
    const Token &current() const { return m_tokens[m_at]; }
    const Token &following() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
    void advance()
    {
        if (m_at + 1 < m_tokens.size())
            ++m_at;
    }
    bool skip(const char16_t *operation);
    bool skipName(const char16_t *name);
    bool expect(const char16_t *operation);
    bool expectName(const char16_t *name);
    bool expect(Token::Type type, const QString &what);
    bool isFine() const { return m_problem.message.isEmpty(); }
    std::nullptr_t fail(const QString &message) { return fail(current().offset, message); }
    std::nullptr_t fail(qsizetype offset, const QString &message);
    class Nested;

    // Statements.
    Body body(const QStringList &ends, bool consumeEnd = true);
    void statement(Body &body);
    StatementPointer keyword(const Token &token);
    StatementPointer ifStatement();
    StatementPointer forStatement(qsizetype offset);
    StatementPointer setStatement();
    StatementPointer withStatement();
    StatementPointer filterStatement(qsizetype offset);
    StatementPointer macroStatement(qsizetype offset);
    StatementPointer callStatement(qsizetype offset);
    StatementPointer jump(Flow flow);
    StatementPointer unknown(const Token &token);
    bool signature(MacroParts &parts);
    void macroBody(MacroParts &parts, const QString &end, bool withSignature,
        std::unique_ptr<const Call> *call);
    std::unique_ptr<const Call> called();
    std::optional<Target> target(bool mayBeAttribute, const char16_t *endsAt);
    std::optional<Target> singleTarget(bool mayBeAttribute);

    // Expressions.
    using Pointer = std::unique_ptr<Expression>;
    Pointer expression(bool withConditional = true);
    Pointer conditional();
    Pointer disjunction();
    Pointer conjunction();
    Pointer negation();
    Pointer comparison();
    Pointer sum();
    Pointer concatenation();
    Pointer product();
    Pointer power();
    Pointer unary(bool withFilter = true);
    Pointer primary();
    Pointer strings();
    Pointer tupleOrOne(bool withConditional = true, bool explicitParentheses = false,
        const char16_t *endsAt = nullptr);
    bool isTupleEnd(const char16_t *endsAt) const;
    Pointer list();
    Pointer dict();
    Pointer postfix(Pointer value);
    Pointer subscript(Pointer value);
    Pointer subscribed(Pointer &object);
    Pointer filters(Pointer value);
    Pointer filter(Pointer value, qsizetype offset);
    Pointer test(Pointer value);
    Pointer call(Pointer callee);
    bool arguments(Arguments &arguments);
    bool argument(Arguments &arguments);
    // The expression, computed already where all parts are constants; null where it is too deep.
    Pointer made(Pointer expression, bool isConstant = false);

    std::vector<Token> m_tokens;
    size_t m_at = 0;
    Program &m_program;
    Problem &m_problem;
    Scope *m_scope = nullptr;
    Layout m_layout;
    QHash<QString, int> m_outerNames;
    QStringList m_open; // statements that wait for their end
    std::vector<Problem> m_unknown; // filters and tests that are not there
    int m_depth = 0;
    int m_soft = 0; // in an if: an unknown filter is one only when it is reached
    int m_loops = 0;
};

} // namespace hubkeep::templates
