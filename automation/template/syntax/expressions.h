// The expressions of a parsed template. Each knows how to compute itself.
//
// Immutable once the template is parsed; any thread.

#pragma once

#include "automation/template/builtins.h"
#include "automation/template/operations.h"
#include "automation/template/syntax/evaluation.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace hubkeep::templates {

class Expression
{
public:
    explicit Expression(qsizetype offset)
        : m_offset(offset)
    {
    }
    Expression(const Expression &) = delete;
    Expression &operator=(const Expression &) = delete;
    virtual ~Expression() = default;

    qsizetype offset() const { return m_offset; }
    // Undefined, and the rendering has failed, where Python raises.
    virtual TemplateValue evaluate(Evaluation &evaluation) const = 0;
    // The same without copying where that can be; else in scratch.
    virtual const TemplateValue &look(Evaluation &evaluation, TemplateValue &scratch) const
    {
        scratch = evaluate(evaluation);
        return scratch;
    }
    // As look(), but null where it is an integer, which is in number then: arithmetic needs no
    // more.
    virtual const TemplateValue *lookWhole(
        Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const
    {
        return unlessWhole(look(evaluation, scratch), number);
    }
    virtual const TemplateValue *constant() const { return nullptr; }

    bool isTrue(Evaluation &evaluation) const;
    int depth() const { return m_depth; } // 1: nothing in it

protected:
    void contain(const Expression *part) // may be null
    {
        if (part)
            m_depth = std::max(m_depth, part->depth() + 1);
    }
    static const TemplateValue *unlessWhole(const TemplateValue &value, qint64 &number)
    {
        if (value.kind() != TemplateValue::Kind::Integer)
            return &value;
        number = value.toInteger();
        return nullptr;
    }

private:
    const qsizetype m_offset;
    int m_depth = 1;
};
using ExpressionPointer = std::unique_ptr<const Expression>;
using Expressions = std::vector<ExpressionPointer>;

class Constant final : public Expression
{
public:
    Constant(qsizetype offset, TemplateValue value)
        : Expression(offset)
        , m_value(std::move(value))
    {
    }
    TemplateValue evaluate(Evaluation &) const override { return m_value; }
    const TemplateValue &look(Evaluation &, TemplateValue &) const override { return m_value; }
    const TemplateValue *constant() const override { return &m_value; }

private:
    const TemplateValue m_value;
};

class Name final : public Expression
{
public:
    Name(qsizetype offset, QString name)
        : Expression(offset)
        , m_name(std::move(name))
    {
    }
    const QString &name() const { return m_name; }
    NamePlace &place() { return m_place; }
    TemplateValue evaluate(Evaluation &evaluation) const override;
    const TemplateValue &look(Evaluation &evaluation, TemplateValue &scratch) const override;
    const TemplateValue *lookWhole(
        Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const override;

private:
    const QString m_name;
    NamePlace m_place;
};

class Collection final : public Expression // [], (), and those of a concatenation
{
public:
    Collection(qsizetype offset, TemplateValue::Kind kind, Expressions items)
        : Expression(offset)
        , m_kind(kind)
        , m_items(std::move(items))
    {
        for (const auto &item : m_items)
            contain(item.get());
    }
    const Expressions &items() const { return m_items; }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const TemplateValue::Kind m_kind;
    const Expressions m_items;
};

class DictLiteral final : public Expression
{
public:
    using Entries = std::vector<std::pair<ExpressionPointer, ExpressionPointer>>;
    DictLiteral(qsizetype offset, Entries entries)
        : Expression(offset)
        , m_entries(std::move(entries))
    {
        for (const auto &[key, value] : m_entries) {
            contain(key.get());
            contain(value.get());
        }
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const Entries m_entries;
};

class Binary final : public Expression // + - * / // % **
{
public:
    Binary(qsizetype offset, operations::Arithmetic operation, ExpressionPointer left,
        ExpressionPointer right);
    TemplateValue evaluate(Evaluation &evaluation) const override
    {
        TemplateValue result;
        look(evaluation, result);
        return result;
    }
    const TemplateValue &look(Evaluation &evaluation, TemplateValue &scratch) const override;
    const TemplateValue *lookWhole(
        Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const override;

private:
    const TemplateValue *lookBoth(
        Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const;
    const TemplateValue *computeAny(Evaluation &evaluation, TemplateValue &scratch,
        const TemplateValue *left, const TemplateValue &right, qint64 &number) const;

    const operations::Arithmetic m_operation;
    const ExpressionPointer m_left;
    const ExpressionPointer m_right;
    bool m_isRightWhole = false; // a constant: m_rightWhole
    qint64 m_rightWhole = 0;
};

class Unary final : public Expression // - + not
{
public:
    Unary(qsizetype offset, char16_t operation, ExpressionPointer operand)
        : Expression(offset)
        , m_operation(operation)
        , m_operand(std::move(operand))
    {
        contain(m_operand.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const char16_t m_operation; // '!' is not
    const ExpressionPointer m_operand;
};

class Logical final : public Expression // and, or
{
public:
    Logical(qsizetype offset, bool isAnd, ExpressionPointer left, ExpressionPointer right)
        : Expression(offset)
        , m_isAnd(isAnd)
        , m_left(std::move(left))
        , m_right(std::move(right))
    {
        contain(m_left.get());
        contain(m_right.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const bool m_isAnd;
    const ExpressionPointer m_left;
    const ExpressionPointer m_right;
};

class Comparison final : public Expression // a < b < c, in, not in
{
public:
    enum class Operator { Equal, Unequal, Less, LessEqual, Greater, GreaterEqual, In, NotIn };
    using Rest = std::vector<std::pair<Operator, ExpressionPointer>>;
    Comparison(qsizetype offset, ExpressionPointer first, Rest rest)
        : Expression(offset)
        , m_first(std::move(first))
        , m_rest(std::move(rest))
    {
        contain(m_first.get());
        for (const auto &part : m_rest)
            contain(part.second.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_first;
    const Rest m_rest;
};

class Concatenation final : public Expression // a ~ b ~ c
{
public:
    Concatenation(qsizetype offset, Expressions parts)
        : Expression(offset)
        , m_parts(std::move(parts))
    {
        for (const auto &part : m_parts)
            contain(part.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const Expressions m_parts;
};

class Conditional final : public Expression // a if b else c
{
public:
    Conditional(qsizetype offset, ExpressionPointer then, ExpressionPointer condition,
        ExpressionPointer otherwise)
        : Expression(offset)
        , m_then(std::move(then))
        , m_condition(std::move(condition))
        , m_otherwise(std::move(otherwise))
    {
        contain(m_then.get());
        contain(m_condition.get());
        contain(m_otherwise.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_then;
    const ExpressionPointer m_condition;
    const ExpressionPointer m_otherwise; // may be null
};

class Attribute final : public Expression // a.b
{
public:
    Attribute(qsizetype offset, ExpressionPointer object, QString name);
    const Expression &object() const { return *m_object; }
    const QString &name() const { return m_name; }
    const TemplateFunction *method(TemplateValue::Kind kind) const
    {
        return m_methods[size_t(kind)];
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;
    const TemplateValue &look(Evaluation &evaluation, TemplateValue &scratch) const override;

private:
    TemplateValue of(Evaluation &evaluation, const TemplateValue &object) const;

    const ExpressionPointer m_object;
    const QString m_name;
    const bool m_isKey; // of dictionaries
    // By the object's kind; null: that kind has no such method.
    std::array<const TemplateFunction *, 16> m_methods {};
};

class Subscript final : public Expression // a[b]
{
public:
    Subscript(qsizetype offset, ExpressionPointer object, ExpressionPointer key)
        : Expression(offset)
        , m_object(std::move(object))
        , m_key(std::move(key))
    {
        contain(m_object.get());
        contain(m_key.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_object;
    const ExpressionPointer m_key;
};

class Slice final : public Expression // a[b:c:d]
{
public:
    Slice(qsizetype offset, ExpressionPointer object, ExpressionPointer start,
        ExpressionPointer stop, ExpressionPointer step)
        : Expression(offset)
        , m_object(std::move(object))
        , m_start(std::move(start))
        , m_stop(std::move(stop))
        , m_step(std::move(step))
    {
        contain(m_object.get());
        contain(m_start.get());
        contain(m_stop.get());
        contain(m_step.get());
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_object;
    const ExpressionPointer m_start; // these may be null
    const ExpressionPointer m_stop;
    const ExpressionPointer m_step;
};

// (a, b, name=c, *d, **e)
struct Arguments
{
    Expressions positional;
    std::vector<std::pair<QString, ExpressionPointer>> named;
    ExpressionPointer rest; // may be null, as the next
    ExpressionPointer furtherNamed;

    bool isPlain() const { return named.empty() && !rest && !furtherNamed; }
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const auto &argument : positional)
            visit(argument.get());
        for (const auto &argument : named)
            visit(argument.second.get());
        visit(rest.get());
        visit(furtherNamed.get());
    }
    // Calls it with first before these.
    TemplateValue callWith(
        Evaluation &evaluation, const TemplateFunction &function, TemplateValue first) const;
    // Adds to what is there already; false where the rendering failed.
    bool evaluate(Evaluation &evaluation, TemplateValue::Items &values,
        std::vector<TemplateNamed> &keywords) const;
};

class Call final : public Expression // a(b)
{
public:
    Call(qsizetype offset, ExpressionPointer callee, Arguments arguments)
        : Expression(offset)
        , m_callee(std::move(callee))
        , m_arguments(std::move(arguments))
    {
        contain(m_callee.get());
        m_arguments.forEach([this](const Expression *part) { contain(part); });
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;
    // With one more named argument, where given.
    TemplateValue call(Evaluation &evaluation, const TemplateNamed *further) const;

private:
    TemplateValue callMethod(Evaluation &evaluation, const Attribute &attribute, bool &done,
        TemplateValue &callee) const;

    const ExpressionPointer m_callee;
    const Arguments m_arguments;
};

class Filter final : public Expression // a | b(c), a is b(c)
{
public:
    // A null function fails when it is evaluated.
    Filter(qsizetype offset, ExpressionPointer value, const TemplateFunction *function,
        QString complaint, Arguments arguments)
        : Expression(offset)
        , m_value(std::move(value))
        , m_function(function)
        , m_complaint(std::move(complaint))
        , m_arguments(std::move(arguments))
    {
        contain(m_value.get());
        m_arguments.forEach([this](const Expression *part) { contain(part); });
    }
    TemplateValue evaluate(Evaluation &evaluation) const override;

private:
    const ExpressionPointer m_value;
    const TemplateFunction *const m_function;
    const QString m_complaint;
    const Arguments m_arguments;
};

// What a filter block filters: the text that is set before.
class FilteredText final : public Expression
{
public:
    explicit FilteredText(qsizetype offset)
        : Expression(offset)
    {
    }
    NamePlace &place() { return m_place; }
    TemplateValue evaluate(Evaluation &evaluation) const override { return evaluation.at(m_place); }

private:
    NamePlace m_place;
};

} // namespace hubkeep::templates
