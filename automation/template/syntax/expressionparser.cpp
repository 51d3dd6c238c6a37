// Expressions, with Jinja2's precedence. Each function parses one level of it.

#include "automation/template/syntax/nested.h"

#include <algorithm>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;
using operations::Arithmetic;

template <typename Pointer>
bool isConstant(const Pointer &expression)
{
    return expression->constant() != nullptr;
}

const TemplateScope &foldingScope()
{
    static const TemplateScope scope = [] {
        TemplateScope bounded;
        bounded.limits = { 1000, 1000, 1, 1000, std::chrono::milliseconds(50) };
        return bounded;
    }();
    return scope;
}

} // namespace

Parser::Pointer Parser::made(Pointer expression, bool isConstant)
{
    constexpr int deepest = 200;
    if (expression->depth() > deepest)
        return fail(expression->offset(),
            QStringLiteral("an expression has more than %1 parts within each other").arg(deepest));
    if (!isConstant)
        return expression;
    static const std::vector<OuterName> none;
    TemplateRendering rendering(foldingScope(), nullptr);
    Evaluation evaluation(rendering, none);
    TemplateValue value = expression->evaluate(evaluation);
    if (evaluation.failed()) // says so when it is reached
        return expression;
    return std::make_unique<Constant>(expression->offset(), std::move(value));
}

Parser::Pointer Parser::expression(bool withConditional)
{
    const Nested nested(*this);
    if (!isFine())
        return nullptr;
    return withConditional ? conditional() : disjunction();
}

Parser::Pointer Parser::conditional()
{
    const size_t unknown = m_unknown.size();
    const qsizetype offset = current().offset;
    Pointer then = disjunction();
    while (then && skipName(u"if")) {
        Pointer condition = disjunction();
        if (!condition)
            return nullptr;
        Pointer otherwise;
        if (skipName(u"else")) {
            const Nested nested(*this);
            if (!isFine() || !(otherwise = conditional()))
                return nullptr;
        }
        m_unknown.resize(std::min(unknown, m_unknown.size()));
        then = made(std::make_unique<Conditional>(
            offset, std::move(then), std::move(condition), std::move(otherwise)));
    }
    return then;
}

Parser::Pointer Parser::disjunction()
{
    Pointer left = conjunction();
    while (left && current().isName(u"or")) {
        const qsizetype offset = current().offset;
        advance();
        Pointer right = conjunction();
        if (!right)
            return nullptr;
        left = made(std::make_unique<Logical>(offset, false, std::move(left), std::move(right)));
    }
    return left;
}

Parser::Pointer Parser::conjunction()
{
    Pointer left = negation();
    while (left && current().isName(u"and")) {
        const qsizetype offset = current().offset;
        advance();
        Pointer right = negation();
        if (!right)
            return nullptr;
        left = made(std::make_unique<Logical>(offset, true, std::move(left), std::move(right)));
    }
    return left;
}

Parser::Pointer Parser::negation()
{
    if (!current().isName(u"not"))
        return comparison();
    const Nested nested(*this);
    const qsizetype offset = current().offset;
    advance();
    Pointer operand = isFine() ? negation() : nullptr;
    if (!operand)
        return nullptr;
    const bool constant = isConstant(operand);
    return made(std::make_unique<Unary>(offset, u'!', std::move(operand)), constant);
}

Parser::Pointer Parser::comparison()
{
    using Operator = Comparison::Operator;
    static constexpr std::pair<const char16_t *, Operator> symbols[] = { { u"==", Operator::Equal },
        { u"!=", Operator::Unequal }, { u"<", Operator::Less }, { u"<=", Operator::LessEqual },
        { u">", Operator::Greater }, { u">=", Operator::GreaterEqual } };
    const qsizetype offset = current().offset;
    Pointer first = sum();
    Comparison::Rest rest;
    while (first) {
        const auto symbol = std::find_if(std::begin(symbols), std::end(symbols),
            [this](const auto &candidate) { return current().is(candidate.first); });
        Operator operation = Operator::In;
        if (symbol != std::end(symbols)) {
            operation = symbol->second;
        } else if (current().isName(u"not") && following().isName(u"in")) {
            operation = Operator::NotIn;
            advance();
        } else if (!current().isName(u"in")) {
            break;
        }
        advance();
        Pointer right = sum();
        if (!right)
            return nullptr;
        rest.emplace_back(operation, std::move(right));
    }
    if (!first || rest.empty())
        return first;
    return made(std::make_unique<Comparison>(offset, std::move(first), std::move(rest)));
}

