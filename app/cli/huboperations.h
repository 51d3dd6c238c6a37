// What `hubkeep backup`, `list`, `verify` and `restore --in-place` do where a hub is meant and
// not a folder of archives. Each returns an exit code.

#pragma once

#include "app/cli/command.h"

#include <QStringList>

#include <optional>

namespace hubkeep::cli {

struct HubBackupOptions
{
    QString name;
    bool automatic = false;
    bool full = false;
};
int backUpHub(const Context &context, const HubBackupOptions &options);

// Nothing where no hub runs: the caller looks at the files itself then.
std::optional<int> listOfRunningHub(const Context &context);
std::optional<int> verifyOnRunningHub(const Context &context, const QString &id);

struct HubRestoreOptions
{
    QString id;
    QStringList sources;
    QStringList include;
};
// The hub knows where its commands' sources go back to, so it does this, running or not.
// Nothing where there is none.
std::optional<int> restoreOnHub(const Context &context, const HubRestoreOptions &options);

} // namespace hubkeep::cli
