// A folder with everything in it, or one file.
//
// Walks in the manifest's order, holding each folder open while its items are read,
// and follows no link, not even one that replaces a folder during the walk. Left
// out, with a remark: sockets, FIFOs and devices, kernel file systems, folders
// where backups are written. Left out silently: what the globs exclude, and
// `.before-restore` copies.

#pragma once

#include "automation/core/glob.h"
#include "integrations/backup/backupsource.h"

namespace hubkeep::files {

struct FilesConfig
{
    QString name;
    QByteArray path; // absolute
    GlobList include; // empty: everything
    GlobList exclude;
};

class FilesSource final : public backup::BackupSource
{
public:
    explicit FilesSource(FilesConfig config)
        : m_config(std::move(config))
    {
    }

    QString name() const override { return m_config.name; }
    QString type() const override { return QStringLiteral("files"); }
    QByteArray path() const override { return m_config.path; }
    Result<std::unique_ptr<backup::SourceReader>> open(
        const backup::SourceContext &context) const override;

private:
    const FilesConfig m_config;
};

// Whether a name is one that restores leave behind: "x.before-restore",
// "x.before-restore.2", and the unfinished files of one that was killed.
bool isBeforeRestoreCopy(const QByteArray &leaf);

} // namespace hubkeep::files
