#include "automation/core/yamlsource.h"

#include <algorithm>

namespace hubkeep {
namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace

YamlSource::YamlSource(const QByteArray &text, const QString &file)
    : m_text(text)
    , m_file(file)
{
    m_lines.push_back(0);
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '\n')
            m_lines.push_back(i + 1);
    }
}

qsizetype YamlSource::offset(const YAML::Mark &mark) const
{
    const size_t line = std::min(size_t(std::max(mark.line, 0)), m_lines.size() - 1);
    return std::min(m_lines[line] + std::max(mark.column, 0), m_text.size());
}

Place YamlSource::place(const YAML::Mark &mark) const
{
    const size_t line = std::min(size_t(std::max(mark.line, 0)), m_lines.size() - 1);
    const qsizetype end = offset(mark);
    if (m_counted < m_lines[line] || m_counted > end) { // another line, or going back
        m_counted = m_lines[line];
        m_column = 1;
    }
    for (; m_counted < end; ++m_counted)
        m_column += (uchar(m_text[m_counted]) & 0xc0) != 0x80; // bytes that begin a character
    return { m_file, int(line) + 1, m_column };
}

QByteArray YamlSource::line(int number) const
{
    if (number < 0 || size_t(number) >= m_lines.size())
        return {};
    const qsizetype begin = m_lines[size_t(number)];
    const qsizetype end = m_text.indexOf('\n', begin);
    return m_text.mid(begin, end < 0 ? -1 : end - begin);
}

bool YamlSource::isIndentedWithTab(int number) const
{
    for (const char c : line(number)) {
        if (c == '\t')
            return true;
        if (c != ' ')
            break;
    }
    return false;
}

qsizetype YamlSource::skipProperties(qsizetype from) const
{
    qsizetype i = from;
    while (i < m_text.size()) {
        if (m_text[i] == '!' || m_text[i] == '&') {
            while (i < m_text.size() && !isSpace(m_text[i]))
                ++i;
        } else if (m_text[i] == '#') {
            while (i < m_text.size() && m_text[i] != '\n')
                ++i;
        } else if (isSpace(m_text[i])) {
            ++i;
        } else {
            break;
        }
    }
    return i;
}

bool YamlSource::isQuoteClosed(const YAML::Mark &mark) const
{
    qsizetype i = skipProperties(offset(mark));
    if (i >= m_text.size() || (m_text[i] != '"' && m_text[i] != '\''))
        return true; // a block, or "! plain"
    const char quote = m_text[i];
    for (++i; i < m_text.size(); ++i) {
        if (quote == '"' && m_text[i] == '\\')
            ++i;
        else if (m_text[i] == quote)
            return true; // of two within single quotes, the second is as good
    }
    return false;
}

} // namespace hubkeep
