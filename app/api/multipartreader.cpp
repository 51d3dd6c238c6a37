#include "app/api/multipartreader.h"

#include <QList>

namespace hubkeep::api {

namespace {

constexpr qsizetype LargestHeaders = 8 * 1024;
constexpr qsizetype LongestPadding = 64;

// Whether a Content-Disposition names a file: `filename=` or `filename*=` outside of quotes.
bool namesFile(const QByteArray &header)
{
    bool quoted = false;
    for (qsizetype i = 0; i < header.size(); ++i) {
        if (quoted && header[i] == '\\')
            ++i;
        else if (header[i] == '"')
            quoted = !quoted;
        else if (!quoted && header[i] == ';') {
            const QByteArray rest = header.mid(i + 1).trimmed();
            if (rest.startsWith("filename=") || rest.startsWith("filename*="))
                return true;
        }
    }
    return false;
}

} // namespace

MultipartReader::MultipartReader(const QByteArray &boundary)
    : m_delimiter("\r\n--" + boundary)
{
}

std::optional<QByteArray> MultipartReader::boundaryOf(const QByteArray &contentType)
{
    const qsizetype at = contentType.toLower().indexOf("boundary=");
    if (at < 0)
        return std::nullopt;
    QByteArray boundary = contentType.mid(at + 9);
    if (boundary.startsWith('"')) {
        const qsizetype end = boundary.indexOf('"', 1);
        if (end < 0)
            return std::nullopt;
        boundary = boundary.mid(1, end - 1);
    } else {
        boundary = boundary.split(';').first().trimmed();
    }
    if (boundary.isEmpty() || boundary.size() > 70)
        return std::nullopt;
    return boundary;
}

bool MultipartReader::feed(QByteArrayView bytes, const Write &write)
{
    if (m_state == State::End)
        return true; // an epilogue means nothing
    m_held.append(bytes);
    bool more = true;
    while (more && !m_failed) {
        switch (m_state) {
        case State::Content:
            more = readContent(write);
            break;
        case State::AfterBoundary:
            more = readAfterBoundary(write);
            break;
        case State::Headers:
            more = readHeaders();
            break;
        case State::End:
            m_held.clear();
            more = false;
        }
    }
    return !m_failed;
}

bool MultipartReader::readContent(const Write &write)
{
    const qsizetype found = m_held.indexOf(m_delimiter);
    const qsizetype sure
        = found >= 0 ? found : std::max<qsizetype>(0, m_held.size() - m_delimiter.size() + 1);
    if (m_inFile && sure > 0)
        write(QByteArrayView(m_held).first(sure));
    m_held.remove(0, sure);
    if (found < 0)
        return false;
    m_state = State::AfterBoundary;
    return true;
}

// Behind a boundary comes "--", or white space and the end of the line; with anything else it
// was content that only began like one.
bool MultipartReader::readAfterBoundary(const Write &write)
{
    const QByteArrayView rest = QByteArrayView(m_held).sliced(m_delimiter.size());
    if (rest.startsWith("--")) {
        m_state = State::End;
        m_inFile = false;
        return true;
    }
    qsizetype end = 0;
    while (end < rest.size() && end < LongestPadding && (rest[end] == ' ' || rest[end] == '\t'))
        ++end;
    const QByteArrayView line = rest.sliced(end);
    if (line.startsWith("\r\n")) {
        m_held.remove(0, m_delimiter.size() + end); // its CRLF begins the headers
        m_state = State::Headers;
        m_inFile = false;
        return true;
    }
    if (rest.empty() || rest == "-" || line.empty() || line == "\r")
        return false;
    if (m_inFile)
        write(QByteArrayView(m_held).first(1));
    m_held.remove(0, 1);
    m_state = State::Content;
    return true;
}

bool MultipartReader::readHeaders()
{
    const qsizetype end = m_held.indexOf("\r\n\r\n");
    if (end < 0 || end > LargestHeaders) {
        m_failed = m_held.size() > LargestHeaders;
        return false;
    }
    for (const QByteArray &line : m_held.left(end).split('\n')) {
        const QByteArray header = line.trimmed();
        if (header.toLower().startsWith("content-disposition:") && !m_sawFile
            && namesFile(header.toLower())) {
            m_sawFile = true;
            m_inFile = true;
        }
    }
    m_held.remove(0, end + 4);
    m_state = State::Content;
    return true;
}

} // namespace hubkeep::api
