#include "integrations/backup/archive/agearmour.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace hubkeep::backup {
namespace {

constexpr char beginLine[] = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr char endLine[] = "-----END AGE ENCRYPTED FILE-----";
constexpr qsizetype columns = 64;
constexpr qsizetype bytesPerLine = 48;
constexpr qsizetype mostWhiteSpace = 1024;

Error malformed(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("Its armour is malformed: %1").arg(QLatin1String(what)) };
}

} // namespace

bool looksArmoured(const QByteArray &begin)
{
    return begin.trimmed().startsWith("-----BEGIN");
}

Result<qsizetype> ArmourReader::read(std::span<char> buffer)
{
    qsizetype done = 0;
    const Result<void> begun = m_begun ? Result<void>() : begin();
    if (!begun)
        return begun.error();
    while (done < qsizetype(buffer.size())) {
        while (m_decoded.isEmpty() && !m_ended) {
            const Result<void> next = nextLine();
            if (!next)
                return next.error();
        }
        if (m_decoded.isEmpty())
            break;
        const qsizetype count = std::min(m_decoded.size(), qsizetype(buffer.size()) - done);
        std::memcpy(buffer.data() + done, m_decoded.constData(), size_t(count));
        m_decoded.remove(0, count);
        done += count;
    }
    return done;
}

Result<QByteArray> ArmourReader::line()
{
    const Result<std::optional<BufferedInput::Line>> line = m_from.line(mostWhiteSpace);
    if (!line)
        return line.error();
    if (!*line)
        return malformed("a line is too long");
    QByteArray text = (*line)->text;
    if (text.isEmpty() && !(*line)->ended)
        return malformed("it was cut off");
    if ((*line)->ended && text.endsWith('\r'))
        text.chop(1);
    return text;
}

Result<void> ArmourReader::begin()
{
    m_begun = true;
    for (qsizetype skipped = 0; skipped <= mostWhiteSpace;) {
        const Result<QByteArray> text = line();
        if (!text)
            return text.error();
        if (*text == beginLine)
            return {};
        if (!text->trimmed().isEmpty())
            return malformed("it does not begin with the line that age writes");
        skipped += text->size() + 1;
    }
    return malformed("it begins with too much white space");
}

Result<void> ArmourReader::nextLine()
{
    const Result<QByteArray> text = line();
    if (!text)
        return text.error();
    if (*text == endLine)
        return end();
    if (m_isLast)
        return malformed("something follows its last line");
    if (text->isEmpty() || text->size() > columns)
        return malformed("a line is empty or too long");
    const auto decoded
        = QByteArray::fromBase64Encoding(*text, QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.toBase64() != *text)
        return malformed("a line is not canonical base64");
    m_decoded = decoded.decoded;
    m_isLast = m_decoded.size() < bytesPerLine;
    return {};
}

Result<void> ArmourReader::end()
{
    m_ended = true;
    std::array<char, size_t(mostWhiteSpace)> rest;
    const Result<qsizetype> read = m_from.read(rest);
    if (!read)
        return read.error();
    if (*read == mostWhiteSpace || !QByteArray(rest.data(), *read).trimmed().isEmpty())
        return malformed("something follows it");
    return {};
}

QByteArray armoured(const QByteArray &bytes)
{
    QByteArray text = QByteArray(beginLine) + '\n';
    for (qsizetype at = 0; at < bytes.size(); at += bytesPerLine)
        text += bytes.mid(at, bytesPerLine).toBase64() + '\n';
    return text + endLine + '\n';
}

} // namespace hubkeep::backup
