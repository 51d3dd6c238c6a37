// What filters share: Python's conversions, attribute paths, generators, texts by code points.
//
// For the files of this folder; on the rendering's thread.

#pragma once

#include "automation/template/builtins.h"
#include "automation/template/operations.h"

#include <functional>
#include <optional>
#include <utility>

namespace hubkeep::filters {

// float(value) and int(text, base): nothing where Python raises a ValueError or TypeError.
std::optional<double> pythonFloat(const TemplateValue &value);
std::optional<qint64> pythonInteger(QStringView text, int base = 10);

// float(value) in a call: an undefined value is an error whatever the default.
std::optional<double> numberOf(const TemplateCall &call, const TemplateValue &value);

// A number with a fraction or exponent of any size as an integer: nothing where it does not fit.
std::optional<qint64> integerOf(double number);

// Its digits with so many behind the point; exactly between two, to the even one.
QByteArray fixed(double number, int precision);

// What a conversion gives that did not work: the argument that is its default, or an error.
TemplateValue defaultOr(const TemplateCall &call, size_t defaultIndex, const TemplateValue &got);
TemplateValue noDefault(const TemplateCall &call, const TemplateValue &got);

// For a message: at most some fifty characters of it.
QString shortened(const TemplateValue &value);

// The argument as str() has it, undefined as nothing.
QString textOf(const TemplateCall &call, size_t index = 0);
// One that has to be a string, said otherwise.
bool wantString(const TemplateCall &call, size_t index = 0);

// 'a.b.0', 3 or none: how sort, map, groupby and others look into an item.
class AttributePath
{
public:
    AttributePath() = default; // the item itself
    explicit AttributePath(const TemplateValue &attribute);
    void setDefault(TemplateValue value) { m_default = std::move(value); }
    bool isIdentity() const { return m_parts.empty(); }

    TemplateValue of(TemplateRendering &rendering, const TemplateValue &item) const;
    // The same without copying where that can be; else in scratch.
    const TemplateValue &look(
        TemplateRendering &rendering, const TemplateValue &item, TemplateValue &scratch) const;

private:
    std::vector<TemplateValue> m_parts;
    std::optional<TemplateValue> m_default;
};

// A text in lower case, anything else as it is: what is compared where case does not count.
TemplateValue withoutCase(const TemplateValue &value);

// What Jinja2 makes with yield. produce gives false at the end.
using Produce = std::function<bool(TemplateRendering &rendering, TemplateValue &item)>;
TemplateValue generator(int depth, Produce produce);
// Where items need no copy: as TemplateIterator::look().
using Look
    = std::function<const TemplateValue *(TemplateRendering &rendering, TemplateValue &scratch)>;
TemplateValue lookingGenerator(int depth, Look look);

// Texts as Python counts them. Where a text has no character beyond the first 65,536 both are what
// QString says.
bool hasSurrogates(QStringView text);
qsizetype offsetOf(QStringView text, qsizetype character); // of the n-th character, at most the end
std::vector<QString> charactersOf(const QString &text);
QString titleCaseFirst(const QString &text); // the first character only

bool isPythonSpace(QChar character); // str.isspace()
QString strip(const QString &text); // str.strip()
QStringList splitLines(const QString &text); // str.splitlines()

// Whether Python could have it in a set: what is hashable, and what is undefined.
bool isSetItem(const TemplateValue &value);

// For what grows bit by bit: fails where it is larger than the limits allow, and counts nothing.
bool withinOutput(TemplateRendering &rendering, qsizetype characters);
bool withinItems(TemplateRendering &rendering, size_t items);

} // namespace hubkeep::filters