Parser::Pointer Parser::sum()
{
    Pointer left = concatenation();
    while (left && (current().is(u"+") || current().is(u"-"))) {
        const qsizetype offset = current().offset;
        const Arithmetic operation = current().is(u"+") ? Arithmetic::Add : Arithmetic::Subtract;
        advance();
        Pointer right = concatenation();
        if (!right)
            return nullptr;
        const bool constant = left->constant() && right->constant();
        left = made(std::make_unique<Binary>(offset, operation, std::move(left), std::move(right)),
            constant);
    }
    return left;
}

Parser::Pointer Parser::concatenation()
{
    const qsizetype offset = current().offset;
    Pointer first = product();
    if (!first || !current().is(u"~"))
        return first;
    Expressions parts;
    parts.push_back(std::move(first));
    while (skip(u"~")) {
        Pointer part = product();
        if (!part)
            return nullptr;
        parts.push_back(std::move(part));
    }
    return made(std::make_unique<Concatenation>(offset, std::move(parts)));
}

Parser::Pointer Parser::product()
{
    static constexpr std::pair<const char16_t *, Arithmetic> symbols[]
        = { { u"*", Arithmetic::Multiply }, { u"/", Arithmetic::Divide },
              { u"//", Arithmetic::FloorDivide }, { u"%", Arithmetic::Modulo } };
    Pointer left = power();
    while (left) {
        const auto symbol = std::find_if(std::begin(symbols), std::end(symbols),
            [this](const auto &candidate) { return current().is(candidate.first); });
        if (symbol == std::end(symbols))
            break;
        const qsizetype offset = current().offset;
        advance();
        Pointer right = power();
        if (!right)
            return nullptr;
        const bool constant = left->constant() && right->constant();
        left = made(
            std::make_unique<Binary>(offset, symbol->second, std::move(left), std::move(right)),
            constant);
    }
    return left;
}

// Unlike in Python: from left to right, and after the sign.
Parser::Pointer Parser::power()
{
    Pointer left = unary();
    while (left && current().is(u"**")) {
        const qsizetype offset = current().offset;
        advance();
        Pointer right = unary();
        if (!right)
            return nullptr;
        const bool constant = left->constant() && right->constant();
        left = made(
            std::make_unique<Binary>(offset, Arithmetic::Power, std::move(left), std::move(right)),
            constant);
    }
    return left;
}

Parser::Pointer Parser::unary(bool withFilter)
{
    const Nested nested(*this);
    if (!isFine())
        return nullptr;
    const Token &sign = current();
    Pointer value;
    if (sign.is(u"-") || sign.is(u"+")) {
        const qsizetype offset = sign.offset;
        const char16_t operation = sign.is(u"-") ? u'-' : u'+';
        advance();
        Pointer operand = unary(false);
        if (!operand)
            return nullptr;
        const bool constant = isConstant(operand);
        value = made(std::make_unique<Unary>(offset, operation, std::move(operand)), constant);
    } else {
        value = primary();
    }
    value = postfix(std::move(value));
    return withFilter ? filters(std::move(value)) : std::move(value);
}

Parser::Pointer Parser::primary()
{
    const Token token = current();
    const auto constant = [&](TemplateValue value) -> Pointer {
        advance();
        return std::make_unique<Constant>(token.offset, std::move(value));
    };
    switch (token.type) {
    case Token::Type::Name: {
        if (token.text == u"true" || token.text == u"True")
            return constant(true);
        if (token.text == u"false" || token.text == u"False")
            return constant(false);
        if (token.text == u"none" || token.text == u"None")
            return constant({});
        advance();
        auto name = std::make_unique<Name>(token.offset, token.text);
        use(token.text, name->place());
        return name;
    }
    case Token::Type::String:
        return strings();
    case Token::Type::Integer:
        return constant(token.integer);
    case Token::Type::Float:
        return constant(token.number);
    default:
        break;
    }
    if (skip(u"(")) {
        Pointer inner = tupleOrOne(true, true);
        return inner && expect(u")") ? std::move(inner) : nullptr;
    }
    if (token.is(u"["))
        return list();
    if (token.is(u"{"))
        return dict();
    return fail(QStringLiteral("an expression is expected, not %1").arg(token.describe()));
}

Parser::Pointer Parser::strings()
{
    const qsizetype offset = current().offset;
    QString text;
    while (current().type == Token::Type::String) {
        text += current().text;
        advance();
    }
    return std::make_unique<Constant>(offset, text);
}

bool Parser::isTupleEnd(const char16_t *endsAt) const
{
    return current().type == Token::Type::VariableEnd || current().type == Token::Type::BlockEnd
        || current().is(u")") || (endsAt && current().isName(endsAt));
}

