// range, dict, namespace, cycler, joiner: Jinja2's own functions.

#include "automation/template/builtinlists.h"
#include "automation/template/builtins.h"
#include "automation/template/operations.h"
#include "automation/template/rangeobject.h"

#include <algorithm>

namespace hubkeep {
namespace {

using Kind = TemplateValue::Kind;

class NamespaceObject final : public TemplateObject
{
public:
    QString typeName() const override { return QStringLiteral("Namespace"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override
    {
        const TemplateValue *found = m_values.find(name);
        return found ? std::optional(*found) : std::nullopt;
    }
    bool setAttribute(const QString &name, TemplateValue value) override
    {
        m_values.insert(name, std::move(value));
        return true;
    }
    // Without what is in it: it may be itself.
    QString literal() const override { return QStringLiteral("<Namespace>"); }
    void forget() { m_values = {}; }

private:
    TemplateDict m_values;
};

// Copies what dict() and namespace() take: a mapping or pairs, then named ones.
bool gather(const TemplateCall &call, TemplateDict &dict)
{
    TemplateRendering &rendering = call.rendering();
    if (call.has(0) && call[0].kind() == Kind::Dict) {
        dict = call[0].dict();
        rendering.allowItems(dict.size());
    } else if (call.has(0)) {
        TemplateIteration iteration(rendering, call[0]);
        while (const TemplateValue *pair = iteration.next()) {
            const auto parts = operations::items(rendering, *pair);
            if (!rendering.failed() && (parts.size() != 2 || !parts[0].isHashable())) {
                call.fail(QStringLiteral("each item must be a pair of a key and a value"));
                return false;
            }
            if (rendering.failed() || !rendering.fitsItems(dict.size() + 1))
                return false;
            dict.insert(parts[0], parts[1]);
        }
    }
    for (const auto &[name, value] : call.named())
        dict.insert(name, value);
    return !rendering.failed();
}

TemplateValue makeDict(const TemplateCall &call)
{
    TemplateDict dict;
    return gather(call, dict) ? TemplateValue(std::move(dict)) : TemplateValue();
}

TemplateValue makeNamespace(const TemplateCall &call)
{
    TemplateDict dict;
    if (!gather(call, dict))
        return {};
    const auto made = std::make_shared<NamespaceObject>();
    for (const auto &[key, value] : dict)
        made->setAttribute(key.toText(), value);
    call.rendering().keep(made, [raw = made.get()] { raw->forget(); });
    return std::shared_ptr<TemplateObject>(made);
}

TemplateValue makeRange(const TemplateCall &call)
{
    qint64 first = 0;
    qint64 second = 0;
    qint64 step = 1;
    if (!call.read(0, first) || !call.read(1, second) || !call.read(2, step))
        return {};
    if (step == 0)
        return call.fail(QStringLiteral("the third argument, the step, must not be 0"));
    const auto range = call.has(1) ? std::make_shared<RangeObject>(first, second, step)
                                   : std::make_shared<RangeObject>(0, first, 1);
    const qint64 most = call.rendering().scope().limits.items;
    if (range->count() > most)
        return call.fail(QStringLiteral("a range has more than %1 numbers").arg(most));
    return std::shared_ptr<TemplateObject>(range);
}

class Cycler final : public TemplateObject
{
public:
    explicit Cycler(TemplateValue::Items items)
        : m_items(std::move(items))
    {
    }
    QString typeName() const override { return QStringLiteral("Cycler"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override;
    TemplateValue next()
    {
        const TemplateValue value = m_items[m_position];
        m_position = (m_position + 1) % m_items.size();
        return value;
    }
    TemplateValue reset()
    {
        m_position = 0;
        return {};
    }
    int depth() const override
    {
        int most = 0;
        for (const TemplateValue &item : m_items)
            most = std::max(most, item.depth());
        return most + 1;
    }

private:
    const TemplateValue::Items m_items;
    size_t m_position = 0;
};

class CyclerMethod final : public TemplateObject
{
public:
    CyclerMethod(std::shared_ptr<TemplateObject> cycler, bool isNext)
        : m_cycler(std::move(cycler))
        , m_isNext(isNext)
    {
    }
    QString typeName() const override { return QStringLiteral("method"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        if (!positional.empty() || !named.empty())
            return rendering.fail(
                QStringLiteral("a cycler's next() and reset() take no arguments"));
        auto &cycler = static_cast<Cycler &>(*m_cycler);
        return m_isNext ? cycler.next() : cycler.reset();
    }
    int depth() const override { return m_cycler->depth() + 1; }

private:
    const std::shared_ptr<TemplateObject> m_cycler;
    const bool m_isNext;
};

std::optional<TemplateValue> Cycler::attribute(TemplateRendering &, const QString &name)
{
    if (name == u"current")
        return m_items[m_position];
    if (name == u"pos")
        return qint64(m_position);
    if (name == u"items")
        return TemplateValue::tuple(m_items);
    if (name != u"next" && name != u"reset")
        return std::nullopt;
    return std::shared_ptr<TemplateObject>(
        std::make_shared<CyclerMethod>(shared_from_this(), name == u"next"));
}

TemplateValue makeCycler(const TemplateCall &call)
{
    if (call.rest().empty())
        return call.fail(QStringLiteral("at least one item has to be provided"));
    return std::shared_ptr<TemplateObject>(
        std::make_shared<Cycler>(TemplateValue::Items(call.rest().begin(), call.rest().end())));
}

class Joiner final : public TemplateObject
{
public:
    explicit Joiner(TemplateValue separator)
        : m_separator(std::move(separator))
    {
    }
    QString typeName() const override { return QStringLiteral("Joiner"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override
    {
        if (name == u"sep")
            return m_separator;
        return name == u"used" ? std::optional<TemplateValue>(m_isUsed) : std::nullopt;
    }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        if (!positional.empty() || !named.empty())
            return rendering.fail(QStringLiteral("a joiner is called without arguments"));
        return std::exchange(m_isUsed, true) ? m_separator : TemplateValue(QString());
    }
    int depth() const override { return m_separator.depth() + 1; }

private:
    const TemplateValue m_separator;
    bool m_isUsed = false;
};

TemplateValue makeJoiner(const TemplateCall &call)
{
    return std::shared_ptr<TemplateObject>(
        std::make_shared<Joiner>(call.has(0) ? call[0] : TemplateValue(QStringLiteral(", "))));
}

constexpr TemplateBuiltin functions[] = {
    { "range", makeRange, "start stop? step?" },
    { "dict", makeDict, "mapping? **" },
    { "namespace", makeNamespace, "mapping? **" },
    { "cycler", makeCycler, "*" },
    { "joiner", makeJoiner, "sep?" },
};

} // namespace

void declareObjectFunctions(TemplateBuiltins &builtins)
{
    builtins.addFunctions(functions);
}

} // namespace hubkeep
