// Which entries a restore is about, and where below its target they go.
//
// Plain value; any thread may ask. Neither info nor request may go before it.

#pragma once

#include "integrations/backup/restorejob.h"

#include <QSet>

namespace hubkeep::backup {

class RestoreSelection
{
public:
    RestoreSelection(const BackupInfo &info, const RestoreRequest &request);

    // NotFound: a source that the backup does not have. InvalidArgument: what can't be done
    // together.
    Result<void> check() const;

    bool isSelected(const ManifestEntry &entry) const;
    bool isSelected(const SourceInfo &source) const;

    // In place, the command that an entry's source has for its file; null where there is none.
    const QStringList *commandFor(const ManifestEntry &entry) const;
    bool hasCommand(const SourceInfo &source) const;

    // The folder in the zip that a source's entries lie in: "sources/shop", "hub/data".
    static QByteArray sourceFolder(const QByteArray &name);
    // The name below that folder; empty for the folder itself.
    static QByteArray belowSource(const QByteArray &name);
    // The path below a target that takes all sources: "shop/a.txt", "hub/data/state.db".
    static QByteArray belowTarget(const QByteArray &name);

private:
    const BackupInfo &m_info;
    const RestoreRequest &m_request;
    QSet<QByteArray> m_folders; // of the sources that were named
    QMap<QByteArray, QStringList> m_commands; // by folder in the zip
};

} // namespace hubkeep::backup
