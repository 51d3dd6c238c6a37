#include "automation/template/syntax/expressions.h"

#include "automation/template/methods/methods.h"
#include "automation/template/nativeobject.h"
#include "automation/template/valuetext.h"

#include <array>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;

// An undefined value that a strict scope does not forgive: says so.
bool refused(Evaluation &evaluation, const TemplateValue &value, qsizetype offset)
{
    if (!value.isUndefined() || !evaluation.isStrict())
        return false;
    evaluation.fail(offset, value.undefinedReason());
    return true;
}

// Whether a dictionary has nothing else by that name.
bool isOnlyKey(const QString &name)
{
    return !name.startsWith(u'_') && !methodOf(Kind::Dict, name) && !wouldChange(Kind::Dict, name);
}

// What was made somewhere else: it may have failed there, or be too large.
TemplateValue checked(Evaluation &evaluation, qsizetype offset, TemplateValue value)
{
    if (!evaluation.rendering.allowValue(value)) {
        evaluation.rendering.failedAt(offset);
        return {};
    }
    return value;
}

} // namespace

bool Expression::isTrue(Evaluation &evaluation) const
{
    TemplateValue scratch;
    const TemplateValue &value = look(evaluation, scratch);
    return !refused(evaluation, value, m_offset) && value.isTruthy();
}

const TemplateValue &Name::look(Evaluation &evaluation, TemplateValue &scratch) const
{
    const TemplateValue &value = evaluation.at(m_place);
    if (!value.isMissing())
        return value;
    scratch = TemplateValue::undefined(m_name);
    return scratch;
}

