// Statements: what is between {% and %}.

#include "automation/core/nearest.h"
#include "automation/template/syntax/nested.h"

#include <algorithm>

namespace hubkeep::templates {
namespace {

const QStringList &keywords()
{
    static const QStringList words { QStringLiteral("if"), QStringLiteral("for"),
        QStringLiteral("set"), QStringLiteral("with"), QStringLiteral("filter"),
        QStringLiteral("macro"), QStringLiteral("call"), QStringLiteral("do"),
        QStringLiteral("print"), QStringLiteral("break"), QStringLiteral("continue"),
        QStringLiteral("raw") };
    return words;
}

} // namespace

// Until a statement that is one of ends, whose name has been consumed then where wanted.
Body Parser::body(const QStringList &ends, bool consumeEnd)
{
    Body body;
    const qsizetype begin = current().offset;
    const Nested nested(*this);
    if (!ends.isEmpty())
        m_open.append(ends.last());
    while (isFine() && current().type != Token::Type::End) {
        const Token token = current();
        advance();
        if (token.type == Token::Type::Text) {
            body.push_back(std::make_unique<Text>(token.text));
        } else if (token.type == Token::Type::VariableBegin) {
            Pointer value = tupleOrOne();
            if (!value || !expect(Token::Type::VariableEnd, QStringLiteral("'}}'")))
                break;
            body.push_back(std::make_unique<Print>(std::move(value)));
        } else {
            if (current().type == Token::Type::Name && ends.contains(current().text)) {
                m_open.removeLast();
                if (consumeEnd)
                    advance();
                return body;
            }
            statement(body);
        }
    }
    if (!ends.isEmpty()) {
        fail(begin,
            QStringLiteral("'{%% %1 %%}' is missing for what begins here")
                .arg(ends.last())
                .replace(QLatin1String("%%"), QLatin1String("%")));
        m_open.removeLast();
    }
    return body;
}

void Parser::statement(Body &body)
{
    const Token token = current();
    if (token.type != Token::Type::Name) {
        fail(QStringLiteral("a statement is expected behind '{%', not %1").arg(token.describe()));
        return;
    }
    advance();
    StatementPointer made = keyword(token);
    if (made && expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
        body.push_back(std::move(made));
}

StatementPointer Parser::keyword(const Token &token)
{
    const QString &word = token.text;
    if (word == u"if")
        return ifStatement();
    if (word == u"for")
        return forStatement(token.offset);
    if (word == u"set")
        return setStatement();
    if (word == u"with")
        return withStatement();
    if (word == u"filter")
        return filterStatement(token.offset);
    if (word == u"macro")
        return macroStatement(token.offset);
    if (word == u"call")
        return callStatement(token.offset);
    if (word == u"break")
        return jump(Flow::Break);
    if (word == u"continue")
        return jump(Flow::Continue);
    if (word == u"do" || word == u"print") {
        Pointer value = tupleOrOne();
        if (!value)
            return nullptr;
        if (word == u"do")
            return std::make_unique<Do>(std::move(value));
        return std::make_unique<Print>(std::move(value));
    }
    return unknown(token);
}

StatementPointer Parser::unknown(const Token &token)
{
    static const QStringList absent { QStringLiteral("include"), QStringLiteral("import"),
        QStringLiteral("from"), QStringLiteral("extends"), QStringLiteral("block"),
        QStringLiteral("autoescape"), QStringLiteral("trans") };
    const QString &word = token.text;
    if (absent.contains(word))
        return fail(token.offset,
            QStringLiteral(
                "'%1' does not exist here: a template is one text, and has macros of its "
                "own")
                .arg(word));
    if (word.startsWith(QLatin1String("end")) || word == u"else" || word == u"elif")
        return fail(token.offset,
            m_open.isEmpty() ? QStringLiteral("there is nothing that '%1' belongs to").arg(word)
                             : QStringLiteral("'%1' comes before '%2'").arg(word, m_open.last()));
    return fail(token.offset,
        QStringLiteral("there is no statement '%1'%2").arg(word, didYouMean(word, keywords())));
}

StatementPointer Parser::jump(Flow flow)
{
    if (m_loops == 0)
        return fail(
            QStringLiteral("'%1' is only for loops")
                .arg(flow == Flow::Break ? QStringLiteral("break") : QStringLiteral("continue")));
    return std::make_unique<Jump>(flow);
}

StatementPointer Parser::ifStatement()
{
    static const QStringList ends { QStringLiteral("elif"), QStringLiteral("else"),
        QStringLiteral("endif") };
    const Exchanged soft(m_soft, m_soft + 1);
    If::Branches branches;
    while (true) {
        Pointer condition = tupleOrOne(false);
        if (!condition || !expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
            return nullptr;
        Body then = body(ends, false);
        branches.emplace_back(std::move(condition), std::move(then));
        if (!skipName(u"elif"))
            break;
    }
    Body otherwise;
    if (skipName(u"else")) {
        if (!expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
            return nullptr;
        otherwise = body({ QStringLiteral("endif") });
    } else {
        skipName(u"endif");
    }
    return std::make_unique<If>(std::move(branches), std::move(otherwise));
}

std::optional<Target> Parser::singleTarget(bool mayBeAttribute)
{
    const Token token = current();
    if (token.is(u"(") || token.is(u"[")) {
        advance();
        std::optional<Target> inner = target(false, nullptr);
        if (!inner || !expect(token.is(u"(") ? u")" : u"]"))
            return std::nullopt;
        if (token.is(u"[") && !inner->isTuple) {
            fail(token.offset, QStringLiteral("a list cannot be set"));
            return std::nullopt;
        }
        return inner;
    }
    static const QStringList reserved { QStringLiteral("true"), QStringLiteral("false"),
        QStringLiteral("none"), QStringLiteral("True"), QStringLiteral("False"),
        QStringLiteral("None") };
    if (token.type != Token::Type::Name || reserved.contains(token.text)) {
        fail(QStringLiteral("a name to set is expected, not %1").arg(token.describe()));
        return std::nullopt;
    }
    advance();
    Target target { token.text };
    target.offset = token.offset;
    if (mayBeAttribute && skip(u".")) {
        target.attribute = current().text;
        if (!expect(Token::Type::Name, QStringLiteral("the name of an attribute")))
            return std::nullopt;
        target.object = std::make_unique<Name>(token.offset, token.text);
        use(token.text, target.object->place());
    }
    return target;
}

std::optional<Target> Parser::target(bool mayBeAttribute, const char16_t *endsAt)
{
    const Nested nested(*this);
    if (!isFine())
        return std::nullopt;
    std::optional<Target> first = singleTarget(mayBeAttribute);
    if (!first || !current().is(u","))
        return first;
    Target tuple;
    tuple.isTuple = true;
    tuple.offset = first->offset;
    tuple.parts.push_back(std::move(*first));
    while (skip(u",")) {
        if (isTupleEnd(endsAt) || current().is(u"=") || current().is(u"]"))
            break;
        std::optional<Target> part = singleTarget(mayBeAttribute);
        if (!part)
            return std::nullopt;
        tuple.parts.push_back(std::move(*part));
    }
    return tuple;
}

StatementPointer Parser::forStatement(qsizetype offset)
{
    For::Parts parts;
    parts.offset = offset;
    std::optional<Target> target = this->target(false, u"in");
    if (!target || !expectName(u"in"))
        return nullptr;
    const auto isLoop = [](const Target &part) { return part.name == u"loop"; };
    if (isLoop(*target) || std::any_of(target->parts.begin(), target->parts.end(), isLoop))
        return fail(target->offset,
            QStringLiteral("'loop' is what a loop says of itself; choose "
                           "another name"));
    parts.iterable = tupleOrOne(false, false, u"recursive");
    if (!parts.iterable)
        return nullptr;

    // What is recursive has a frame for each level, and "recursive" comes last.
    size_t last = m_at;
    while (m_tokens[last].type != Token::Type::BlockEnd && m_tokens[last].type != Token::Type::End)
        ++last;
    parts.isRecursive = last > m_at && m_tokens[last - 1].isName(u"recursive");
    Layout layout;
    Scope frame;
    if (parts.isRecursive)
        open(frame, &layout);

    if (skipName(u"if")) {
        Scope tested;
        open(tested);
        parts.tested = copied(*target);
        declare(parts.tested, false);
        parts.test = expression();
        close(tested, nullptr);
    }
    if (isFine() && parts.isRecursive)
        expectName(u"recursive");
    if (isFine())
        expect(Token::Type::BlockEnd, QStringLiteral("'%}'"));

    Scope inside;
    open(inside);
    declareSpecial(QStringLiteral("loop"));
    parts.target = std::move(*target);
    declare(parts.target, false);
    {
        const Exchanged loops(m_loops, m_loops + 1);
        parts.body = body({ QStringLiteral("else"), QStringLiteral("endfor") }, false);
    }
    close(inside, &parts.inherited);
    parts.loop = asked(inside, QStringLiteral("loop"));

    if (skipName(u"else")) {
        Scope otherwise;
        open(otherwise);
        if (expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
            parts.otherwise = body({ QStringLiteral("endfor") });
        close(otherwise, &parts.elseInherited);
    } else {
        skipName(u"endfor");
    }
    if (parts.isRecursive) {
        close(frame, nullptr);
        parts.variables = size_t(layout.variables);
    }
    return isFine() ? std::make_unique<For>(std::move(parts)) : nullptr;
}

StatementPointer Parser::setStatement()
{
    std::optional<Target> target = this->target(true, nullptr);
    if (!target)
        return nullptr;
    if (skip(u"=")) {
        Pointer value = tupleOrOne();
        if (!value)
            return nullptr;
        declare(*target, true);
        return std::make_unique<Set>(std::move(*target), std::move(value));
    }
    Block::Parts parts;
    Scope inside;
    open(inside);
    parts.captures = true;
    parts.captured = declareHidden();
    if (current().is(u"|")) {
        auto text = std::make_unique<FilteredText>(current().offset);
        text->place() = parts.captured;
        parts.filter = filters(std::move(text));
    }
    if (isFine() && expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
        parts.body = body({ QStringLiteral("endset") });
    close(inside, &parts.inherited);
    declare(*target, true);
    parts.target = std::move(target);
    return isFine() ? std::make_unique<Block>(std::move(parts)) : nullptr;
}

StatementPointer Parser::withStatement()
{
    Block::Parts parts;
    while (isFine() && current().type != Token::Type::BlockEnd) {
        if (!parts.variables.empty() && !expect(u","))
            return nullptr;
        std::optional<Target> target = singleTarget(false);
        if (!target || !expect(u"="))
            return nullptr;
        Pointer value = expression();
        if (!value)
            return nullptr;
        parts.variables.emplace_back(std::move(*target), std::move(value));
    }
    if (!expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
        return nullptr;
    Scope inside;
    open(inside);
    for (auto &[target, value] : parts.variables)
        declare(target, false);
    parts.body = body({ QStringLiteral("endwith") });
    close(inside, &parts.inherited);
    return isFine() ? std::make_unique<Block>(std::move(parts)) : nullptr;
}

StatementPointer Parser::filterStatement(qsizetype offset)
{
    Block::Parts parts;
    Scope inside;
    open(inside);
    parts.captures = true;
    parts.captured = declareHidden();
    auto text = std::make_unique<FilteredText>(offset);
    text->place() = parts.captured;
    Pointer filtered = filter(std::move(text), offset);
    while (filtered && skip(u"|"))
        filtered = filter(std::move(filtered), offset);
    parts.filter = std::move(filtered);
    if (isFine() && expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
        parts.body = body({ QStringLiteral("endfilter") });
    close(inside, &parts.inherited);
    return isFine() ? std::make_unique<Block>(std::move(parts)) : nullptr;
}

bool Parser::signature(MacroParts &parts)
{
    bool defaults = false;
    bool first = true;
    if (!expect(u"("))
        return false;
    while (isFine() && !current().is(u")")) {
        if (!first && !expect(u","))
            return false;
        first = false;
        const Token token = current();
        if (!expect(Token::Type::Name, QStringLiteral("the name of a parameter")))
            return false;
        MacroParts::Parameter parameter { token.text, declare(token.text, false), nullptr };
        if (skip(u"=")) {
            defaults = true;
            parameter.standard = expression();
        } else if (defaults) {
            fail(token.offset,
                QStringLiteral("'%1' needs a default, as a parameter before it has one")
                    .arg(token.text));
        } else if (token.text == u"caller") {
            fail(token.offset, QStringLiteral("a parameter 'caller' needs a default"));
        }
        parts.parameters.push_back(std::move(parameter));
    }
    return expect(u")");
}

// From the signature to the end tag. Between them a call block names what it calls.
void Parser::macroBody(
    MacroParts &parts, const QString &end, bool withSignature, std::unique_ptr<const Call> *call)
{
    Layout layout;
    Scope inside;
    open(inside, &layout);
    const Exchanged loops(m_loops, 0);
    if (!withSignature || signature(parts)) {
        for (const char16_t *name : { u"varargs", u"kwargs", u"caller" })
            declareSpecial(QString::fromUtf16(name));
        if (call) {
            m_scope = inside.parent;
            *call = called();
            m_scope = &inside;
        }
        if (isFine() && expect(Token::Type::BlockEnd, QStringLiteral("'%}'")))
            parts.body = body({ end });
    }
    close(inside, &parts.inherited);
    parts.varargs = asked(inside, QStringLiteral("varargs"));
    parts.kwargs = asked(inside, QStringLiteral("kwargs"));
    parts.caller = asked(inside, QStringLiteral("caller"));
    parts.variables = size_t(layout.variables);
}

std::unique_ptr<const Call> Parser::called()
{
    const qsizetype offset = current().offset;
    Pointer expression = this->expression();
    if (!expression)
        return nullptr;
    if (auto *call = dynamic_cast<Call *>(expression.get())) {
        expression.release();
        return std::unique_ptr<const Call>(call);
    }
    return fail(
        offset, QStringLiteral("a call block needs the call of a macro: {% call name() %}"));
}

StatementPointer Parser::macroStatement(qsizetype offset)
{
    MacroParts parts;
    parts.offset = offset;
    const Token name = current();
    if (!expect(Token::Type::Name, QStringLiteral("the name of the macro")))
        return nullptr;
    parts.name = name.text;
    Target target { name.text };
    target.place = declare(name.text, true);
    macroBody(parts, QStringLiteral("endmacro"), true, nullptr);
    return isFine() ? std::make_unique<Macro>(std::move(target), std::move(parts)) : nullptr;
}

StatementPointer Parser::callStatement(qsizetype offset)
{
    MacroParts caller;
    caller.offset = offset;
    caller.name = QStringLiteral("caller");
    std::unique_ptr<const Call> call;
    macroBody(caller, QStringLiteral("endcall"), current().is(u"("), &call);
    if (!isFine())
        return nullptr;
    return std::make_unique<CallBlock>(std::move(call), std::move(caller));
}

} // namespace hubkeep::templates
