#include "integrations/backup/hubsource.h"

#include "integrations/backup/databasesnapshot.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fcntl.h>

namespace hubkeep::backup {
namespace {

class ListReader final : public SourceReader
{
public:
    explicit ListReader(std::deque<SourceItem> items)
        : m_items(std::move(items))
    {
    }

    Result<std::optional<SourceItem>> next() override
    {
        if (m_items.empty())
            return std::optional<SourceItem>();
        std::optional<SourceItem> first(std::move(m_items.front()));
        m_items.pop_front();
        return first;
    }

private:
    std::deque<SourceItem> m_items;
};

} // namespace

HubDataSource::HubDataSource(
    QByteArray folder, QList<HubDatabase> databases, std::chrono::milliseconds busyTimeout)
    : m_folder(std::move(folder))
    , m_databases(std::move(databases))
    , m_busyTimeout(busyTimeout)
{
    std::sort(m_databases.begin(), m_databases.end(),
        [](const HubDatabase &a, const HubDatabase &b) { return a.leaf < b.leaf; });
}

Result<std::unique_ptr<SourceReader>> HubDataSource::open(const SourceContext &context) const
{
    auto folder = std::make_shared<OpenFolder>();
    folder->path = m_folder;
    folder->descriptor
        = FileDescriptor(::open(m_folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    SourceItem root;
    root.kind = ItemKind::Directory;
    root.folder = folder;
    root.leaf = ".";
    if (!folder->descriptor.isOpen() || ::fstat(folder->descriptor.get(), &root.status) != 0)
        return systemError(errno).in(
            QStringLiteral("Opening the hub's data in %1").arg(displayName(m_folder)));
    std::deque<SourceItem> items { std::move(root) };
    for (const HubDatabase &database : m_databases) {
        SourceItem item;
        item.kind = ItemKind::Snapshot;
        item.folder = folder;
        item.leaf = item.path = database.leaf;
        if (::fstatat(folder->descriptor.get(), database.leaf.constData(), &item.status,
                AT_SYMLINK_NOFOLLOW)
                != 0
            || !S_ISREG(item.status.st_mode)) {
            context.remark({ item.fullPath(),
                QStringLiteral("The hub's database is not there and was left out") });
            continue;
        }
        item.snapshot
            = [path = item.fullPath(), statements = database.blanking, timeout = m_busyTimeout](
                  const QByteArray &target, JobControl &control) {
                  return snapshotDatabase(path, target, statements, timeout, control);
              };
        items.push_back(std::move(item));
    }
    return std::unique_ptr<SourceReader>(new ListReader(std::move(items)));
}

} // namespace hubkeep::backup
