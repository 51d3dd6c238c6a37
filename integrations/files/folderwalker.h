// The walk through a folder, an item at a time; see FilesSource.

#pragma once

#include "automation/core/glob.h"
#include "integrations/backup/backupsource.h"

namespace hubkeep::files {

Result<std::unique_ptr<backup::SourceReader>> makeFolderWalker(
    std::shared_ptr<backup::OpenFolder> root, GlobList include, GlobList exclude,
    backup::SourceContext context);

} // namespace hubkeep::files
