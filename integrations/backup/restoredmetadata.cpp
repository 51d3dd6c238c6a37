#include "integrations/backup/restoredmetadata.h"

#include "automation/core/filedescriptor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr mode_t permissions = 07777;
constexpr mode_t setIds = 06000;

// File systems round down: to 100 ns (NTFS), microseconds, 10 ms (exFAT), whole seconds, two of
// them (FAT).
bool isSameTime(const Timestamp &wanted, const struct timespec &is)
{
    if (is.tv_sec == wanted.seconds && is.tv_nsec == wanted.nanoseconds)
        return true;
    for (const qint64 step : { 100LL, 1'000LL, 1'000'000LL, 10'000'000LL, 1'000'000'000LL }) {
        if (is.tv_sec == wanted.seconds
            && is.tv_nsec == wanted.nanoseconds - wanted.nanoseconds % step)
            return true;
    }
    return is.tv_nsec == 0 && is.tv_sec == wanted.seconds - (wanted.seconds & 1);
}

// What ext4 and others can say; what is out of it is moved to an end of it.
bool isCommonTime(const Timestamp &time)
{
    constexpr qint64 first = -2'147'483'648LL; // 1901
    constexpr qint64 last = 4'294'967'295LL; // 2106
    return time.seconds >= first && time.seconds <= last;
}

// Bits that a restore leaves off, or that the kernel takes from those who are not in the group.
mode_t comparedBits(const ManifestEntry &entry)
{
    if (entry.type == EntryType::File)
        return permissions & ~setIds;
    return ::geteuid() == 0 ? permissions : permissions & ~mode_t(S_ISGID);
}

} // namespace

RestoredMetadata::RestoredMetadata(const QByteArray &folder)
{
    QByteArray path = folder + "/.hubkeep-drill-XXXXXX";
    const FileDescriptor probe(::mkostemp(path.data(), O_CLOEXEC));
    if (!probe.isOpen())
        return;
    struct stat is;
    const timespec times[2] = { { 1'000'000'001, 0 }, { 1'000'000'001, 0 } };
    m_keepsModes = true;
    for (const mode_t mode : { mode_t(0400), mode_t(0751) })
        m_keepsModes = m_keepsModes && ::fchmod(probe.get(), mode) == 0
            && ::fstat(probe.get(), &is) == 0 && (is.st_mode & permissions) == mode;
    m_keepsTimes = ::futimens(probe.get(), times) == 0 && ::fstat(probe.get(), &is) == 0
        && isSameTime({ 1'000'000'001, 0 }, is.st_mtim);
    m_keepsOwners = ::geteuid() == 0 && ::fchown(probe.get(), 1, 1) == 0
        && ::fstat(probe.get(), &is) == 0 && is.st_uid == 1 && is.st_gid == 1;
    ::unlink(path.constData());
}

QString RestoredMetadata::difference(const ManifestEntry &entry, const struct stat &restored) const
{
    const mode_t bits = comparedBits(entry);
    if (m_keepsModes && entry.type != EntryType::Symlink
        && (restored.st_mode & bits) != (entry.mode & bits))
        return QStringLiteral("Its mode is %1 and was %2")
            .arg(
                QString::number(restored.st_mode & bits, 8), QString::number(entry.mode & bits, 8));
    if (m_keepsOwners && (restored.st_uid != entry.uid || restored.st_gid != entry.gid))
        return QStringLiteral("It belongs to %1:%2 and belonged to %3:%4")
            .arg(restored.st_uid)
            .arg(restored.st_gid)
            .arg(entry.uid)
            .arg(entry.gid);
    if (m_keepsTimes && isCommonTime(entry.stamp.modified)
        && !isSameTime(entry.stamp.modified, restored.st_mtim))
        return QStringLiteral("Its time of change did not come back");
    return {};
}

} // namespace hubkeep::backup
