#include "automation/template/templateobject.h"

#include "automation/template/rendering.h"

namespace hubkeep {

TemplateValue TemplateObject::call(
    TemplateRendering &rendering, TemplatePositional, TemplateKeywords)
{
    return rendering.fail(QStringLiteral("'%1' object is not callable").arg(typeName()));
}

QString TemplateObject::literal() const
{
    return QStringLiteral("<%1 object>").arg(typeName());
}

class TemplateGenerator::Iterator final : public TemplateIterator
{
public:
    explicit Iterator(std::shared_ptr<TemplateObject> generator)
        : m_generator(std::move(generator))
    {
    }
    bool next(TemplateRendering &rendering, TemplateValue &item) override
    {
        const TemplateValue *found = look(rendering, item);
        if (found && found != &item)
            item = *found;
        return found != nullptr;
    }
    const TemplateValue *look(TemplateRendering &rendering, TemplateValue &scratch) override
    {
        return static_cast<TemplateGenerator &>(*m_generator).produce(rendering, scratch);
    }

private:
    const std::shared_ptr<TemplateObject> m_generator;
};

std::unique_ptr<TemplateIterator> TemplateGenerator::iterate(TemplateRendering &)
{
    return std::make_unique<Iterator>(shared_from_this());
}

} // namespace hubkeep
