#include "integrations/backup/shrinkage.h"

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr qsizetype mostUsual = 7;

qint64 median(QList<qint64> numbers)
{
    std::sort(numbers.begin(), numbers.end());
    return numbers[numbers.size() / 2];
}

} // namespace

std::optional<Shrinkage> shrinkageOf(const QList<CatalogEntry> &backups, const QString &instanceId)
{
    const AgentBackup *newest = nullptr;
    QList<qint64> bytes;
    QList<qint64> files;
    for (const CatalogEntry &entry : backups) {
        const AgentBackup &backup = entry.backup;
        if (backup.kind != BackupKind::Archive || !backup.automatic
            || backup.instanceId != instanceId)
            continue;
        if (!newest) {
            newest = &backup;
            continue;
        }
        if (backup.sources != newest->sources || !backup.failedSources.isEmpty()
            || backup.includesHub != newest->includesHub)
            continue;
        bytes.append(backup.counts.bytes);
        files.append(backup.counts.files);
        if (bytes.size() == mostUsual)
            break;
    }
    if (!newest || bytes.isEmpty())
        return {};
    const Shrinkage shrinkage { newest->id, newest->counts, median(bytes), median(files) };
    if (!shrinkage.isInBytes() && shrinkage.now.files * 2 >= shrinkage.usualFiles)
        return {};
    return shrinkage;
}

} // namespace hubkeep::backup
