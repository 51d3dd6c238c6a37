// A YAML text by lines: where something is in it, for people and for what yaml-cpp overlooks.
//
// Only for yamlparser.cpp.

#pragma once

#include "automation/core/value.h"

#include <QByteArray>

#include <vector>
#include <yaml-cpp/mark.h>

namespace hubkeep {

class YamlSource
{
public:
    YamlSource(const QByteArray &text, const QString &file);

    // yaml-cpp counts bytes, people count characters.
    Place place(const YAML::Mark &mark) const;
    QByteArray line(int number) const; // from 0
    bool isIndentedWithTab(int number) const;

    // Whether the quoted text at mark ends: yaml-cpp takes the end of the file for its end.
    bool isQuoteClosed(const YAML::Mark &mark) const;

private:
    qsizetype offset(const YAML::Mark &mark) const;
    qsizetype skipProperties(qsizetype from) const; // tags, anchors, comments

    const QByteArray m_text;
    const QString m_file;
    std::vector<qsizetype> m_lines;
    // The place before, because most are asked for from left to right and lines can be long.
    mutable qsizetype m_counted = -1;
    mutable int m_column = 1;
};

} // namespace hubkeep
