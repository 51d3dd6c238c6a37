// What Python's operators do with values, for the evaluator and for filters alike.
//
// Where Python raises, the rendering fails with a sentence and the result means nothing.

#pragma once

#include "automation/template/rendering.h"
#include "automation/template/templatedict.h"

namespace hubkeep::operations {

enum class Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
};
TemplateValue arithmetic(TemplateRendering &rendering, Arithmetic operation,
    const TemplateValue &left, const TemplateValue &right);
TemplateValue negated(TemplateRendering &rendering, const TemplateValue &value);

enum class Order { Less, LessEqual, Greater, GreaterEqual };
bool compare(TemplateRendering &rendering, Order order, const TemplateValue &left,
    const TemplateValue &right);
// left < right; for sorting.
bool less(TemplateRendering &rendering, const TemplateValue &left, const TemplateValue &right);
// item in container.
bool contains(
    TemplateRendering &rendering, const TemplateValue &container, const TemplateValue &item);
qint64 length(TemplateRendering &rendering, const TemplateValue &value); // as len()
bool isIterable(const TemplateValue &value);

// value.name and value[key], as Jinja2 looks them up: an attribute, then an item, and the other way
// round. Undefined where there is neither.
TemplateValue attribute(
    TemplateRendering &rendering, const TemplateValue &value, const QString &name);
TemplateValue item(
    TemplateRendering &rendering, const TemplateValue &value, const TemplateValue &key);

// value[start:stop:step], each None where it is not written.
TemplateValue slice(TemplateRendering &rendering, const TemplateValue &value,
    const TemplateValue &start, const TemplateValue &stop, const TemplateValue &step);

TemplateValue call(TemplateRendering &rendering, const TemplateValue &callable,
    TemplatePositional positional, TemplateKeywords named = {});

// As str(): what is printed. Bounded.
QString text(TemplateRendering &rendering, const TemplateValue &value);

// All items of a value that can be iterated over.
TemplateValue::Items items(TemplateRendering &rendering, const TemplateValue &value);

// Characters as Python counts them: one beyond the first 65,536 is one.
qsizetype characters(const QString &text);

} // namespace hubkeep::operations

namespace hubkeep {

class RangeObject;

// Goes through whatever can be iterated over, lazily; counts a step for each item.
//
//     TemplateIteration iteration(rendering, value);
//     while (const TemplateValue *item = iteration.next()) …
//     if (rendering.failed()) return {};
class TemplateIteration
{
public:
    // Fails where value cannot be iterated over. Undefined is empty.
    TemplateIteration(TemplateRendering &rendering, TemplateValue value);

    // Valid until the next call; nullptr at the end, or when the rendering failed.
    const TemplateValue *next();

private:
    TemplateRendering &m_rendering;
    const TemplateValue m_source; // keeps what is iterated over
    std::unique_ptr<TemplateIterator> m_iterator;
    const RangeObject *m_range = nullptr; // what most loops over numbers go through
    size_t m_position = 0;
    size_t m_end = 0; // of a list, dict, text or range
    TemplateValue m_item;
};

} // namespace hubkeep