Parser::Pointer Parser::tupleOrOne(
    bool withConditional, bool explicitParentheses, const char16_t *endsAt)
{
    const qsizetype offset = current().offset;
    Expressions items;
    bool isTuple = false;
    while (true) {
        if (!items.empty() && !expect(u","))
            return nullptr;
        if (isTupleEnd(endsAt))
            break;
        Pointer item = expression(withConditional);
        if (!item)
            return nullptr;
        if (!current().is(u",")) {
            if (!isTuple)
                return item;
            items.push_back(std::move(item));
            break;
        }
        isTuple = true;
        items.push_back(std::move(item));
    }
    if (!isTuple && !explicitParentheses)
        return fail(QStringLiteral("an expression is expected, not %1").arg(current().describe()));
    const bool constant = std::all_of(items.begin(), items.end(), isConstant<ExpressionPointer>);
    return made(std::make_unique<Collection>(offset, Kind::Tuple, std::move(items)), constant);
}

Parser::Pointer Parser::list()
{
    const qsizetype offset = current().offset;
    advance();
    Expressions items;
    while (isFine() && !current().is(u"]")) {
        if (!items.empty() && !expect(u","))
            return nullptr;
        if (current().is(u"]"))
            break;
        Pointer item = expression();
        if (!item)
            return nullptr;
        items.push_back(std::move(item));
    }
    if (!expect(u"]"))
        return nullptr;
    const bool constant = std::all_of(items.begin(), items.end(), isConstant<ExpressionPointer>);
    return made(std::make_unique<Collection>(offset, Kind::List, std::move(items)), constant);
}

Parser::Pointer Parser::dict()
{
    const qsizetype offset = current().offset;
    advance();
    DictLiteral::Entries entries;
    while (isFine() && !current().is(u"}")) {
        if (!entries.empty() && !expect(u","))
            return nullptr;
        if (current().is(u"}"))
            break;
        Pointer key = expression();
        if (!key || !expect(u":"))
            return nullptr;
        Pointer value = expression();
        if (!value)
            return nullptr;
        entries.emplace_back(std::move(key), std::move(value));
    }
    if (!expect(u"}"))
        return nullptr;
    const bool constant = std::all_of(entries.begin(), entries.end(),
        [](const auto &entry) { return isConstant(entry.first) && isConstant(entry.second); });
    return made(std::make_unique<DictLiteral>(offset, std::move(entries)), constant);
}

Parser::Pointer Parser::postfix(Pointer value)
{
    while (value) {
        if (current().is(u".") || current().is(u"["))
            value = subscript(std::move(value));
        else if (current().is(u"("))
            value = call(std::move(value));
        else
            break;
    }
    return value;
}

Parser::Pointer Parser::subscript(Pointer value)
{
    const qsizetype offset = current().offset;
    if (skip(u".")) {
        const Token name = current();
        advance();
        if (name.type == Token::Type::Name)
            return made(std::make_unique<Attribute>(name.offset, std::move(value), name.text));
        if (name.type != Token::Type::Integer)
            return fail(name.offset,
                QStringLiteral("a name or number is expected behind the dot, not %1")
                    .arg(name.describe()));
        return made(std::make_unique<Subscript>(
            offset, std::move(value), std::make_unique<Constant>(name.offset, name.integer)));
    }
    advance();
    if (current().is(u"]"))
        return fail(QStringLiteral("there is nothing between '[' and ']'"));
    Pointer key = subscribed(value);
    if (!value && key) // a slice
        return expect(u"]") ? made(std::move(key)) : nullptr;
    Expressions keys;
    while (key && skip(u",")) {
        keys.push_back(std::move(key));
        key = current().is(u"]") ? nullptr : expression();
    }
    if (!isFine())
        return nullptr;
    if (!keys.empty()) {
        if (key)
            keys.push_back(std::move(key));
        key = made(std::make_unique<Collection>(offset, Kind::Tuple, std::move(keys)));
    }
    if (!key || !expect(u"]"))
        return nullptr;
    return made(std::make_unique<Subscript>(offset, std::move(value), std::move(key)));
}

// The key; or the whole slice, which has taken the object.
Parser::Pointer Parser::subscribed(Pointer &object)
{
    const qsizetype offset = current().offset;
    Pointer parts[3];
    if (!current().is(u":")) {
        parts[0] = expression();
        if (!parts[0] || !current().is(u":"))
            return std::move(parts[0]);
    }
    for (int i = 1; i < 3 && skip(u":"); ++i) {
        if (current().is(u":") || current().is(u"]"))
            continue;
        parts[i] = expression();
        if (!parts[i])
            return nullptr;
    }
    return std::make_unique<Slice>(
        offset, std::move(object), std::move(parts[0]), std::move(parts[1]), std::move(parts[2]));
}

