// Says that one job at a time works in a folder.
//
// A kernel lock (flock) on the folder itself: nothing is left behind, and it ends
// with the process that holds it, however that ends. Released by the destructor.

#pragma once

#include "automation/core/filedescriptor.h"

namespace hubkeep::backup {

class FolderLock
{
public:
    // Busy when another process, or another FolderLock, holds it.
    static Result<FolderLock> take(const QByteArray &folder);

private:
    FileDescriptor m_fd;
};

} // namespace hubkeep::backup
