// The statements of a parsed template. Each knows how to do itself.
//
// Immutable once the template is parsed; any thread.

#pragma once

#include "automation/template/syntax/expressions.h"

namespace hubkeep::templates {

enum class Flow {
    Next,
    Break,
    Continue,
    Stop, // the rendering failed
};

class Statement
{
public:
    Statement() = default;
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;
    virtual ~Statement() = default;
    virtual Flow execute(Evaluation &evaluation) const = 0;
};
using StatementPointer = std::unique_ptr<const Statement>;
using Body = std::vector<StatementPointer>;

Flow execute(Evaluation &evaluation, const Body &body);
// What the body prints; the rendering may have failed.
QString printed(Evaluation &evaluation, const Body &body, Flow *flow = nullptr);

// The names that a scope gives values to begin with what they are outside.
struct Inherited
{
    NamePlace inner;
    NamePlace outer; // as seen from inside
};
inline void inherit(Evaluation &evaluation, const std::vector<Inherited> &names)
{
    for (const Inherited &name : names)
        evaluation.slot(name.inner) = evaluation.at(name.outer);
}

// What is set: a name, an attribute of a namespace, or several at once.
struct Target
{
    QString name {};
    NamePlace place {};
    std::unique_ptr<Name> object {}; // whose attribute
    QString attribute {};
    bool isTuple = false;
    std::vector<Target> parts {};
    qsizetype offset = 0;

    bool assign(Evaluation &evaluation, const TemplateValue &value) const
    {
        if (isTuple || object)
            return assignParts(evaluation, value);
        evaluation.slot(place) = value;
        return true;
    }

private:
    bool assignParts(Evaluation &evaluation, const TemplateValue &value) const;
};

class Text final : public Statement
{
public:
    explicit Text(QString text)
        : m_text(std::move(text))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const QString m_text;
};

class Print final : public Statement
{
public:
    explicit Print(ExpressionPointer expression)
        : m_expression(std::move(expression))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_expression;
};

class Do final : public Statement
{
public:
    explicit Do(ExpressionPointer expression)
        : m_expression(std::move(expression))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_expression;
};

class If final : public Statement
{
public:
    using Branches = std::vector<std::pair<ExpressionPointer, Body>>;
    If(Branches branches, Body otherwise)
        : m_branches(std::move(branches))
        , m_otherwise(std::move(otherwise))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const Branches m_branches;
    const Body m_otherwise;
};

class Jump final : public Statement // break, continue
{
public:
    explicit Jump(Flow flow)
        : m_flow(flow)
    {
    }
    Flow execute(Evaluation &) const override { return m_flow; }

private:
    const Flow m_flow;
};

class Set final : public Statement
{
public:
    Set(Target target, ExpressionPointer expression)
        : m_target(std::move(target))
        , m_expression(std::move(expression))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const Target m_target;
    const ExpressionPointer m_expression;
};

// A body of its own variables: what it prints may be set, filtered, or just be printed.
class Block final : public Statement // {% set x %}, {% filter x %}, {% with %}
{
public:
    struct Parts
    {
        std::vector<std::pair<Target, ExpressionPointer>> variables {}; // computed outside
        std::vector<Inherited> inherited {};
        Body body {};
        bool captures = false;
        NamePlace captured {}; // the text, for the filter
        ExpressionPointer filter {}; // may be null
        std::optional<Target> target {}; // of the text; else it is printed
    };
    explicit Block(Parts parts)
        : m_parts(std::move(parts))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const Parts m_parts;
};

class For final : public Statement
{
public:
    struct Parts
    {
        qsizetype offset = 0;
        ExpressionPointer iterable {};
        Target target {};
        std::vector<Inherited> inherited {};
        Body body {};
        std::optional<NamePlace> loop {}; // where somebody wants it
        ExpressionPointer test {}; // may be null
        Target tested {}; // the target as the test sees it
        std::vector<Inherited> elseInherited {};
        Body otherwise {};
        bool isRecursive = false;
        size_t variables = 0; // of a recursive one's frame
    };
    explicit For(Parts parts)
        : m_parts(std::move(parts))
    {
    }
    const Parts &parts() const { return m_parts; }
    Flow execute(Evaluation &evaluation) const override;
    // One level; in a frame of its own where it is recursive.
    Flow run(Evaluation &evaluation, const TemplateValue &iterable, int depth) const;

private:
    Flow loop(Evaluation &evaluation, const TemplateValue &iterable, int depth) const;

    const Parts m_parts;
};

struct MacroParts
{
    qsizetype offset = 0;
    QString name {};
    struct Parameter
    {
        QString name;
        NamePlace place;
        ExpressionPointer standard; // may be null
    };
    std::vector<Parameter> parameters {};
    std::optional<NamePlace> varargs {}; // where the body uses them, as the next
    std::optional<NamePlace> kwargs {};
    std::optional<NamePlace> caller {};
    std::vector<Inherited> inherited {};
    Body body {};
    size_t variables = 0;
};

class Macro final : public Statement
{
public:
    Macro(Target target, MacroParts parts)
        : m_target(std::move(target))
        , m_parts(std::move(parts))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const Target m_target;
    const MacroParts m_parts;
};

class CallBlock final : public Statement
{
public:
    CallBlock(std::unique_ptr<const Call> call, MacroParts caller)
        : m_call(std::move(call))
        , m_caller(std::move(caller))
    {
    }
    Flow execute(Evaluation &evaluation) const override;

private:
    const std::unique_ptr<const Call> m_call;
    const MacroParts m_caller;
};

} // namespace hubkeep::templates
