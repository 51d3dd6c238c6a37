// The kinds of sources and agents there are, and how one is made of what people wrote.
//
// Plain values; made by the application, which alone knows all integrations.

#pragma once

#include "integrations/backup/backupagent.h"
#include "integrations/backup/backupsource.h"

#include <QMap>
#include <QVariantMap>

#include <functional>
#include <memory>

namespace hubkeep::backup {

enum class PartKind { Source, Agent };

constexpr const char *nameOf(PartKind kind)
{
    return kind == PartKind::Source ? "source" : "agent";
}

// One source or agent, as hubkeep.yaml or the API say it.
struct Part
{
    QString name;
    QString type; // "files", "local"
    QVariantMap options; // as written, name and type included
    bool fromFile = true; // else from the API, and changed through it

    bool operator==(const Part &) const = default;
};

// Called on the main thread; the objects are used on the backup thread. InvalidArgument
// names what is wrong in the options.
using SourceTypes
    = QMap<QString, std::function<Result<std::unique_ptr<BackupSource>>(const Part &part)>>;
using AgentTypes
    = QMap<QString, std::function<Result<std::shared_ptr<BackupAgent>>(const Part &part)>>;

} // namespace hubkeep::backup
