#include "automation/template/dictview.h"

#include "automation/template/templatedict.h"

namespace hubkeep {
namespace {

class ViewIterator final : public TemplateIterator
{
public:
    ViewIterator(const DictView &view, qsizetype count)
        : m_view(view)
        , m_count(count)
    {
    }
    bool next(TemplateRendering &, TemplateValue &item) override
    {
        if (m_next >= m_count)
            return false;
        item = m_view.at(m_next++);
        return true;
    }

private:
    const DictView &m_view; // which the iteration keeps
    const qsizetype m_count;
    qsizetype m_next = 0;
};

} // namespace

QString DictView::typeName() const
{
    switch (m_side) {
    case Side::Items:
        return QStringLiteral("dict_items");
    case Side::Keys:
        return QStringLiteral("dict_keys");
    case Side::Values:
        return QStringLiteral("dict_values");
    }
    return {};
}

TemplateValue DictView::at(qsizetype index) const
{
    const auto &[key, value] = m_dict.dict().at(index);
    switch (m_side) {
    case Side::Items:
        return TemplateValue::tuple({ key, value });
    case Side::Keys:
        return key;
    case Side::Values:
        return value;
    }
    return {};
}

std::unique_ptr<TemplateIterator> DictView::iterate(TemplateRendering &)
{
    return std::make_unique<ViewIterator>(*this, m_dict.dict().size());
}

std::optional<qint64> DictView::length() const
{
    return m_dict.dict().size();
}

std::optional<bool> DictView::contains(const TemplateValue &value) const
{
    if (m_side == Side::Keys)
        return value.isHashable() && m_dict.dict().find(value) != nullptr;
    return std::nullopt;
}

QString DictView::literal() const
{
    TemplateValue::Items items;
    for (qsizetype i = 0; i < m_dict.dict().size(); ++i)
        items.push_back(at(i));
    return QStringLiteral("%1(%2)").arg(typeName(), TemplateValue::list(std::move(items)).toText());
}

bool DictView::equals(const TemplateObject &other) const
{
    const auto *view = dynamic_cast<const DictView *>(&other);
    return this == &other
        || (view && view->m_side == m_side && m_side != Side::Values && view->m_dict == m_dict);
}

} // namespace hubkeep
