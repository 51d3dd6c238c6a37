// What a template can hold that is more than a plain value: a function, a state, a namespace, loop,
// a range, a generator.
//
// A derived class overrides what its Python counterpart can do; the rest fails with a sentence by
// itself. Objects belong to the rendering that made them and stay on its thread, but for those that
// never change (native functions, states).

#pragma once

#include "automation/template/templatevalue.h"

#include <optional>
#include <span>

namespace hubkeep {

class TemplateRendering;

// A named argument: name=value.
using TemplateNamed = std::pair<QString, TemplateValue>;
using TemplatePositional = std::span<const TemplateValue>;
using TemplateKeywords = std::span<const TemplateNamed>;

// Gives one item after the other.
class TemplateIterator
{
public:
    virtual ~TemplateIterator() = default;
    // False at the end, or when the rendering failed.
    virtual bool next(TemplateRendering &rendering, TemplateValue &item) = 0;
    // The same without copying where that can be, else in scratch; valid until the next call. Null
    // where next() is false.
    virtual const TemplateValue *look(TemplateRendering &rendering, TemplateValue &scratch)
    {
        return next(rendering, scratch) ? &scratch : nullptr;
    }
};

class TemplateObject : public std::enable_shared_from_this<TemplateObject>
{
public:
    TemplateObject() = default;
    TemplateObject(const TemplateObject &) = delete;
    TemplateObject &operator=(const TemplateObject &) = delete;
    virtual ~TemplateObject() = default;

    virtual QString typeName() const = 0; // as Python's type(x).__name__

    // nullopt: there is none, which is undefined. A template never asks for names with a leading
    // underscore.
    virtual std::optional<TemplateValue> attribute(TemplateRendering &, const QString &)
    {
        return std::nullopt;
    }
    virtual std::optional<TemplateValue> item(TemplateRendering &, const TemplateValue &)
    {
        return std::nullopt;
    }
    // {% set x.name = value %}: only a namespace takes it.
    virtual bool setAttribute(const QString &, TemplateValue) { return false; }

    virtual bool isCallable() const { return false; }
    virtual TemplateValue call(
        TemplateRendering &rendering, TemplatePositional positional, TemplateKeywords named);

    virtual bool isIterable() const { return false; }
    // Requires isIterable().
    virtual std::unique_ptr<TemplateIterator> iterate(TemplateRendering &) { return nullptr; }
    virtual std::optional<qint64> length() const { return std::nullopt; } // as len()
    // x in this; nullopt: as its items say.
    virtual std::optional<bool> contains(const TemplateValue &) const { return std::nullopt; }

    virtual bool isTruthy() const { return length().value_or(1) != 0; }
    virtual QString literal() const; // as repr(): "<namespace object>"
    virtual QString text() const { return literal(); } // as str()
    virtual bool equals(const TemplateObject &other) const { return this == &other; }
    virtual int depth() const { return 1; } // as TemplateValue's: one more than what it holds
};

// Gives its items once, and each when it is asked for: what Jinja2's map, select, batch, … return.
// Derive and write produce(), which is TemplateIterator::look().
class TemplateGenerator : public TemplateObject
{
public:
    explicit TemplateGenerator(int depth) // of what it takes from
        : m_depth(depth + 1)
    {
    }
    QString typeName() const override { return QStringLiteral("generator"); }
    bool isIterable() const override { return true; }
    std::unique_ptr<TemplateIterator> iterate(TemplateRendering &) override;
    bool isTruthy() const override { return true; }
    int depth() const override { return m_depth; }

protected:
    virtual const TemplateValue *produce(TemplateRendering &rendering, TemplateValue &scratch) = 0;

private:
    class Iterator;
    const int m_depth;
};

} // namespace hubkeep
