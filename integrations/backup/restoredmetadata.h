// Whether modes, owners and times of change came back as they were.
//
// Blocking; any thread.

#pragma once

#include "integrations/backup/archive/manifest.h"

#include <QString>

struct stat;

namespace hubkeep::backup {

class RestoredMetadata
{
public:
    // What the file system of that folder keeps is tried out there.
    explicit RestoredMetadata(const QByteArray &folder);

    // What is another than it was, as a sentence; empty: nothing.
    QString difference(const ManifestEntry &entry, const struct stat &restored) const;

private:
    bool m_keepsModes = false;
    bool m_keepsTimes = false;
    bool m_keepsOwners = false;
};

} // namespace hubkeep::backup
