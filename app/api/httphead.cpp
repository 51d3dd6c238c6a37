#include "app/api/httphead.h"

#include <limits>

namespace hubkeep::api {

namespace {

HttpError badRequest(const QString &message)
{
    return { 400, "bad_request", message };
}

HttpError headTooLarge(const HeadLimits &limits)
{
    return { 431, "head_too_large",
        QStringLiteral("The head of the request is larger than %1 bytes").arg(limits.size) };
}

bool isTokenCharacter(char c)
{
    static constexpr QByteArrayView others("!#$%&'*+-.^_`|~");
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || others.contains(c);
}

bool isToken(QByteArrayView text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isFieldCharacter(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

// The next line without its CRLF, taken off bytes.
QByteArrayView takeLine(QByteArrayView &bytes)
{
    const qsizetype end = bytes.indexOf("\r\n");
    const QByteArrayView line = bytes.first(end);
    bytes = bytes.sliced(end + 2);
    return line;
}

std::optional<HttpError> parseRequestLine(
    QByteArrayView line, const HeadLimits &limits, HttpHead &head)
{
    const qsizetype afterMethod = line.indexOf(' ');
    const qsizetype afterTarget = line.lastIndexOf(' ');
    if (afterMethod <= 0 || afterTarget <= afterMethod)
        return badRequest(QStringLiteral("The first line of the request is not an HTTP/1.1 one"));
    const QByteArrayView method = line.first(afterMethod);
    const QByteArrayView target = line.sliced(afterMethod + 1, afterTarget - afterMethod - 1);
    const QByteArrayView version = line.sliced(afterTarget + 1);
    if (!isToken(method))
        return badRequest(QStringLiteral("The method of the request has other characters than "
                                         "letters"));
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        if (version.size() == 8 && version.startsWith("HTTP/"))
            return HttpError { 505, "http_version",
                QStringLiteral("Only HTTP/1.1 and HTTP/1.0 are spoken here") };
        return badRequest(QStringLiteral("The first line of the request is not an HTTP/1.1 one"));
    }
    if (target.size() > limits.target)
        return HttpError { 414, "target_too_long",
            QStringLiteral("The path and query of the request are longer than %1 bytes")
                .arg(limits.target) };
    const bool clean = std::all_of(
        target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (!target.startsWith('/') || !clean)
        return badRequest(QStringLiteral("The path of the request has to begin with / and to be "
                                         "percent-encoded"));
    head.method = method.toByteArray();
    head.target = target.toByteArray();
    head.minorVersion = version.back() - '0';
    const qsizetype question = head.target.indexOf('?');
    head.path = question < 0 ? head.target : head.target.left(question);
    head.query = question < 0 ? QByteArray() : head.target.mid(question + 1);
    return std::nullopt;
}

// Where a second value would change what the request is, there may be one only.
bool mayRepeat(const QByteArray &name)
{
    static constexpr const char *single[] = { "host", "content-length", "transfer-encoding",
        "authorization", "content-type", "range", "if-range", "if-match", "expect", "upgrade" };
    return std::none_of(
        std::begin(single), std::end(single), [&name](const char *one) { return name == one; });
}

std::optional<HttpError> parseField(QByteArrayView line, HttpHead &head)
{
    if (line.startsWith(' ') || line.startsWith('\t'))
        return badRequest(QStringLiteral("A header is folded over several lines"));
    const qsizetype colon = line.indexOf(':');
    if (colon < 0 || !isToken(line.first(colon)))
        return badRequest(QStringLiteral("A header has no name that HTTP permits"));
    const QByteArray name = line.first(colon).toByteArray().toLower();
    const QByteArrayView value = line.sliced(colon + 1).trimmed();
    if (!std::all_of(value.begin(), value.end(), isFieldCharacter))
        return badRequest(QStringLiteral("The header %1 holds control characters")
                              .arg(QString::fromLatin1(name)));
    const auto found = head.headers.find(name);
    if (found == head.headers.end())
        head.headers.insert(name, value.toByteArray());
    else if (mayRepeat(name))
        *found += (name == "cookie" ? "; " : ", ") + value.toByteArray();
    else
        return badRequest(
            QStringLiteral("The header %1 is there twice").arg(QString::fromLatin1(name)));
    return std::nullopt;
}

bool listContains(const QByteArray &list, const char *word)
{
    const QList<QByteArray> words = list.toLower().split(',');
    return std::any_of(words.begin(), words.end(),
        [word](const QByteArray &one) { return one.trimmed() == word; });
}

std::optional<HttpError> readFraming(HttpHead &head)
{
    const auto length = head.headers.constFind("content-length");
    const auto coding = head.headers.constFind("transfer-encoding");
    const bool hasLength = length != head.headers.constEnd();
    const bool hasCoding = coding != head.headers.constEnd();
    if (hasLength && hasCoding)
        return badRequest(
            QStringLiteral("Content-Length and Transfer-Encoding exclude each other"));
    if (hasLength) {
        head.contentLength = parseDigits(*length);
        if (!head.contentLength)
            return badRequest(QStringLiteral("Content-Length is not a number of bytes"));
    }
    if (hasCoding) {
        if (head.minorVersion == 0)
            return badRequest(QStringLiteral("HTTP/1.0 has no Transfer-Encoding"));
        if (coding->toLower() != "chunked")
            return HttpError { 501, "transfer_encoding",
                QStringLiteral("Of transfer encodings only chunked is understood here") };
        head.chunked = true;
    }
    return std::nullopt;
}

std::optional<HttpError> readConnection(HttpHead &head)
{
    const bool hasHost = head.headers.contains("host");
    if (!hasHost && head.minorVersion == 1)
        return badRequest(QStringLiteral("An HTTP/1.1 request needs the header Host"));
    const QByteArray connection = head.headers.value("connection");
    head.keepAlive
        = head.minorVersion == 1 && (connection.isEmpty() || !listContains(connection, "close"));
    if (const QByteArray expected = head.headers.value("expect"); !expected.isEmpty()) {
        if (expected.toLower() != "100-continue")
            return HttpError { 417, "expectation",
                QStringLiteral("Of expectations only 100-continue is understood here") };
        head.expectsContinue = head.minorVersion == 1;
    }
    head.webSocket = head.minorVersion == 1 && listContains(connection, "upgrade")
        && head.headers.value("upgrade").toLower() == "websocket";
    return std::nullopt;
}

} // namespace

std::optional<qint64> parseDigits(QByteArrayView text)
{
    if (text.empty())
        return std::nullopt;
    qint64 number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || number > (std::numeric_limits<qint64>::max() - 9) / 10)
            return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

// Looks at each byte once, however the head is cut up, and refuses what can no longer become
// one: nobody waits for the end of something that is not HTTP.
HeadScanner::Seen HeadScanner::scan(QByteArrayView bytes, const HeadLimits &limits)
{
    while (m_offset < bytes.size()) {
        const char c = bytes[m_offset];
        const bool afterReturn = m_offset > 0 && bytes[m_offset - 1] == '\r';
        if (afterReturn != (c == '\n'))
            return { 0, badRequest(QStringLiteral("A line of the head does not end in CR LF")) };
        if (c != '\r' && c != '\n' && !isFieldCharacter(c))
            return { 0, badRequest(QStringLiteral("The head holds control characters")) };
        ++m_offset;
        if (c == '\n') {
            m_targetEnded = true;
            if (m_offset >= 4 && bytes[m_offset - 3] == '\n')
                return m_offset > limits.size ? Seen { 0, headTooLarge(limits) }
                                              : Seen { m_offset, std::nullopt };
        }
    }
    if (m_offset > limits.size)
        return { 0, headTooLarge(limits) };
    if (!m_targetEnded && m_offset > limits.target + 64)
        return { 0,
            HttpError { 414, "target_too_long",
                QStringLiteral("The path and query of the request are longer than %1 bytes")
                    .arg(limits.target) } };
    return {};
}

std::variant<HttpHead, HttpError> parseHead(QByteArrayView bytes, const HeadLimits &limits)
{
    HttpHead head;
    if (const auto refusal = parseRequestLine(takeLine(bytes), limits, head))
        return *refusal;
    int count = 0;
    for (QByteArrayView line = takeLine(bytes); !line.empty(); line = takeLine(bytes)) {
        if (++count > limits.headers)
            return HttpError { 431, "too_many_headers",
                QStringLiteral("The request has more than %1 headers").arg(limits.headers) };
        if (const auto refusal = parseField(line, head))
            return *refusal;
    }
    if (const auto refusal = readFraming(head))
        return *refusal;
    if (const auto refusal = readConnection(head))
        return *refusal;
    return head;
}

} // namespace hubkeep::api
