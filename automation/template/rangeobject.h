// range(3): numbers that are made when they are asked for.
//
// Never changes; any thread.

#pragma once

#include "automation/template/templateobject.h"

namespace hubkeep {

class RangeObject final : public TemplateObject
{
public:
    RangeObject(qint64 start, qint64 stop, qint64 step); // step is not 0
    qint64 count() const { return m_count; }
    qint64 at(qint64 index) const { return m_start + index * m_step; }

    QString typeName() const override { return QStringLiteral("range"); }
    std::optional<TemplateValue> attribute(TemplateRendering &, const QString &name) override;
    std::optional<TemplateValue> item(TemplateRendering &, const TemplateValue &key) override;
    bool isIterable() const override { return true; } // TemplateIteration knows how
    std::optional<qint64> length() const override { return m_count; }
    std::optional<bool> contains(const TemplateValue &value) const override;
    QString literal() const override;
    bool equals(const TemplateObject &other) const override;

private:
    const qint64 m_start;
    const qint64 m_stop;
    const qint64 m_step;
    qint64 m_count = 0;
};

} // namespace hubkeep