Parser::Pointer Parser::filters(Pointer value)
{
    while (value) {
        const qsizetype offset = current().offset;
        if (skip(u"|"))
            value = filter(std::move(value), offset);
        else if (current().isName(u"is"))
            value = test(std::move(value));
        else if (current().is(u"("))
            value = call(std::move(value));
        else
            break;
    }
    return value;
}

Parser::Pointer Parser::filter(Pointer value, qsizetype)
{
    const Token token = current();
    if (!expect(Token::Type::Name, QStringLiteral("the name of a filter")))
        return nullptr;
    QString name = token.text;
    while (current().is(u".") && following().type == Token::Type::Name) {
        advance();
        name += u'.' + current().text;
        advance();
    }
    Arguments arguments;
    if (current().is(u"(") && !this->arguments(arguments))
        return nullptr;
    const TemplateFunction *function = TemplateBuiltins::all().filter(name);
    const QString complaint = function ? QString() : TemplateBuiltins::all().noFilter(name);
    if (!function && m_soft == 0)
        m_unknown.push_back({ token.offset, complaint });
    return made(std::make_unique<Filter>(
        token.offset, std::move(value), function, complaint, std::move(arguments)));
}

Parser::Pointer Parser::test(Pointer value)
{
    using Type = Token::Type;
    advance();
    const bool negated = skipName(u"not");
    const Token token = current();
    if (!expect(Type::Name, QStringLiteral("the name of a test")))
        return nullptr;
    QString name = token.text;
    while (current().is(u".") && following().type == Type::Name) {
        advance();
        name += u'.' + current().text;
        advance();
    }
    Arguments arguments;
    const Token &next = current();
    const bool word = next.isName(u"else") || next.isName(u"or") || next.isName(u"and");
    if (next.is(u"(")) {
        if (!this->arguments(arguments))
            return nullptr;
    } else if (!word
        && (next.type == Type::Name || next.type == Type::String || next.type == Type::Integer
            || next.type == Type::Float || next.is(u"[") || next.is(u"{"))) {
        if (next.isName(u"is"))
            return fail(QStringLiteral("tests with 'is' cannot follow each other; use 'and'"));
        Pointer argument = postfix(primary());
        if (!argument)
            return nullptr;
        arguments.positional.push_back(std::move(argument));
    }
    const TemplateFunction *function = TemplateBuiltins::all().test(name);
    const QString complaint = function ? QString() : TemplateBuiltins::all().noTest(name);
    if (!function && m_soft == 0)
        m_unknown.push_back({ token.offset, complaint });
    Pointer made = this->made(std::make_unique<Filter>(
        token.offset, std::move(value), function, complaint, std::move(arguments)));
    if (!made || !negated)
        return made;
    return this->made(std::make_unique<Unary>(token.offset, u'!', std::move(made)));
}

Parser::Pointer Parser::call(Pointer callee)
{
    const qsizetype offset = callee->offset();
    Arguments arguments;
    if (!this->arguments(arguments))
        return nullptr;
    return made(std::make_unique<Call>(offset, std::move(callee), std::move(arguments)));
}

bool Parser::arguments(Arguments &arguments)
{
    advance();
    bool first = true;
    while (isFine() && !current().is(u")")) {
        if (!first && !expect(u","))
            return false;
        first = false;
        if (current().is(u")"))
            break;
        if (!argument(arguments))
            return false;
    }
    return expect(u")");
}

bool Parser::argument(Arguments &arguments)
{
    const auto misplaced = [this] {
        fail(QStringLiteral(
            "this argument cannot stand here; positional ones come first, then named "
            "ones, then *list, then **mapping"));
        return false;
    };
    if (current().is(u"*") || current().is(u"**")) {
        const bool mapping = current().is(u"**");
        ExpressionPointer &place = mapping ? arguments.furtherNamed : arguments.rest;
        if (place || arguments.furtherNamed)
            return misplaced();
        advance();
        place = expression();
        return place != nullptr;
    }
    if (current().type == Token::Type::Name && following().is(u"=")) {
        if (arguments.furtherNamed)
            return misplaced();
        const QString name = current().text;
        advance();
        advance();
        Pointer value = expression();
        if (!value)
            return false;
        arguments.named.emplace_back(name, std::move(value));
        return true;
    }
    if (!arguments.named.empty() || arguments.rest || arguments.furtherNamed)
        return misplaced();
    Pointer value = expression();
    if (!value)
        return false;
    arguments.positional.push_back(std::move(value));
    return true;
}

} // namespace hubkeep::templates
