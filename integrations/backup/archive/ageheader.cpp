#include "integrations/backup/archive/ageheader.h"

#include <sodium.h>

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr qsizetype columns = 64;
constexpr qsizetype longestLine = 4096;
constexpr qint64 largestHeader = 1 << 20;
constexpr qsizetype codeSize = 32;

// A line of the header; one that does not end is none.
class HeaderLines
{
public:
    explicit HeaderLines(BufferedInput &input)
        : m_input(input)
    {
    }

    Result<QByteArray> next()
    {
        Result<std::optional<BufferedInput::Line>> line = m_input.line(longestLine);
        if (!line)
            return line.error();
        if (!*line)
            return malformedHeader("a line is too long");
        if (!(*line)->ended)
            return malformedHeader("it was cut off");
        m_size += (*line)->text.size() + 1;
        if (m_size > largestHeader)
            return malformedHeader("it is too long");
        return std::move((*line)->text);
    }
    qint64 size() const { return m_size; }

private:
    BufferedInput &m_input;
    qint64 m_size = 0;
};

Result<QList<QByteArray>> parseArguments(const QByteArray &line)
{
    if (!line.startsWith("-> "))
        return malformedHeader("a stanza does not begin with an arrow");
    const QList<QByteArray> arguments = line.mid(3).split(' ');
    for (const QByteArray &argument : arguments) {
        if (argument.isEmpty() || std::any_of(argument.begin(), argument.end(), [](char c) {
                return c < 0x21 || c > 0x7e;
            }))
            return malformedHeader("a stanza has an empty argument or an invalid character");
    }
    return arguments;
}

// Lines of 64 columns and a shorter one, which may be empty.
Result<QByteArray> readBody(HeaderLines &lines, QByteArray &authenticated)
{
    QByteArray body;
    for (;;) {
        const Result<QByteArray> line = lines.next();
        if (!line)
            return line;
        const std::optional<QByteArray> bytes
            = line->size() > columns ? std::nullopt : fromAgeBase64(*line);
        if (!bytes)
            return malformedHeader("a stanza's body is not canonical base64 of 64 columns");
        authenticated += *line + '\n';
        body += *bytes;
        if (line->size() < columns)
            return body;
    }
}

QByteArray codeOf(const QByteArray &authenticated, const AgeFileKey &key)
{
    const SecretBytes<32> derived = deriveKey(key, {}, "header");
    QByteArray code(codeSize, Qt::Uninitialized);
    crypto_auth_hmacsha256(reinterpret_cast<uint8_t *>(code.data()),
        reinterpret_cast<const uint8_t *>(authenticated.constData()), size_t(authenticated.size()),
        derived.data());
    return code;
}

} // namespace

Error malformedHeader(const char *what)
{
    return { ErrorCode::Corrupt,
        QStringLiteral("Its age header is malformed: %1").arg(QLatin1String(what)) };
}

QByteArray toAgeBase64(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::OmitTrailingEquals);
}

std::optional<QByteArray> fromAgeBase64(const QByteArray &text)
{
    const auto decoded
        = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || toAgeBase64(decoded.decoded) != text)
        return {};
    return decoded.decoded;
}

SecretBytes<32> deriveKey(
    std::span<const uint8_t> secret, const QByteArray &salt, const char *purpose)
{
    SecretBytes<32> extracted;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(
        &state, reinterpret_cast<const uint8_t *>(salt.constData()), size_t(salt.size()));
    crypto_auth_hmacsha256_update(&state, secret.data(), secret.size());
    crypto_auth_hmacsha256_final(&state, extracted.data());
    const uint8_t counter = 1; // of blocks of 32 bytes: one is all that is wanted
    SecretBytes<32> key;
    crypto_auth_hmacsha256_init(&state, extracted.data(), extracted.size());
    crypto_auth_hmacsha256_update(
        &state, reinterpret_cast<const uint8_t *>(purpose), qstrlen(purpose));
    crypto_auth_hmacsha256_update(&state, &counter, 1);
    crypto_auth_hmacsha256_final(&state, key.data());
    wipe(&state, sizeof state);
    return key;
}

Result<AgeHeader> readAgeHeader(BufferedInput &input)
{
    HeaderLines lines(input);
    AgeHeader header;
    Result<QByteArray> line = lines.next();
    if (!line)
        return line.error();
    if (*line != ageVersionLine)
        return malformedHeader(line->startsWith("age-encryption.org/")
                ? "it is of another version of age's format"
                : "it does not begin as age files do");
    header.authenticated = *line + '\n';
    for (;;) {
        line = lines.next();
        if (!line)
            return line.error();
        if (line->startsWith("---"))
            break;
        Result<QList<QByteArray>> arguments = parseArguments(*line);
        if (!arguments)
            return arguments.error();
        header.authenticated += *line + '\n';
        Result<QByteArray> body = readBody(lines, header.authenticated);
        if (!body)
            return body.error();
        header.stanzas.append({ std::move(*arguments), std::move(*body) });
    }
    const std::optional<QByteArray> code = fromAgeBase64(line->mid(4));
    if (!line->startsWith("--- ") || !code || code->size() != codeSize)
        return malformedHeader("its authentication code is not there, or not canonical");
    if (header.stanzas.isEmpty())
        return malformedHeader("nobody may open it");
    header.authenticated += "---";
    header.code = *code;
    header.size = lines.size();
    return header;
}

QByteArray writeAgeHeader(const QList<AgeStanza> &stanzas, const AgeFileKey &key)
{
    QByteArray header = QByteArray(ageVersionLine) + '\n';
    for (const AgeStanza &stanza : stanzas) {
        header += "-> " + stanza.arguments.join(' ') + '\n';
        const QByteArray body = toAgeBase64(stanza.body);
        for (qsizetype at = 0; at <= body.size(); at += columns)
            header += body.mid(at, columns) + '\n';
    }
    header += "---";
    return header + ' ' + toAgeBase64(codeOf(header, key)) + '\n';
}

Result<void> authenticate(const AgeHeader &header, const AgeFileKey &key)
{
    const QByteArray code = codeOf(header.authenticated, key);
    if (header.code.size() != code.size()
        || sodium_memcmp(header.code.constData(), code.constData(), size_t(code.size())) != 0)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("Its age header was changed: its authentication code is wrong") };
    return {};
}

} // namespace hubkeep::backup
