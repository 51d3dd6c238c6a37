// What dict.items(), keys() and values() give: the dictionary seen from one side, without a copy.
//
// Never changes; any thread.

#pragma once

#include "automation/template/templateobject.h"

namespace hubkeep {

class DictView final : public TemplateObject
{
public:
    enum class Side { Items, Keys, Values };
    DictView(TemplateValue dict, Side side) // requires a dictionary
        : m_dict(std::move(dict))
        , m_side(side)
    {
    }
    QString typeName() const override;
    bool isIterable() const override { return true; }
    std::unique_ptr<TemplateIterator> iterate(TemplateRendering &) override;
    std::optional<qint64> length() const override;
    std::optional<bool> contains(const TemplateValue &value) const override;
    QString literal() const override;
    bool equals(const TemplateObject &other) const override;
    int depth() const override { return m_dict.depth() + 1; }

    TemplateValue at(qsizetype index) const;

private:
    const TemplateValue m_dict;
    const Side m_side;
};

} // namespace hubkeep
