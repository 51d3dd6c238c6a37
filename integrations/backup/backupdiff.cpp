#include "integrations/backup/backupdiff.h"

#include <QStringList>

namespace hubkeep::backup {
namespace {

QStringList differences(const ManifestEntry &a, const ManifestEntry &b)
{
    QStringList reasons;
    const auto note = [&](bool differs, const char *reason) {
        if (differs)
            reasons.append(QLatin1String(reason));
    };
    note(a.type != b.type, "type");
    if (a.type == b.type && a.type != EntryType::Directory)
        note(a.size != b.size || a.digest != b.digest, a.isFile() ? "content" : "target");
    note(a.mode != b.mode && a.type == b.type, "mode");
    note(a.uid != b.uid || a.gid != b.gid, "owner");
    // A folder's time says only that something in it came or went.
    note(a.isFile() && b.isFile() && a.stamp.modified != b.stamp.modified, "time");
    note(a.attributes != b.attributes, "attributes");
    return reasons;
}

} // namespace

Result<void> diffBackups(const ArchiveReader &before, const ArchiveReader &after,
    const ReportChange &report, JobControl &control)
{
    for (const ArchiveReader *archive : { &before, &after }) {
        const Result<void> proved = archive->checkTables(control);
        if (!proved)
            return proved.error().in(
                QStringLiteral("Reading %1").arg(displayName(archive->path())));
    }
    EntryStream left(before);
    EntryStream right(after);
    Result<std::optional<ArchiveEntry>> a = left.next();
    Result<std::optional<ArchiveEntry>> b = right.next();
    for (;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        if (!a)
            return a.error();
        if (!b)
            return b.error();
        if (!*a && !*b)
            return {};
        const auto order = !*a ? std::strong_ordering::greater
            : !*b              ? std::strong_ordering::less
                               : comparePaths((*a)->manifest.name, (*b)->manifest.name);
        bool goOn = true;
        if (order < 0) {
            goOn = report(Change::Removed, (*a)->manifest, {});
        } else if (order > 0) {
            goOn = report(Change::Added, (*b)->manifest, {});
        } else {
            const QStringList reasons = differences((*a)->manifest, (*b)->manifest);
            goOn = reasons.isEmpty() || report(Change::Changed, (*b)->manifest, reasons);
        }
        if (!goOn)
            return {};
        if (order <= 0)
            a = left.next();
        if (order >= 0)
            b = right.next();
    }
}

} // namespace hubkeep::backup
