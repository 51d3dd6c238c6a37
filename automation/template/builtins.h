// How filters, tests and functions are declared and called.
//
//     TemplateValue center(const TemplateCall &call) // value, width=80
//     {
//         qint64 width = 80;
//         if (!call.read(1, width))
//             return {}; // the call has failed and said so: "center: width is the str 'x', …"
//         …
//         return text;
//     }
//
//     constexpr TemplateBuiltin filters[] = {
//         { "center", center, "value width?" },
//     };
//     void declareStringFilters(TemplateBuiltins &builtins) { builtins.addFilters(filters); }
//
// A signature is the parameters' names, in order, divided by spaces. "name?" may be left out, "*"
// takes further positional arguments, "**" further named ones. A filter's and a test's first
// parameter is what stands before it. Errors: return call.fail("sentence").
//
// The declared ones never change after the first use; any thread.

#pragma once

#include "automation/template/rendering.h"
#include "automation/template/templateobject.h"

#include <QHash>
#include <QStringList>

#include <span>

namespace hubkeep {

class TemplateCall;
using TemplateNative = TemplateValue (*)(const TemplateCall &call);

struct TemplateBuiltin
{
    const char *name;
    TemplateNative function;
    const char *signature;
};

struct TemplateFunction
{
    QString name;
    TemplateNative native = nullptr;
    std::vector<QString> parameters {};
    qsizetype required = 0; // so many of the parameters
    bool takesRest = false;
    bool takesNamed = false;
};

// Reads the signature.
std::shared_ptr<const TemplateFunction> declaredFunction(const TemplateBuiltin &builtin);

// The arguments of one call, by parameter.
class TemplateCall
{
public:
    // arguments has one for each parameter, missing() where it was not given.
    TemplateCall(TemplateRendering &rendering, const TemplateFunction &function,
        TemplatePositional arguments, TemplatePositional rest = {}, TemplateKeywords named = {})
        : m_rendering(rendering)
        , m_function(function)
        , m_arguments(arguments)
        , m_rest(rest)
        , m_named(named)
    {
    }

    TemplateRendering &rendering() const { return m_rendering; }
    const QString &name() const { return m_function.name; }
    // Whether that argument was given.
    bool has(size_t index) const { return !m_arguments[index].isMissing(); }
    const TemplateValue &operator[](size_t index) const { return m_arguments[index]; }
    const TemplateValue &value() const { return m_arguments[0]; }
    TemplatePositional rest() const { return m_rest; }
    TemplateKeywords named() const { return m_named; }

    // "name: sentence". Returns undefined.
    TemplateValue fail(const QString &sentence) const;

    // The argument where it was given, else target stays; false where it is of another kind, and
    // the call has failed. A boolean is taken for an integer, an integer for a number, as in
    // Python; a flag is whatever Python takes for true.
    bool read(size_t index, qint64 &target) const;
    bool read(size_t index, double &target) const;
    bool read(size_t index, QString &target) const; // a string only
    bool readFlag(size_t index, bool &target) const;

private:
    bool wrongKind(size_t index, const char *wanted) const;

    TemplateRendering &m_rendering;
    const TemplateFunction &m_function;
    TemplatePositional m_arguments;
    TemplatePositional m_rest;
    TemplateKeywords m_named;
};

// Sorts the arguments to their parameters and calls. Fails with a sentence where they do not fit.
TemplateValue callNative(TemplateRendering &rendering, const TemplateFunction &function,
    TemplatePositional positional, TemplateKeywords named = {});

// All there are, by name.
class TemplateBuiltins
{
public:
    static const TemplateBuiltins &all();

    void addFilters(std::span<const TemplateBuiltin> filters);
    void addTests(std::span<const TemplateBuiltin> tests);
    void addFunctions(std::span<const TemplateBuiltin> functions);
    void addGlobal(const QString &name, TemplateValue value); // pi, states

    // nullptr: there is none. Both live for ever.
    const TemplateFunction *filter(const QString &name) const;
    const TemplateFunction *test(const QString &name) const;
    const TemplateValue *global(const QString &name) const;

    // For a name that is not there: the sentence, with what may have been meant.
    QString noFilter(const QString &name) const;
    QString noTest(const QString &name) const;
    QStringList globals() const;

private:
    using Functions = QHash<QString, std::shared_ptr<const TemplateFunction>>;
    Functions m_filters;
    Functions m_tests;
    QHash<QString, TemplateValue> m_globals;
};

} // namespace hubkeep
