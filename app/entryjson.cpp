#include "app/entryjson.h"

#include "integrations/backup/backupinfo.h"

#include <QDateTime>

namespace hubkeep {

using namespace hubkeep::backup;

void insertPath(QJsonObject &object, const QByteArray &path)
{
    object.insert(QStringLiteral("path"), QString::fromUtf8(path));
    if (!path.isValidUtf8())
        object.insert(QStringLiteral("path_base64"), QString::fromLatin1(path.toBase64()));
}

QJsonObject problemJson(const QByteArray &path, const QString &message)
{
    QJsonObject object { { QStringLiteral("message"), message } };
    insertPath(object, path);
    return object;
}

QJsonObject entryJson(const ManifestEntry &entry)
{
    QJsonObject object { { QStringLiteral("type"), QLatin1String(typeName(entry.type)) },
        { QStringLiteral("mode"), QString::number(entry.mode & 07777, 8) },
        { QStringLiteral("uid"), qint64(entry.uid) }, { QStringLiteral("gid"), qint64(entry.gid) },
        { QStringLiteral("modified"),
            toRfc3339(QDateTime::fromSecsSinceEpoch(entry.stamp.modified.seconds, Qt::UTC)
                          .addMSecs(entry.stamp.modified.nanoseconds / 1'000'000)) } };
    insertPath(object, entry.name);
    if (entry.type != EntryType::Directory) {
        object.insert(QStringLiteral("size"), entry.size);
        object.insert(QStringLiteral("stored"), entry.stored);
        object.insert(QStringLiteral("sha256"), QString::fromLatin1(toHex(entry.digest)));
    }
    if (!entry.hardLinkTo.isEmpty())
        object.insert(QStringLiteral("hard_link"), QString::fromUtf8(entry.hardLinkTo));
    if (entry.torn)
        object.insert(QStringLiteral("torn"), true);
    if (entry.database) {
        object.insert(QStringLiteral("database"), true);
        if (!entry.database->damage.isEmpty())
            object.insert(QStringLiteral("damage"), QString::fromUtf8(entry.database->damage));
    }
    return object;
}

} // namespace hubkeep
