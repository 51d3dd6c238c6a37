#include "automation/template/rangeobject.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hubkeep {
RangeObject::RangeObject(qint64 start, qint64 stop, qint64 step)
    : m_start(start)
    , m_stop(stop)
    , m_step(step)
{
    const bool isEmpty = step > 0 ? stop <= start : stop >= start;
    if (isEmpty)
        return;
    const quint64 span = step > 0 ? quint64(stop) - quint64(start) : quint64(start) - quint64(stop);
    const quint64 size = step > 0 ? quint64(step) : quint64(0) - quint64(step);
    m_count = qint64(std::min((span - 1) / size + 1,
        quint64(std::numeric_limits<qint64>::max()))); // what is so large is refused
}

std::optional<TemplateValue> RangeObject::attribute(TemplateRendering &, const QString &name)
{
    if (name == u"start")
        return m_start;
    if (name == u"stop")
        return m_stop;
    return name == u"step" ? std::optional<TemplateValue>(m_step) : std::nullopt;
}

std::optional<TemplateValue> RangeObject::item(TemplateRendering &, const TemplateValue &key)
{
    if (key.kind() != TemplateValue::Kind::Integer && key.kind() != TemplateValue::Kind::Boolean)
        return std::nullopt;
    const qint64 index = key.toInteger() < 0 ? key.toInteger() + m_count : key.toInteger();
    return index >= 0 && index < m_count ? std::optional<TemplateValue>(at(index)) : std::nullopt;
}

std::optional<bool> RangeObject::contains(const TemplateValue &value) const
{
    const bool isWhole = value.kind() == TemplateValue::Kind::Integer
        || value.kind() == TemplateValue::Kind::Boolean
        || (value.kind() == TemplateValue::Kind::Float && std::abs(value.toDouble()) < 9e18
            && std::floor(value.toDouble()) == value.toDouble());
    if (!isWhole || m_count == 0)
        return false;
    const qint64 wanted
        = value.kind() == TemplateValue::Kind::Float ? qint64(value.toDouble()) : value.toInteger();
    const auto [least, most] = std::minmax({ m_start, at(m_count - 1) });
    if (wanted < least || wanted > most)
        return false;
    return (wanted - m_start) % m_step == 0;
}

QString RangeObject::literal() const
{
    return m_step == 1 ? QStringLiteral("range(%1, %2)").arg(m_start).arg(m_stop)
                       : QStringLiteral("range(%1, %2, %3)").arg(m_start).arg(m_stop).arg(m_step);
}

bool RangeObject::equals(const TemplateObject &other) const
{
    const auto *range = dynamic_cast<const RangeObject *>(&other);
    return range && range->m_count == m_count
        && (m_count == 0
            || (range->m_start == m_start && (m_count == 1 || range->m_step == m_step)));
}

} // namespace hubkeep
