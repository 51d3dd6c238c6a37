// Counts how deep the parser is in itself; what is too deep is refused before the stack ends.

#pragma once

#include "automation/template/syntax/parser.h"

namespace hubkeep::templates {

class Parser::Nested
{
public:
    explicit Nested(Parser &parser)
        : m_parser(parser)
    {
        constexpr int deepest = 100;
        if (++m_parser.m_depth > deepest)
            m_parser.fail(
                QStringLiteral("the template is nested deeper than %1 times").arg(deepest));
    }
    Nested(const Nested &) = delete;
    Nested &operator=(const Nested &) = delete;
    ~Nested() { --m_parser.m_depth; }

private:
    Parser &m_parser;
};

} // namespace hubkeep::templates
