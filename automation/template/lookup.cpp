// value.name, value[key], value[start:stop:step].

#include "automation/template/methods/methods.h"
#include "automation/template/operations.h"
#include "automation/template/pythontext.h"

#include <QList>

#include <algorithm>

namespace hubkeep::operations {
namespace {

using Kind = TemplateValue::Kind;

TemplateValue unsafe(const TemplateValue &value, const QString &name)
{
    return TemplateValue::undefinedBecause(
        QStringLiteral("access to attribute '%1' of '%2' object is unsafe")
            .arg(name, value.typeName()));
}

// What Python's getattr() gives; nullopt: an AttributeError.
std::optional<TemplateValue> pythonAttribute(
    TemplateRendering &rendering, const TemplateValue &value, const QString &name)
{
    if (name.startsWith(u'_')) {
        if (value.kind() == Kind::Dict && !name.startsWith(QLatin1String("__")))
            return std::nullopt;
        return unsafe(value, name);
    }
    if (value.isObject())
        return value.object()->attribute(rendering, name);
    if (const TemplateFunction *method = templates::methodOf(value.kind(), name))
        return templates::boundMethod(value, *method);
    if (templates::wouldChange(value.kind(), name))
        return unsafe(value, name);
    TemplateValue member = templates::memberOf(value, name);
    return member.isUndefined() ? std::nullopt : std::optional(std::move(member));
}

std::optional<TemplateValue> character(
    TemplateRendering &rendering, const QString &text, qint64 index)
{
    const bool pairs = hasPairs(text);
    rendering.step(text.size() / 256);
    const qint64 size = pairs ? characters(text) : text.size();
    if (index < 0)
        index += size;
    if (index < 0 || index >= size)
        return std::nullopt;
    if (!pairs)
        return QString(text[index]);
    const qsizetype at = unitsUntil(text, index);
    return text.mid(at, text[at].isHighSurrogate() ? 2 : 1);
}

// What Python's value[key] gives; nullopt: an error.
std::optional<TemplateValue> pythonItem(
    TemplateRendering &rendering, const TemplateValue &value, const TemplateValue &key)
{
    if (value.kind() == Kind::Dict) {
        const TemplateValue *found = key.isHashable() ? value.dict().find(key) : nullptr;
        return found ? std::optional(*found) : std::nullopt;
    }
    if (value.isObject())
        return value.object()->item(rendering, key);
    if (key.kind() != Kind::Integer && key.kind() != Kind::Boolean)
        return std::nullopt;
    qint64 index = key.toInteger();
    if (value.isString())
        return character(rendering, value.string(), index);
    if (!value.isSequence())
        return std::nullopt;
    const qint64 size = qint64(value.items().size());
    if (index < 0)
        index += size;
    return index >= 0 && index < size ? std::optional(value.items()[size_t(index)]) : std::nullopt;
}

struct Bounds
{
    qint64 start = 0;
    qint64 step = 1;
    qint64 count = 0;
};

// As Python's slice.indices(); false where one of them is no integer.
bool bounds(TemplateRendering &rendering, const TemplateValue &start, const TemplateValue &stop,
    const TemplateValue &step, qint64 size, Bounds &result)
{
    for (const TemplateValue *bound : { &start, &stop, &step }) {
        if (!bound->isNone() && bound->kind() != Kind::Integer && bound->kind() != Kind::Boolean) {
            rendering.fail(bound->isUndefined()
                    ? bound->undefinedReason()
                    : QStringLiteral("slice indices must be integers or None, not %1")
                          .arg(bound->typeName()));
            return false;
        }
    }
    result.step = step.isNone() ? 1 : step.toInteger();
    if (result.step == 0) {
        rendering.fail(QStringLiteral("slice step cannot be zero"));
        return false;
    }
    const bool forward = result.step > 0;
    const qint64 lowest = forward ? 0 : -1;
    const qint64 highest = forward ? size : size - 1;
    const auto clamped = [&](const TemplateValue &bound, qint64 standard) {
        if (bound.isNone())
            return standard;
        const qint64 given = bound.toInteger();
        return std::clamp(given < 0 && given > -size - 1 ? given + size : given, lowest, highest);
    };
    result.start = clamped(start, forward ? lowest : highest);
    const qint64 end = clamped(stop, forward ? highest : lowest);
    if (forward && end > result.start)
        result.count = (end - result.start - 1) / result.step + 1;
    if (!forward && end < result.start)
        result.count = result.step < -size - 1 ? 1 : (result.start - end - 1) / -result.step + 1;
    return true;
}

TemplateValue textSlice(TemplateRendering &rendering, const QString &text,
    const TemplateValue &start, const TemplateValue &stop, const TemplateValue &step)
{
    rendering.step(text.size() / 256);
    Bounds range;
    if (!hasPairs(text)) {
        if (!bounds(rendering, start, stop, step, text.size(), range))
            return {};
        if (range.step == 1)
            return text.mid(range.start, range.count);
        QString result;
        for (qint64 i = 0; i < range.count; ++i)
            result += text[range.start + i * range.step];
        return result;
    }
    const QList<uint> all = text.toUcs4();
    if (!bounds(rendering, start, stop, step, all.size(), range))
        return {};
    std::vector<char32_t> picked;
    for (qint64 i = 0; i < range.count; ++i)
        picked.push_back(all[range.start + i * range.step]);
    return QString::fromUcs4(picked.data(), qsizetype(picked.size()));
}

} // namespace

TemplateValue attribute(
    TemplateRendering &rendering, const TemplateValue &value, const QString &name)
{
    if (!rendering.step())
        return {};
    if (value.isUndefined())
        return rendering.fail(value.undefinedReason());
    if (auto found = pythonAttribute(rendering, value, name))
        return std::move(*found);
    if (value.kind() == Kind::Dict) {
        if (const TemplateValue *found = value.dict().find(name))
            return *found;
    } else if (value.isObject() && !rendering.failed()) {
        if (auto found = value.object()->item(rendering, name))
            return std::move(*found);
    }
    return TemplateValue::undefinedIn(value.typeName(), name);
}

TemplateValue item(
    TemplateRendering &rendering, const TemplateValue &value, const TemplateValue &key)
{
    if (!rendering.step())
        return {};
    if (value.isUndefined())
        return rendering.fail(value.undefinedReason());
    if (auto found = pythonItem(rendering, value, key))
        return std::move(*found);
    if (key.isString() && !rendering.failed()) {
        if (auto found = pythonAttribute(rendering, value, key.string()))
            return std::move(*found);
    }
    return TemplateValue::undefinedIn(value.typeName(), key);
}

TemplateValue slice(TemplateRendering &rendering, const TemplateValue &value,
    const TemplateValue &start, const TemplateValue &stop, const TemplateValue &step)
{
    if (value.isUndefined())
        return rendering.fail(value.undefinedReason());
    if (value.isString())
        return textSlice(rendering, value.string(), start, stop, step);
    TemplateValue source = value;
    if (value.isObject() && value.object()->typeName() == u"range")
        source = TemplateValue::list(items(rendering, value));
    if (!source.isSequence())
        return rendering.fail(QStringLiteral("'%1' object cannot be sliced").arg(value.typeName()));
    const auto &all = source.items();
    Bounds range;
    if (rendering.failed() || !bounds(rendering, start, stop, step, qint64(all.size()), range)
        || !rendering.allowItems(range.count))
        return {};
    TemplateValue::Items picked;
    picked.reserve(size_t(range.count));
    for (qint64 i = 0; i < range.count; ++i)
        picked.push_back(all[size_t(range.start + i * range.step)]);
    return source.kind() == Kind::List ? TemplateValue::list(std::move(picked))
                                       : TemplateValue::tuple(std::move(picked));
}

} // namespace hubkeep::operations
