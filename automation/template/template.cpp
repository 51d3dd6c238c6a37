#include "automation/template/template.h"

#include "automation/template/literal.h"
#include "automation/template/syntax/parser.h"

#include <algorithm>

namespace hubkeep {

struct Template::Parsed
{
    QString source;
    QString normalized; // what offsets are into
    templates::Program program;
};

namespace {

// "line 2, column 7: 'foo' is undefined".
Error placed(
    const QString &source, qsizetype offset, const QString &message, TemplateProblem *problem)
{
    TemplateProblem found { 0, 0, message };
    if (offset >= 0) {
        const QStringView before = QStringView(source).first(std::min(offset, source.size()));
        const qsizetype lineStart = before.lastIndexOf(u'\n') + 1;
        found.line = int(before.count(u'\n')) + 1;
        const QStringView line = before.sliced(lineStart);
        found.column = int(line.size() - std::count_if(line.begin(), line.end(), [](QChar unit) {
            return unit.isLowSurrogate();
        })) + 1;
    }
    if (problem)
        *problem = found;
    return { ErrorCode::InvalidArgument,
        found.line == 0 ? message
                        : QStringLiteral("line %1, column %2: %3")
                              .arg(found.line)
                              .arg(found.column)
                              .arg(message) };
}

} // namespace

Template::Template(std::shared_ptr<const Parsed> parsed)
    : m_parsed(std::move(parsed))
{
}

bool Template::isTemplate(const QString &text)
{
    return text.contains(QLatin1String("{{")) || text.contains(QLatin1String("{%"))
        || text.contains(QLatin1String("{#"));
}

Result<Template> Template::parse(const QString &source, TemplateProblem *problem)
{
    constexpr qsizetype longest = 256 * 1024;
    if (source.size() > longest)
        return placed(source, 0,
            QStringLiteral("the template is longer than %1 characters").arg(longest), problem);
    auto parsed = std::make_shared<Parsed>();
    parsed->source = source;
    parsed->normalized = templates::normalized(source);
    std::vector<templates::Token> tokens;
    templates::Problem found;
    if (!templates::tokenize(parsed->normalized, tokens, found)
        || !templates::Parser(std::move(tokens), parsed->program, found).run())
        return placed(parsed->normalized, found.offset, found.message, problem);
    return Template(std::move(parsed));
}

Result<QString> Template::renderText(
    const TemplateScope &scope, TemplateReads *reads, TemplateProblem *problem) const
{
    const templates::Program &program = m_parsed->program;
    QString text;
    TemplateRendering rendering(scope, reads);
    templates::Evaluation evaluation(rendering, program.names);
    templates::Frame frame(nullptr, program.variables);
    evaluation.frame = &frame;
    evaluation.out = &text;
    templates::inherit(evaluation, program.inherited);
    templates::execute(evaluation, program.body);
    if (rendering.failed())
        return placed(
            m_parsed->normalized, rendering.failureOffset(), rendering.message(), problem);
    return text;
}

Result<TemplateValue> Template::render(
    const TemplateScope &scope, TemplateReads *reads, TemplateProblem *problem) const
{
    Result<QString> text = renderText(scope, reads, problem);
    if (!text)
        return text.error();
    return parseResult(text->trimmed());
}

const QString &Template::source() const
{
    return m_parsed->source;
}

TemplateVariables::TemplateVariables(const QHash<QString, TemplateValue> &values)
{
    for (auto it = values.begin(); it != values.end(); ++it)
        set(it.key(), it.value());
}

QHash<QString, TemplateValue> TemplateVariables::values() const
{
    QHash<QString, TemplateValue> values;
    for (const auto &[name, value] : m_values)
        values.insert(name.string(), value);
    return values;
}

void TemplateReads::unite(const TemplateReads &other)
{
    entities.unite(other.entities);
    domains.unite(other.domains);
    all = all || other.all;
    time = time || other.time;
}

bool isTrueResult(const TemplateValue &value)
{
    switch (value.kind()) {
    case TemplateValue::Kind::Boolean:
    case TemplateValue::Kind::Integer:
    case TemplateValue::Kind::Float:
        return value.isTruthy();
    case TemplateValue::Kind::String: {
        const QString word = value.string().trimmed().toLower();
        return word == u"1" || word == u"true" || word == u"yes" || word == u"on"
            || word == u"enable";
    }
    default:
        return false;
    }
}

} // namespace hubkeep
