// Jinja2's template language with Home Assistant's functions: parsed once, rendered often.
//
//     Result<Template> ready = Template::parse("{{ states('sensor.x') | int(0) > 4 }}");
//     TemplateReads reads;
//     Result<TemplateValue> value = ready->render({ &hub.states(), &clock, zone, &names }, &reads);
//
// Bounded: nesting when parsing; steps, output, recursion, ranges and repeated texts when
// rendering (TemplateLimits), so that a hostile template ends in an error. It reaches nothing but
// its scope: no files, no environment, no network, no other names.
//
// An error's message says "line 2, column 7: 'foo' is undefined". Where a template is one of many
// lines in a YAML file, TemplateProblem has the numbers.
//
// A Template is a plain value, cheap to copy, any thread; a rendering stays on its caller's.

#pragma once

#include "automation/template/templatedict.h"

#include <QHash>
#include <QSet>
#include <QTimeZone>

#include <functional>
#include <optional>

namespace hubkeep {

class Clock;
class StateStore;

// Where a template's names beyond the built-in ones come from.
class TemplateNames
{
public:
    virtual ~TemplateNames() = default;
    virtual const TemplateValue *find(const QString &name) const = 0; // null: there is none
};

// The plain kind.
class TemplateVariables final : public TemplateNames
{
public:
    TemplateVariables() = default;
    explicit TemplateVariables(const QHash<QString, TemplateValue> &values);
    void set(const QString &name, TemplateValue value) { m_values.insert(name, std::move(value)); }
    QHash<QString, TemplateValue> values() const;
    const TemplateValue *find(const QString &name) const override { return m_values.find(name); }

private:
    TemplateDict m_values; // which finds one of few without a hash
};

struct TemplateLimits
{
    int steps = 1'000'000; // evaluated nodes and iterations
    qsizetype output = 256 * 1024; // characters of a text, also of one that is not printed
    int recursion = 100; // macros, recursive loops, includes of values in themselves
    qsizetype items = 100'000; // of a range or list
    std::chrono::milliseconds time { 150 }; // by the processor's clock
};

// What a rendering can see. Everything is borrowed for its length.
struct TemplateScope
{
    const StateStore *states = nullptr; // null: there are no entities
    const Clock *clock = nullptr; // null: the system's
    QTimeZone zone = QTimeZone::utc(); // of now(), and of times without one
    const TemplateNames *names = nullptr; // null: the built-in ones only
    bool strict = false; // an undefined name is an error wherever it is used
    bool limited = false; // trigger_variables: no states
    TemplateLimits limits {};
};

// What a rendering looked at: only a change of these can change its result.
struct TemplateReads
{
    QSet<QString> entities;
    QSet<QString> domains; // iterated over: entities that come and go count
    bool all = false; // iterated over every state
    bool time = false; // now(), utcnow(), time_since(), …: changes by itself
    void unite(const TemplateReads &other);
};

struct TemplateProblem
{
    int line = 0; // within the template, from 1
    int column = 0; // in characters, from 1
    QString message;
};

class Template
{
public:
    // InvalidArgument with the place. Where problem is given, it gets the same apart.
    static Result<Template> parse(const QString &source, TemplateProblem *problem = nullptr);
    // Whether text has any of {{ {% {#: if not it is a plain text.
    static bool isTemplate(const QString &text);

    // The text.
    Result<QString> renderText(const TemplateScope &scope, TemplateReads *reads = nullptr,
        TemplateProblem *problem = nullptr) const;
    // The text's value, typed as Home Assistant does: what reads like a number, list, dict,
    // boolean or None is one.
    Result<TemplateValue> render(const TemplateScope &scope, TemplateReads *reads = nullptr,
        TemplateProblem *problem = nullptr) const;

    const QString &source() const;

private:
    struct Parsed;
    explicit Template(std::shared_ptr<const Parsed> parsed);
    std::shared_ptr<const Parsed> m_parsed;
};

// As Home Assistant takes the result of a template where it wants a yes or no: true, "true",
// "yes", "on", "enable", "1", and numbers but 0.
bool isTrueResult(const TemplateValue &value);

} // namespace hubkeep
