#include "integrations/backup/archive/manifest.h"

#include "automation/core/filedescriptor.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <sys/stat.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype longestPath = 4095;
constexpr qsizetype longestPart = 255;

QByteArray firstPart(const QByteArray &text, qsizetype from)
{
    const qsizetype slash = text.indexOf('/', from);
    return text.mid(from, slash < 0 ? -1 : slash - from);
}

} // namespace

FileStamp fileStamp(const struct stat &s)
{
    return { qint64(s.st_size), { s.st_mtim.tv_sec, s.st_mtim.tv_nsec },
        { s.st_ctim.tv_sec, s.st_ctim.tv_nsec }, quint64(s.st_ino), quint64(s.st_dev) };
}

qint64 ManifestEntry::attributeBytes() const
{
    constexpr qint64 eachTakes = 128; // the two arrays' own headers
    qint64 bytes = 0;
    for (const ExtendedAttribute &attribute : attributes)
        bytes += attribute.name.size() + attribute.value.size() + eachTakes;
    return bytes;
}

ChunkRecord ManifestEntry::onlyChunk() const
{
    return { quint32(chunkBytes()), crc32, storedCrc32, digest };
}

std::strong_ordering comparePaths(const QByteArray &a, const QByteArray &b)
{
    const qsizetype common = std::min(a.size(), b.size());
    for (qsizetype i = 0; i < common; ++i) {
        if (a[i] == b[i])
            continue;
        // '/' sorts before every other byte: the end of a part is the smallest thing.
        const int left = a[i] == '/' ? -1 : int(quint8(a[i]));
        const int right = b[i] == '/' ? -1 : int(quint8(b[i]));
        return left <=> right;
    }
    return a.size() <=> b.size();
}

QString problemWithName(const QByteArray &name)
{
    if (name.isEmpty())
        return QStringLiteral("the name is empty");
    if (name.startsWith('/'))
        return QStringLiteral("the name is absolute");
    if (name.contains('\0'))
        return QStringLiteral("the name contains a NUL");
    if (name.size() > longestPath)
        return QStringLiteral("the name is longer than 4095 bytes");
    for (qsizetype at = 0; at <= name.size();) {
        const QByteArray part = firstPart(name, at);
        if (part.isEmpty() || part == "." || part == "..")
            return QStringLiteral("the name contains an empty part, \".\" or \"..\"");
        if (part.size() > longestPart)
            return QStringLiteral("a part of the name is longer than 255 bytes");
        at += part.size() + 1;
    }
    return {};
}

QByteArray toJsonLine(const Warning &warning)
{
    const QString shown = displayName(warning.path);
    QJsonObject object { { QStringLiteral("path"), shown },
        { QStringLiteral("message"), warning.message } };
    if (shown.toUtf8() != warning.path)
        object.insert(QStringLiteral("path_base64"), QString::fromLatin1(warning.path.toBase64()));
    if (warning.unreadable)
        object.insert(QStringLiteral("unreadable"), true);
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

Result<Warning> parseWarningLine(const QByteArray &line)
{
    const QJsonDocument document = QJsonDocument::fromJson(line);
    if (!document.isObject())
        return Error { ErrorCode::Corrupt, QStringLiteral("A warning in it is not JSON") };
    const QJsonObject object = document.object();
    const QJsonValue exact = object.value(QLatin1String("path_base64"));
    if (!object.value(QLatin1String("message")).isString())
        return Error { ErrorCode::Corrupt, QStringLiteral("A warning in it has no message") };
    return Warning { exact.isString() ? QByteArray::fromBase64(exact.toString().toLatin1())
                                      : object.value(QLatin1String("path")).toString().toUtf8(),
        object.value(QLatin1String("message")).toString(),
        object.value(QLatin1String("unreadable")).toBool() };
}

} // namespace hubkeep::backup
