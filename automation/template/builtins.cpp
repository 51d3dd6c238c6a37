#include "automation/template/builtins.h"

#include "automation/core/nearest.h"
#include "automation/template/builtinlists.h"
#include "automation/template/nativeobject.h"

#include <algorithm>

namespace hubkeep {
namespace {

QString count(qsizetype arguments)
{
    return arguments == 1 ? QStringLiteral("1 argument")
                          : QStringLiteral("%1 arguments").arg(arguments);
}

// Puts each named argument to its parameter; false where one has none.
bool sortNamed(TemplateRendering &rendering, const TemplateFunction &function,
    TemplateKeywords named, std::vector<TemplateValue> &arguments,
    std::vector<TemplateNamed> &further)
{
    const auto &parameters = function.parameters;
    for (const auto &[name, value] : named) {
        const auto found = std::find(parameters.begin(), parameters.end(), name);
        const size_t index = size_t(found - parameters.begin());
        if (found != parameters.end() && arguments[index].isMissing()) {
            arguments[index] = value;
        } else if (found != parameters.end()) {
            rendering.fail(QStringLiteral("%1() got two values for its argument '%2'")
                               .arg(function.name, name));
            return false;
        } else if (function.takesNamed) {
            further.emplace_back(name, value);
        } else {
            rendering.fail(QStringLiteral("%1() has no argument '%2'%3")
                               .arg(function.name, name,
                                   didYouMean(name, { parameters.begin(), parameters.end() })));
            return false;
        }
    }
    return true;
}

} // namespace

std::shared_ptr<const TemplateFunction> declaredFunction(const TemplateBuiltin &builtin)
{
    TemplateFunction function { QString::fromUtf8(builtin.name), builtin.function };
    const QString signature = QString::fromUtf8(builtin.signature);
    for (QString parameter : signature.split(u' ', Qt::SkipEmptyParts)) {
        if (parameter == u"*") {
            function.takesRest = true;
        } else if (parameter == u"**") {
            function.takesNamed = true;
        } else if (parameter.endsWith(u'?')) {
            parameter.chop(1);
            function.parameters.push_back(parameter);
        } else {
            function.parameters.push_back(parameter);
            function.required = qsizetype(function.parameters.size());
        }
    }
    return std::make_shared<const TemplateFunction>(std::move(function));
}

TemplateValue TemplateCall::fail(const QString &sentence) const
{
    return m_rendering.fail(m_function.name + QLatin1String(": ") + sentence);
}

bool TemplateCall::wrongKind(size_t index, const char *wanted) const
{
    fail(QStringLiteral("%1 must be %2, not %3")
             .arg(m_function.parameters[index], QLatin1String(wanted),
                 m_arguments[index].isUndefined() ? m_arguments[index].undefinedReason()
                                                  : m_arguments[index].typeName()));
    return false;
}

bool TemplateCall::read(size_t index, qint64 &target) const
{
    const TemplateValue &value = m_arguments[index];
    if (value.isMissing())
        return true;
    if (value.kind() != TemplateValue::Kind::Integer
        && value.kind() != TemplateValue::Kind::Boolean)
        return wrongKind(index, "an integer");
    target = value.toInteger();
    return true;
}

bool TemplateCall::read(size_t index, double &target) const
{
    const TemplateValue &value = m_arguments[index];
    if (value.isMissing())
        return true;
    if (!value.isNumber() && value.kind() != TemplateValue::Kind::Boolean)
        return wrongKind(index, "a number");
    target = value.toDouble();
    return true;
}

bool TemplateCall::read(size_t index, QString &target) const
{
    const TemplateValue &value = m_arguments[index];
    if (value.isMissing())
        return true;
    if (!value.isString())
        return wrongKind(index, "a text");
    target = value.string();
    return true;
}

bool TemplateCall::readFlag(size_t index, bool &target) const
{
    if (has(index))
        target = m_arguments[index].isTruthy();
    return true;
}

TemplateValue callNative(TemplateRendering &rendering, const TemplateFunction &function,
    TemplatePositional positional, TemplateKeywords named)
{
    const size_t parameters = function.parameters.size();
    TemplatePositional rest;
    if (positional.size() > parameters) {
        if (!function.takesRest)
            return rendering.fail(QStringLiteral("%1() takes at most %2, not %3")
                                      .arg(function.name, count(qsizetype(parameters)))
                                      .arg(positional.size()));
        rest = positional.subspan(parameters);
        positional = positional.first(parameters);
    }
    if (positional.size() == parameters && named.empty())
        return function.native(TemplateCall(rendering, function, positional, rest));

    std::vector<TemplateValue> arguments(positional.begin(), positional.end());
    arguments.resize(parameters, TemplateValue::missing());
    std::vector<TemplateNamed> further;
    if (!sortNamed(rendering, function, named, arguments, further))
        return {};
    for (qsizetype i = 0; i < function.required; ++i) {
        if (arguments[size_t(i)].isMissing())
            return rendering.fail(QStringLiteral("%1() needs the argument '%2'")
                                      .arg(function.name, function.parameters[size_t(i)]));
    }
    return function.native(TemplateCall(rendering, function, arguments, rest, further));
}

const TemplateBuiltins &TemplateBuiltins::all()
{
    static const TemplateBuiltins builtins = [] {
        TemplateBuiltins made;
        declareBuiltins(made);
        return made;
    }();
    return builtins;
}

void TemplateBuiltins::addFilters(std::span<const TemplateBuiltin> filters)
{
    for (const TemplateBuiltin &builtin : filters)
        m_filters.insert(QString::fromUtf8(builtin.name), declaredFunction(builtin));
}

void TemplateBuiltins::addTests(std::span<const TemplateBuiltin> tests)
{
    for (const TemplateBuiltin &builtin : tests)
        m_tests.insert(QString::fromUtf8(builtin.name), declaredFunction(builtin));
}

void TemplateBuiltins::addFunctions(std::span<const TemplateBuiltin> functions)
{
    for (const TemplateBuiltin &builtin : functions)
        addGlobal(QString::fromUtf8(builtin.name),
            TemplateValue(std::shared_ptr<TemplateObject>(
                std::make_shared<NativeObject>(declaredFunction(builtin)))));
}

void TemplateBuiltins::addGlobal(const QString &name, TemplateValue value)
{
    m_globals.insert(name, std::move(value));
}

const TemplateFunction *TemplateBuiltins::filter(const QString &name) const
{
    const auto found = m_filters.constFind(name);
    return found == m_filters.cend() ? nullptr : found->get();
}

const TemplateFunction *TemplateBuiltins::test(const QString &name) const
{
    const auto found = m_tests.constFind(name);
    return found == m_tests.cend() ? nullptr : found->get();
}

const TemplateValue *TemplateBuiltins::global(const QString &name) const
{
    const auto found = m_globals.constFind(name);
    return found == m_globals.cend() ? nullptr : &*found;
}

QString TemplateBuiltins::noFilter(const QString &name) const
{
    QStringList names = m_filters.keys();
    names.sort();
    return QStringLiteral("there is no filter '%1'%2").arg(name, didYouMean(name, names));
}

QString TemplateBuiltins::noTest(const QString &name) const
{
    QStringList names = m_tests.keys();
    names.sort();
    return QStringLiteral("there is no test '%1'%2").arg(name, didYouMean(name, names));
}

QStringList TemplateBuiltins::globals() const
{
    QStringList names = m_globals.keys();
    names.sort();
    return names;
}

} // namespace hubkeep
