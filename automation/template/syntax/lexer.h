// A template's source as tokens, as Jinja2 cuts it: text, and what is within {{ }} and {% %}.
//
// Functions of plain values; any thread.

#pragma once

#include "automation/template/template.h"

#include <QString>

#include <vector>

namespace hubkeep::templates {

struct Token
{
    enum class Type {
        Text, // outside; never empty
        VariableBegin,
        VariableEnd,
        BlockBegin,
        BlockEnd,
        Name,
        String,
        Integer,
        Float,
        Operator,
        End,
    };
    Type type = Type::End;
    qsizetype offset = 0; // into the source, newlines already made one character each
    QString text {}; // what it says; of a string what it means
    qint64 integer = 0;
    double number = 0;

    bool is(const char16_t *operation) const { return type == Type::Operator && text == operation; }
    bool isName(const char16_t *name) const { return type == Type::Name && text == name; }
    QString describe() const; // "'endif'", "the end of the template"
};

struct Problem
{
    qsizetype offset = -1;
    QString message {};
};

// The source with "\n" alone as end of line, and without the last one.
QString normalized(const QString &source);

// False, and the problem, where it cannot be cut.
bool tokenize(const QString &source, std::vector<Token> &tokens, Problem &problem);

} // namespace hubkeep::templates
