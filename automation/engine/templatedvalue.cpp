#include "automation/engine/templatedvalue.h"

#include "automation/core/schema.h"
#include "automation/template/templatedict.h"

#include <utility>
#include <variant>
#include <vector>

namespace hubkeep::automation {

struct TemplatedValue::Node
{
    using List = std::vector<std::shared_ptr<const Node>>;
    struct Member
    {
        std::shared_ptr<const Node> key;
        std::shared_ptr<const Node> value;
    };
    using Map = std::vector<Member>;
    std::variant<TemplateValue, Template, List, Map> what;
};

namespace {

using Node = TemplatedValue::Node;
using NodePointer = std::shared_ptr<const Node>;

NodePointer constantNode(TemplateValue value)
{
    return std::make_shared<const Node>(Node { std::move(value) });
}

bool isConstantNode(const NodePointer &node)
{
    return std::holds_alternative<TemplateValue>(node->what);
}

NodePointer parseText(const Value &value, Problems &problems)
{
    TemplateProblem problem;
    Result<Template> parsed = Template::parse(value.text(), &problem);
    if (parsed)
        return std::make_shared<const Node>(Node { std::move(*parsed) });
    problems.append({ placeOf(value, problem), parsed.error().message });
    return constantNode({});
}

NodePointer parseNode(const Value &value, Problems &problems)
{
    switch (value.kind()) {
    case Value::Kind::String:
        return Template::isTemplate(value.text()) ? parseText(value, problems)
                                                  : constantNode(TemplateValue(value.text()));
    case Value::Kind::List: {
        Node::List items;
        bool isConstant = true;
        for (const Value &item : value.items()) {
            items.push_back(parseNode(item, problems));
            isConstant = isConstant && isConstantNode(items.back());
        }
        return isConstant ? constantNode(TemplateValue::fromValue(value))
                          : std::make_shared<const Node>(Node { std::move(items) });
    }
    case Value::Kind::Map: {
        Node::Map members;
        bool isConstant = true;
        for (const Value::Member &member : value.members()) {
            members.push_back({ parseNode(Value::string(member.key, member.place), problems),
                parseNode(member.value, problems) });
            isConstant = isConstant && isConstantNode(members.back().key)
                && isConstantNode(members.back().value);
        }
        return isConstant ? constantNode(TemplateValue::fromValue(value))
                          : std::make_shared<const Node>(Node { std::move(members) });
    }
    default:
        return constantNode(TemplateValue::fromValue(value));
    }
}

Result<TemplateValue> renderNode(
    const Node &node, const QString &path, const TemplateScope &scope, TemplateReads *reads);

Result<TemplateValue> renderList(
    const Node::List &list, const QString &path, const TemplateScope &scope, TemplateReads *reads)
{
    TemplateValue::Items items;
    for (const NodePointer &item : list) {
        Result<TemplateValue> rendered
            = renderNode(*item, pathTo(path, qsizetype(items.size())), scope, reads);
        if (!rendered)
            return rendered;
        items.push_back(std::move(*rendered));
    }
    return TemplateValue::list(std::move(items));
}

Result<TemplateValue> renderMap(
    const Node::Map &map, const QString &path, const TemplateScope &scope, TemplateReads *reads)
{
    TemplateDict dict;
    for (const Node::Member &member : map) {
        Result<TemplateValue> key = renderNode(*member.key, path, scope, reads);
        if (!key)
            return key;
        Result<TemplateValue> value
            = renderNode(*member.value, pathTo(path, key->toText()), scope, reads);
        if (!value)
            return value;
        const bool isScalar = key->kind() == TemplateValue::Kind::String
            || key->kind() == TemplateValue::Kind::Boolean || key->isNumber();
        dict.insert(isScalar ? std::move(*key) : TemplateValue(key->toText()), std::move(*value));
    }
    return TemplateValue(std::move(dict));
}

Result<TemplateValue> renderNode(
    const Node &node, const QString &path, const TemplateScope &scope, TemplateReads *reads)
{
    if (const auto *constant = std::get_if<TemplateValue>(&node.what))
        return *constant;
    if (const auto *list = std::get_if<Node::List>(&node.what))
        return renderList(*list, path, scope, reads);
    if (const auto *map = std::get_if<Node::Map>(&node.what))
        return renderMap(*map, path, scope, reads);
    Result<TemplateValue> rendered = std::get<Template>(node.what).render(scope, reads);
    if (!rendered && !path.isEmpty())
        return rendered.error().in(path);
    return rendered;
}

} // namespace

TemplatedValue TemplatedValue::parse(const Value &value, Problems &problems)
{
    TemplatedValue parsed;
    if (value.kind() != Value::Kind::Null)
        parsed.m_node = parseNode(value, problems);
    return parsed;
}

bool TemplatedValue::isConstant() const
{
    return !m_node || isConstantNode(m_node);
}

bool TemplatedValue::isNone() const
{
    return !m_node;
}

const TemplateValue &TemplatedValue::constant() const
{
    static const TemplateValue none;
    return m_node ? std::get<TemplateValue>(m_node->what) : none;
}

Result<TemplateValue> TemplatedValue::render(const TemplateScope &scope, TemplateReads *reads) const
{
    return m_node ? renderNode(*m_node, {}, scope, reads) : Result<TemplateValue>(TemplateValue());
}

Result<void> TemplatedValue::renderInto(TemplateVariables &names, TemplateScope scope) const
{
    if (!m_node)
        return {};
    scope.names = &names;
    if (const auto *constant = std::get_if<TemplateValue>(&m_node->what)) {
        if (constant->kind() != TemplateValue::Kind::Dict)
            return {};
        for (const auto &[key, value] : constant->dict())
            names.set(key.toText(), value);
        return {};
    }
    for (const Node::Member &member : std::get<Node::Map>(m_node->what)) {
        const Result<TemplateValue> key = renderNode(*member.key, {}, scope, nullptr);
        if (!key)
            return key.error();
        Result<TemplateValue> value = renderNode(*member.value, key->toText(), scope, nullptr);
        if (!value)
            return value.error();
        names.set(key->toText(), std::move(*value));
    }
    return {};
}

std::optional<Template> parseTemplate(const Value &value, const QString &path, Problems &problems)
{
    if (value.kind() == Value::Kind::Broken)
        return {};
    if (value.isCollection() || value.kind() == Value::Kind::Null) {
        problems.append({ value.place(),
            atPath(path, QStringLiteral("must be a template, not %1").arg(value.describe())) });
        return {};
    }
    TemplateProblem problem;
    Result<Template> parsed = Template::parse(value.text(), &problem);
    if (parsed)
        return std::move(*parsed);
    problems.append({ placeOf(value, problem), atPath(path, parsed.error().message) });
    return {};
}

// Of a text on one line the column counts from where it begins; how a longer one was folded is
// not known any more, so there the place is its beginning and the message has its own lines.
Place placeOf(const Value &value, const TemplateProblem &problem)
{
    Place place = value.place();
    if (problem.line == 1 && !value.text().contains(u'\n'))
        place.column += problem.column - 1;
    return place;
}

} // namespace hubkeep::automation
