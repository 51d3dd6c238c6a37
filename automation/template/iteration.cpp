#include "automation/template/operations.h"
#include "automation/template/rangeobject.h"

#include <typeinfo>

namespace hubkeep {

using Kind = TemplateValue::Kind;

TemplateIteration::TemplateIteration(TemplateRendering &rendering, TemplateValue value)
    : m_rendering(rendering)
    , m_source(std::move(value))
{
    switch (m_source.kind()) {
    case Kind::Undefined:
        if (rendering.scope().strict)
            rendering.fail(m_source.undefinedReason());
        break;
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        m_end = m_source.items().size();
        break;
    case Kind::Dict:
        m_end = size_t(m_source.dict().size());
        break;
    case Kind::String:
        m_end = size_t(m_source.string().size());
        break;
    default:
        if (m_source.isObject() && typeid(*m_source.object()) == typeid(RangeObject)) {
            m_range = static_cast<const RangeObject *>(m_source.object().get());
            m_end = size_t(m_range->count());
        } else if (m_source.isObject() && m_source.object()->isIterable())
            m_iterator = m_source.object()->iterate(rendering);
        else
            rendering.fail(QStringLiteral("'%1' object is not iterable").arg(m_source.typeName()));
    }
}

const TemplateValue *TemplateIteration::next()
{
    if (m_rendering.failed() || !m_rendering.step())
        return nullptr;
    if (m_range) {
        if (m_position >= m_end)
            return nullptr;
        m_item = m_range->at(qint64(m_position++));
        return &m_item;
    }
    if (m_iterator) {
        const TemplateValue *item = m_iterator->look(m_rendering, m_item);
        return m_rendering.failed() ? nullptr : item;
    }
    if (m_position >= m_end)
        return nullptr;
    if (m_source.kind() == Kind::Dict)
        return &m_source.dict().at(qsizetype(m_position++)).first;
    if (m_source.kind() != Kind::String)
        return &m_source.items()[m_position++];
    const QString &text = m_source.string();
    const bool pair = text[qsizetype(m_position)].isHighSurrogate() && m_position + 1 < m_end;
    m_item = text.mid(qsizetype(m_position), pair ? 2 : 1);
    m_position += pair ? 2 : 1;
    return &m_item;
}

namespace operations {

bool isIterable(const TemplateValue &value)
{
    return value.isUndefined() || (value.kind() >= Kind::String && value.kind() <= Kind::Dict)
        || (value.isObject() && value.object()->isIterable());
}

TemplateValue::Items items(TemplateRendering &rendering, const TemplateValue &value)
{
    if (value.isSequence() || value.kind() == Kind::Set) {
        rendering.step(qint64(value.items().size()) / 4 + 1);
        return value.items();
    }
    TemplateValue::Items items;
    TemplateIteration iteration(rendering, value);
    while (const TemplateValue *item = iteration.next()) {
        if (qint64(items.size()) >= qint64(rendering.scope().limits.items)) {
            rendering.allowItems(qint64(items.size()) + 1); // says so
            break;
        }
        items.push_back(*item);
    }
    return items;
}

qsizetype characters(const QString &text)
{
    qsizetype count = text.size();
    for (const QChar unit : text)
        count -= unit.isLowSurrogate() ? 1 : 0;
    return count;
}

qint64 length(TemplateRendering &rendering, const TemplateValue &value)
{
    switch (value.kind()) {
    case Kind::Undefined:
        if (rendering.scope().strict)
            rendering.fail(value.undefinedReason());
        return 0;
    case Kind::String:
        return characters(value.string());
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        return qint64(value.items().size());
    case Kind::Dict:
        return value.dict().size();
    default:
        break;
    }
    if (value.isObject()) {
        if (const auto size = value.object()->length())
            return *size;
    }
    rendering.fail(QStringLiteral("object of type '%1' has no len()").arg(value.typeName()));
    return 0;
}

QString text(TemplateRendering &rendering, const TemplateValue &value)
{
    if (value.isString())
        return value.string();
    if (!rendering.step(value.weight() / 4 + 1))
        return {};
    QString text = value.toText();
    rendering.allowText(text.size());
    return text;
}

TemplateValue call(TemplateRendering &rendering, const TemplateValue &callable,
    TemplatePositional positional, TemplateKeywords named)
{
    if (callable.isUndefined())
        return rendering.fail(callable.undefinedReason());
    if (!callable.isObject() || !callable.object()->isCallable())
        return rendering.fail(
            QStringLiteral("'%1' object is not callable").arg(callable.typeName()));
    return callable.object()->call(rendering, positional, named);
}

} // namespace operations
} // namespace hubkeep
