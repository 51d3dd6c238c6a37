// How entries of a backup, and what is wrong with them, look in JSON: the command line's and
// the API's.

#pragma once

#include "integrations/backup/archive/manifest.h"

#include <QJsonObject>

namespace hubkeep {

// Adds "path" and, for names that are no text, "path_base64".
void insertPath(QJsonObject &object, const QByteArray &path);

// {"path", "message"}
QJsonObject problemJson(const QByteArray &path, const QString &message);

// {"path", "type", "mode", "uid", "gid", "modified", …}
QJsonObject entryJson(const backup::ManifestEntry &entry);

} // namespace hubkeep
