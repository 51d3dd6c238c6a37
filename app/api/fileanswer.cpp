#include "app/api/fileanswer.h"

#include "app/api/httphead.h"

#include <QUrl>

namespace hubkeep::api {

namespace {

struct Range
{
    qint64 first = 0;
    qint64 last = 0;
};

// Nothing: no range that we serve, so the whole file is the answer. A range that lies outside
// has first > last.
std::optional<Range> parseRange(const QByteArray &header, qint64 size)
{
    if (!header.startsWith("bytes=") || header.contains(','))
        return std::nullopt;
    const QByteArray range = header.mid(6).trimmed();
    const qsizetype dash = range.indexOf('-');
    if (dash < 0)
        return std::nullopt;
    const QByteArray begin = range.left(dash);
    const std::optional<qint64> end = parseDigits(range.mid(dash + 1));
    if (!end && dash + 1 < range.size())
        return std::nullopt;
    if (begin.isEmpty()) { // the last n bytes
        if (!end)
            return std::nullopt;
        if (*end == 0 || size == 0)
            return Range { 1, 0 };
        return Range { std::max<qint64>(0, size - *end), size - 1 };
    }
    const std::optional<qint64> first = parseDigits(begin);
    if (!first || (end && *end < *first))
        return std::nullopt;
    if (*first >= size)
        return Range { 1, 0 };
    return Range { *first, end ? std::min(*end, size - 1) : size - 1 };
}

bool listsTag(const QByteArray &header, const QByteArray &quoted)
{
    if (header.trimmed() == "*")
        return true;
    for (QByteArray tag : header.split(',')) {
        tag = tag.trimmed();
        if (tag.startsWith("W/"))
            tag = tag.mid(2);
        if (tag == quoted)
            return true;
    }
    return false;
}

} // namespace

QByteArray contentDisposition(const QString &filename)
{
    QByteArray plain;
    bool exact = true;
    for (const QChar c : filename) {
        const char16_t unit = c.unicode();
        const bool fits = unit >= 0x20 && unit < 0x7f && unit != '"' && unit != '\\' && unit != '%'
            && unit != '/';
        plain.append(fits ? static_cast<char>(unit) : '_');
        exact = exact && fits;
    }
    QByteArray value = "attachment; filename=\"" + plain + '"';
    if (!exact)
        value += "; filename*=UTF-8''" + QUrl::toPercentEncoding(filename);
    return value;
}

FileAnswer answerForFile(const Request &request, const Responder::File &file, qint64 size)
{
    FileAnswer answer { 200, 0, size, {} };
    const QByteArray tag = file.etag.isEmpty() ? QByteArray() : '"' + file.etag + '"';
    if (!tag.isEmpty())
        answer.headers.emplaceBack("ETag", tag);
    const QByteArray known = request.header("if-none-match");
    if (!tag.isEmpty() && !known.isEmpty() && listsTag(known, tag))
        return { 304, 0, 0, answer.headers };

    const QByteArray asked = request.header("range");
    const QByteArray onlyIf = request.header("if-range"); // a date is never ours
    std::optional<Range> range;
    if (!asked.isEmpty() && (onlyIf.isEmpty() || (!tag.isEmpty() && onlyIf == tag)))
        range = parseRange(asked, size);
    const QByteArray all = '/' + QByteArray::number(size);
    if (range && range->first > range->last) {
        answer.status = 416;
        answer.headers.emplaceBack("Content-Range", "bytes *" + all);
        return answer;
    }
    answer.headers.emplaceBack("Content-Type", file.contentType);
    answer.headers.emplaceBack("Content-Disposition", contentDisposition(file.filename));
    answer.headers.emplaceBack("Accept-Ranges", "bytes");
    if (range) {
        answer.status = 206;
        answer.offset = range->first;
        answer.length = range->last - range->first + 1;
        answer.headers.emplaceBack("Content-Range",
            "bytes " + QByteArray::number(range->first) + '-' + QByteArray::number(range->last)
                + all);
    }
    return answer;
}

} // namespace hubkeep::api