const TemplateValue *Name::lookWhole(
    Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const
{
    const TemplateValue &value = evaluation.at(m_place);
    return unlessWhole(value.isMissing() ? Name::look(evaluation, scratch) : value, number);
}

TemplateValue Name::evaluate(Evaluation &evaluation) const
{
    const TemplateValue &value = evaluation.at(m_place);
    return value.isMissing() ? TemplateValue::undefined(m_name) : value;
}

TemplateValue Collection::evaluate(Evaluation &evaluation) const
{
    TemplateValue::Items items;
    items.reserve(m_items.size());
    for (const ExpressionPointer &item : m_items) {
        items.push_back(item->evaluate(evaluation));
        if (evaluation.failed())
            return {};
    }
    if (!evaluation.rendering.allowItems(qint64(items.size())))
        evaluation.rendering.failedAt(offset());
    return checked(evaluation, offset(),
        m_kind == Kind::List ? TemplateValue::list(std::move(items))
                             : TemplateValue::tuple(std::move(items)));
}

TemplateValue DictLiteral::evaluate(Evaluation &evaluation) const
{
    TemplateDict dict;
    for (const auto &[keyExpression, valueExpression] : m_entries) {
        TemplateValue key = keyExpression->evaluate(evaluation);
        TemplateValue value = valueExpression->evaluate(evaluation);
        if (evaluation.failed())
            return {};
        if (!key.isHashable())
            return evaluation.fail(keyExpression->offset(),
                QStringLiteral("unhashable type: '%1'").arg(key.typeName()));
        dict.insert(std::move(key), std::move(value));
    }
    if (!evaluation.rendering.allowItems(dict.size()))
        evaluation.rendering.failedAt(offset());
    return checked(evaluation, offset(), std::move(dict));
}

namespace {

// What needs neither a step nor a look at the limits; false: it is not so simple, and the result
// stays as it was.
bool computed(operations::Arithmetic operation, qint64 left, qint64 right, qint64 &result)
{
    qint64 made = 0;
    bool isSimple = false;
    switch (operation) {
    case operations::Arithmetic::Add:
        isSimple = !__builtin_add_overflow(left, right, &made);
        break;
    case operations::Arithmetic::Subtract:
        isSimple = !__builtin_sub_overflow(left, right, &made);
        break;
    case operations::Arithmetic::Multiply:
        isSimple = !__builtin_mul_overflow(left, right, &made);
        break;
    case operations::Arithmetic::FloorDivide:
        isSimple = left >= 0 && right > 0;
        made = isSimple ? qint64(quint64(left) / quint64(right)) : 0;
        break;
    case operations::Arithmetic::Modulo:
        isSimple = left >= 0 && right > 0;
        made = isSimple ? qint64(quint64(left) % quint64(right)) : 0;
        break;
    default:
        break;
    }
    if (isSimple)
        result = made;
    return isSimple;
}

} // namespace

Binary::Binary(qsizetype offset, operations::Arithmetic operation, ExpressionPointer left,
    ExpressionPointer right)
    : Expression(offset)
    , m_operation(operation)
    , m_left(std::move(left))
    , m_right(std::move(right))
{
    contain(m_left.get());
    contain(m_right.get());
    const TemplateValue *constant = m_right->constant();
    m_isRightWhole = constant && !unlessWhole(*constant, m_rightWhole);
}

const TemplateValue &Binary::look(Evaluation &evaluation, TemplateValue &scratch) const
{
    qint64 number = 0;
    if (const TemplateValue *value = Binary::lookWhole(evaluation, scratch, number))
        return *value;
    scratch = TemplateValue(number);
    return scratch;
}

const TemplateValue *Binary::lookWhole(
    Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const
{
    if (!m_isRightWhole)
        return lookBoth(evaluation, scratch, number);
    const TemplateValue *left = m_left->lookWhole(evaluation, scratch, number);
    if (!left && computed(m_operation, number, m_rightWhole, number))
        return nullptr;
    return computeAny(evaluation, scratch, left, *m_right->constant(), number);
}

const TemplateValue *Binary::lookBoth(
    Evaluation &evaluation, TemplateValue &scratch, qint64 &number) const
{
    qint64 rightNumber = 0;
    TemplateValue rightScratch;
    const TemplateValue *left = m_left->lookWhole(evaluation, scratch, number);
    const TemplateValue *right = m_right->lookWhole(evaluation, rightScratch, rightNumber);
    if (!left && !right && computed(m_operation, number, rightNumber, number))
        return nullptr;
    if (!right)
        right = &(rightScratch = TemplateValue(rightNumber));
    return computeAny(evaluation, scratch, left, *right, number);
}

// left may be scratch; null: it is the number.
const TemplateValue *Binary::computeAny(Evaluation &evaluation, TemplateValue &scratch,
    const TemplateValue *left, const TemplateValue &right, qint64 &number) const
{
    if (!left)
        left = &(scratch = TemplateValue(number));
    scratch = evaluation.failed()
        ? TemplateValue()
        : checked(evaluation, offset(),
            operations::arithmetic(evaluation.rendering, m_operation, *left, right));
    return unlessWhole(scratch, number);
}

TemplateValue Unary::evaluate(Evaluation &evaluation) const
{
    if (m_operation == u'!')
        return !m_operand->isTrue(evaluation);
    TemplateValue value = m_operand->evaluate(evaluation);
    if (evaluation.failed())
        return {};
    if (m_operation == u'-')
        return checked(evaluation, offset(), operations::negated(evaluation.rendering, value));
    switch (value.kind()) {
    case Kind::Boolean:
        return value.toInteger();
    case Kind::Integer:
    case Kind::Float:
    case Kind::Duration:
        return value;
    case Kind::Undefined:
        return evaluation.fail(offset(), value.undefinedReason());
    default:
        return evaluation.fail(
            offset(), QStringLiteral("bad operand type for unary +: '%1'").arg(value.typeName()));
    }
}

TemplateValue Logical::evaluate(Evaluation &evaluation) const
{
    TemplateValue left = m_left->evaluate(evaluation);
    if (evaluation.failed() || refused(evaluation, left, offset()))
        return {};
    return left.isTruthy() == m_isAnd ? m_right->evaluate(evaluation) : std::move(left);
}

namespace {

bool compare(TemplateRendering &rendering, Comparison::Operator operation,
    const TemplateValue &left, const TemplateValue &right)
{
    using Operator = Comparison::Operator;
    if (left.kind() >= Kind::List && right.kind() >= Kind::List
        && !rendering.step(std::min(left.weight(), right.weight()) / 4 + 1))
        return false;
    switch (operation) {
    case Operator::Equal:
        return left == right;
    case Operator::Unequal:
        return !(left == right);
    case Operator::Less:
        return operations::compare(rendering, operations::Order::Less, left, right);
    case Operator::LessEqual:
        return operations::compare(rendering, operations::Order::LessEqual, left, right);
    case Operator::Greater:
        return operations::compare(rendering, operations::Order::Greater, left, right);
    case Operator::GreaterEqual:
        return operations::compare(rendering, operations::Order::GreaterEqual, left, right);
    case Operator::In:
        return operations::contains(rendering, right, left);
    case Operator::NotIn:
        return !operations::contains(rendering, right, left);
    }
    return false;
}

} // namespace

TemplateValue Comparison::evaluate(Evaluation &evaluation) const
{
    TemplateValue scratch[2];
    const TemplateValue *left = &m_first->look(evaluation, scratch[0]);
    bool isTrue = true;
    int next = 1;
    for (const auto &[operation, expression] : m_rest) {
        const TemplateValue &right = expression->look(evaluation, scratch[next]);
        if (evaluation.failed() || refused(evaluation, *left, offset())
            || refused(evaluation, right, expression->offset()))
            return {};
        isTrue = compare(evaluation.rendering, operation, *left, right);
        evaluation.rendering.failedAt(offset());
        if (!isTrue || evaluation.failed())
            break;
        left = &right;
        next = 1 - next;
    }
    return isTrue;
}

TemplateValue Concatenation::evaluate(Evaluation &evaluation) const
{
    QString text;
    for (const ExpressionPointer &part : m_parts) {
        TemplateValue scratch;
        const TemplateValue &value = part->look(evaluation, scratch);
        if (evaluation.failed() || refused(evaluation, value, part->offset()))
            return {};
        if (value.isString())
            text += value.string();
        else if (value.kind() < Kind::List)
            appendText(text, value);
        else
            text += operations::text(evaluation.rendering, value);
        if (!evaluation.rendering.fitsText(text.size()))
            break;
    }
    if (!evaluation.rendering.allowText(text.size())) {
        evaluation.rendering.failedAt(offset());
        return {};
    }
    return text;
}

TemplateValue Conditional::evaluate(Evaluation &evaluation) const
{
    const bool isTrue = m_condition->isTrue(evaluation);
    if (evaluation.failed())
        return {};
    if (isTrue)
        return m_then->evaluate(evaluation);
    if (m_otherwise)
        return m_otherwise->evaluate(evaluation);
    return TemplateValue::undefinedBecause(
        QStringLiteral("the condition is false and there is no 'else'"));
}

// A dictionary's own values need no copy.
const TemplateValue &Attribute::look(Evaluation &evaluation, TemplateValue &scratch) const
{
    TemplateValue objectScratch;
    const TemplateValue &object = m_object->look(evaluation, objectScratch);
    if (m_isKey && object.kind() == Kind::Dict && !evaluation.failed()) {
        const TemplateValue *found = object.dict().find(m_name);
        if (found && &object != &objectScratch)
            return *found;
        if (found) {
            scratch = *found;
            return scratch;
        }
    }
    scratch = of(evaluation, object);
    return scratch;
}

TemplateValue Attribute::of(Evaluation &evaluation, const TemplateValue &object) const
{
    if (evaluation.failed())
        return {};
    TemplateValue value = operations::attribute(evaluation.rendering, object, m_name);
    evaluation.rendering.failedAt(object.isUndefined() ? m_object->offset() : offset());
    return value;
}

Attribute::Attribute(qsizetype offset, ExpressionPointer object, QString name)
    : Expression(offset)
    , m_object(std::move(object))
    , m_name(std::move(name))
    , m_isKey(isOnlyKey(m_name))
{
    contain(m_object.get());
    for (size_t kind = 0; kind <= size_t(Kind::Object); ++kind)
        m_methods[kind] = methodOf(Kind(kind), m_name);
}

TemplateValue Attribute::evaluate(Evaluation &evaluation) const
{
    TemplateValue scratch;
    const TemplateValue &value = look(evaluation, scratch);
    return &value == &scratch ? std::move(scratch) : value;
}

TemplateValue Subscript::evaluate(Evaluation &evaluation) const
{
    TemplateValue scratch;
    TemplateValue keyScratch;
    const TemplateValue &object = m_object->look(evaluation, scratch);
    const TemplateValue &key = m_key->look(evaluation, keyScratch);
    if (evaluation.failed())
        return {};
    TemplateValue value = operations::item(evaluation.rendering, object, key);
    evaluation.rendering.failedAt(object.isUndefined() ? m_object->offset() : offset());
    return value;
}

TemplateValue Slice::evaluate(Evaluation &evaluation) const
{
    const TemplateValue object = m_object->evaluate(evaluation);
    const auto bound = [&](const ExpressionPointer &expression) {
        return expression ? expression->evaluate(evaluation) : TemplateValue();
    };
    const TemplateValue start = bound(m_start);
    const TemplateValue stop = bound(m_stop);
    const TemplateValue step = bound(m_step);
    if (evaluation.failed())
        return {};
    return checked(
        evaluation, offset(), operations::slice(evaluation.rendering, object, start, stop, step));
}

bool Arguments::evaluate(Evaluation &evaluation, TemplateValue::Items &values,
    std::vector<TemplateNamed> &keywords) const
{
    for (const ExpressionPointer &argument : positional)
        values.push_back(argument->evaluate(evaluation));
    for (const auto &[name, argument] : named)
        keywords.emplace_back(name, argument->evaluate(evaluation));
    if (rest && !evaluation.failed()) {
        const auto items = operations::items(evaluation.rendering, rest->evaluate(evaluation));
        values.insert(values.end(), items.begin(), items.end());
        evaluation.rendering.failedAt(rest->offset());
    }
    if (furtherNamed && !evaluation.failed()) {
        const TemplateValue mapping = furtherNamed->evaluate(evaluation);
        if (mapping.kind() != Kind::Dict && !evaluation.failed())
            evaluation.fail(furtherNamed->offset(),
                QStringLiteral("the argument behind ** must be a mapping, not %1")
                    .arg(mapping.typeName()));
        if (evaluation.failed())
            return false;
        for (const auto &[key, value] : mapping.dict()) {
            if (!key.isString())
                evaluation.fail(furtherNamed->offset(), QStringLiteral("keywords must be strings"));
            keywords.emplace_back(key.toText(), value);
        }
    }
    return !evaluation.failed();
}

TemplateValue Arguments::callWith(
    Evaluation &evaluation, const TemplateFunction &function, TemplateValue first) const
{
    constexpr size_t few = 6;
    const size_t given = positional.size() + 1;
    const size_t parameters = function.parameters.size();
    if (evaluation.failed())
        return {};
    if (!isPlain() || given > parameters || parameters > few
        || qsizetype(given) < function.required) {
        TemplateValue::Items values;
        values.push_back(std::move(first));
        std::vector<TemplateNamed> keywords;
        if (!evaluate(evaluation, values, keywords))
            return {};
        return callNative(evaluation.rendering, function, values, keywords);
    }
    std::array<TemplateValue, few> values;
    values[0] = std::move(first);
    for (size_t i = 1; i < given; ++i)
        values[i] = positional[i - 1]->evaluate(evaluation);
    for (size_t i = given; i < parameters; ++i)
        values[i] = TemplateValue::missing();
    if (evaluation.failed())
        return {};
    return function.native(
        TemplateCall(evaluation.rendering, function, { values.data(), parameters }));
}

TemplateValue Call::evaluate(Evaluation &evaluation) const
{
    return call(evaluation, nullptr);
}

// text.split(','): without making an object of the method first.
TemplateValue Call::callMethod(
    Evaluation &evaluation, const Attribute &attribute, bool &done, TemplateValue &callee) const
{
    TemplateValue scratch;
    const TemplateValue &object = attribute.object().look(evaluation, scratch);
    if (evaluation.failed())
        return {};
    const TemplateFunction *method = attribute.method(object.kind());
    if (!method) {
        callee = operations::attribute(evaluation.rendering, object, attribute.name());
        evaluation.rendering.failedAt(
            object.isUndefined() ? attribute.object().offset() : attribute.offset());
        return {};
    }
    done = true;
    return m_arguments.callWith(evaluation, *method, object);
}

TemplateValue Call::call(Evaluation &evaluation, const TemplateNamed *further) const
{
    if (!evaluation.rendering.mayCall()) {
        evaluation.rendering.failedAt(offset());
        return {};
    }
    TemplateValue callee;
    const auto *attribute = further ? nullptr : dynamic_cast<const Attribute *>(m_callee.get());
    if (attribute) {
        bool done = false;
        TemplateValue result = callMethod(evaluation, *attribute, done, callee);
        if (done || evaluation.failed())
            return checked(evaluation, offset(), std::move(result));
    } else {
        callee = m_callee->evaluate(evaluation);
    }
    TemplateValue::Items values;
    std::vector<TemplateNamed> keywords;
    if (evaluation.failed() || !m_arguments.evaluate(evaluation, values, keywords))
        return {};
    if (further)
        keywords.push_back(*further);
    return checked(
        evaluation, offset(), operations::call(evaluation.rendering, callee, values, keywords));
}

TemplateValue Filter::evaluate(Evaluation &evaluation) const
{
    if (!m_function)
        return evaluation.fail(offset(), m_complaint);
    if (!evaluation.rendering.mayCall()) {
        evaluation.rendering.failedAt(offset());
        return {};
    }
    return checked(evaluation, offset(),
        m_arguments.callWith(evaluation, *m_function, m_value->evaluate(evaluation)));
}

} // namespace hubkeep::templates
