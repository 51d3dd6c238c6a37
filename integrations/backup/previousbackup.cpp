#include "integrations/backup/previousbackup.h"

namespace hubkeep::backup {
namespace {

// File systems keep times as coarsely as this (FAT: two seconds).
constexpr qint64 coarsestClockMilliseconds = 2000;

qint64 milliseconds(const Timestamp &time)
{
    return time.seconds * 1000 + time.nanoseconds / 1'000'000;
}

} // namespace

PreviousBackup::PreviousBackup(std::shared_ptr<const ArchiveReader> archive)
    : m_archive(std::move(archive))
    , m_entries(*m_archive)
{
}

std::optional<ArchiveEntry> PreviousBackup::find(const QByteArray &name)
{
    while (!m_ended && (!m_current || comparePaths(m_current->manifest.name, name) < 0)) {
        Result<std::optional<ArchiveEntry>> next = m_entries.next();
        if (!next)
            m_problem = next.error().message;
        m_ended = !next || !*next;
        m_current = m_ended ? std::nullopt : std::move(*next);
    }
    return m_current && m_current->manifest.name == name ? m_current : std::nullopt;
}

bool PreviousBackup::isSettled(const FileStamp &stamp) const
{
    const qint64 latest = milliseconds(std::max(stamp.modified, stamp.changed));
    return latest + coarsestClockMilliseconds < m_archive->info().created.toMSecsSinceEpoch();
}

bool PreviousBackup::isUnchanged(const ArchiveEntry &entry, const FileStamp &now) const
{
    // Device numbers change from boot to boot; inode, size and both times do not.
    FileStamp before = entry.manifest.stamp;
    before.device = now.device;
    return entry.manifest.isFile() && !entry.manifest.torn && before == now && isSettled(now);
}

} // namespace hubkeep::backup
