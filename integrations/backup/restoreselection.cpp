#include "integrations/backup/restoreselection.h"

#include <algorithm>

namespace hubkeep::backup {

RestoreSelection::RestoreSelection(const BackupInfo &info, const RestoreRequest &request)
    : m_info(info)
    , m_request(request)
{
    for (const SourceInfo &source : info.sources) {
        if (request.sources.contains(source.name))
            m_folders.insert(source.folder());
        if (hasCommand(source))
            m_commands.insert(source.folder(), request.commands.value(source.name));
    }
}

Result<void> RestoreSelection::check() const
{
    const QList<SourceInfo> &known = m_info.sources;
    for (const QString &name : m_request.sources) {
        const auto source = std::find_if(
            known.begin(), known.end(), [&](const SourceInfo &s) { return s.name == name; });
        if (source == known.end())
            return Error {
                ErrorCode::NotFound,
                QStringLiteral("The backup has no source %1; `hubkeep show` lists them").arg(name)
            };
        if (source->isHub() && m_request.target.isEmpty())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("The hub's own %1 cannot be restored in place while it may be "
                               "running; restore it into a new folder with --hub")
                    .arg(name) };
    }
    const auto isChosen = [this](const SourceInfo &source) { return isSelected(source); };
    const bool hasHub = std::any_of(
        known.begin(), known.end(), [&](const SourceInfo &s) { return s.isHub() && isChosen(s); });
    const bool hasNamesake = std::any_of(known.begin(), known.end(),
        [&](const SourceInfo &s) { return s.folder() == "sources/hub" && isChosen(s); });
    if (hasHub && hasNamesake)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The source hub and the hub itself would share the folder hub; restore "
                           "them one after the other, naming sources with --source") };
    return {};
}

bool RestoreSelection::isSelected(const SourceInfo &source) const
{
    if (!m_request.sources.isEmpty())
        return m_request.sources.contains(source.name);
    return !source.isHub() || (m_request.hub && !m_request.target.isEmpty());
}

bool RestoreSelection::isSelected(const ManifestEntry &entry) const
{
    const bool isHubs = entry.name.startsWith("hub/");
    if (isHubs && m_request.target.isEmpty())
        return false;
    if (m_request.sources.isEmpty() ? isHubs && !m_request.hub
                                    : !m_folders.contains(sourceFolder(entry.name)))
        return false;
    if (m_request.include.isEmpty())
        return true;
    const QByteArray below = belowSource(entry.name);
    return !below.isEmpty()
        && m_request.include.matchesTree(below, entry.type == EntryType::Directory);
}

bool RestoreSelection::hasCommand(const SourceInfo &source) const
{
    return m_request.target.isEmpty() && source.root.isEmpty() && !source.isHub()
        && !m_request.commands.value(source.name).isEmpty();
}

const QStringList *RestoreSelection::commandFor(const ManifestEntry &entry) const
{
    if (m_commands.isEmpty() || !entry.isFile())
        return nullptr;
    const auto command = m_commands.constFind(sourceFolder(entry.name));
    return command == m_commands.constEnd() ? nullptr : &*command;
}

QByteArray RestoreSelection::sourceFolder(const QByteArray &name)
{
    const qsizetype second = name.indexOf('/', name.indexOf('/') + 1);
    return second < 0 ? name : name.left(second);
}

QByteArray RestoreSelection::belowSource(const QByteArray &name)
{
    return name.mid(sourceFolder(name).size() + 1);
}

QByteArray RestoreSelection::belowTarget(const QByteArray &name)
{
    return name.startsWith("sources/") ? name.mid(qsizetype(qstrlen("sources/"))) : name;
}

} // namespace hubkeep::backup
