#include "integrations/backup/spoolvfs.h"

#include "automation/core/filedescriptor.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace hubkeep::backup {
namespace {

constexpr qint64 gatherSize = 1 << 20;
constexpr qint64 readAheadSize = 128 * 1024;

thread_local JobControl *threadControl = nullptr;
thread_local PageSink *threadSink = nullptr;

// Asked for each piece that is read or written; a byte shows that it goes on.
bool isCancelled()
{
    if (!threadControl)
        return false;
    threadControl->advance(1);
    return threadControl->cancelled();
}

// What a database is kept in. Functions return SQLite's codes.
class Storage
{
public:
    virtual ~Storage() = default;
    virtual int read(char *to, qint64 length, qint64 offset) = 0;
    virtual int write(const char *from, qint64 length, qint64 offset) = 0;
    virtual int flush() = 0;
    virtual int truncate(qint64 size) = 0;
    virtual qint64 size() const = 0;
};

class SinkStorage final : public Storage
{
public:
    explicit SinkStorage(PageSink &sink)
        : m_sink(sink)
    {
    }
    int read(char *to, qint64 length, qint64 offset) override
    {
        if (offset < m_size)
            return SQLITE_IOERR_READ; // gone
        std::memset(to, 0, size_t(length));
        return SQLITE_IOERR_SHORT_READ;
    }
    int write(const char *from, qint64 length, qint64 offset) override
    {
        if (isCancelled())
            return SQLITE_INTERRUPT;
        m_size = std::max(m_size, offset + length);
        return m_sink.takePage(offset, { from, size_t(length) }) ? SQLITE_OK : SQLITE_IOERR_WRITE;
    }
    int flush() override { return SQLITE_OK; }
    int truncate(qint64 size) override { return size == m_size ? SQLITE_OK : SQLITE_IOERR; }
    qint64 size() const override { return m_size; }

private:
    PageSink &m_sink;
    qint64 m_size = 0;
};

class SpoolDatabase final : public Storage
{
public:
    SpoolDatabase(FileDescriptor fd, qint64 size)
        : m_fd(std::move(fd))
        , m_size(size)
    {
    }

    int read(char *to, qint64 length, qint64 offset) override
    {
        if (offset >= m_size) {
            std::memset(to, 0, size_t(length));
            return SQLITE_IOERR_SHORT_READ;
        }
        if (copyFrom(m_gathered, m_gatheredAt, to, length, offset)
            || copyFrom(m_ahead, m_aheadAt, to, length, offset))
            return SQLITE_OK;
        // What is gathered and not yet written must not be read around.
        if (!m_gathered.empty() && flush() != SQLITE_OK)
            return SQLITE_IOERR_READ;
        // A table's pages lie in order but for the index pages between them.
        const bool sequential = offset >= m_lastEnd && offset - m_lastEnd <= readAheadSize / 2;
        m_lastEnd = offset + length;
        if (sequential) {
            if (isCancelled())
                return SQLITE_INTERRUPT;
            m_ahead.resize(size_t(std::max(length, readAheadSize)));
            const Result<qsizetype> read = readAt(m_fd.get(), m_ahead, offset);
            if (!read)
                return SQLITE_IOERR_READ;
            m_ahead.resize(size_t(*read));
            m_aheadAt = offset;
            m_lastEnd = offset + *read;
            if (copyFrom(m_ahead, m_aheadAt, to, length, offset))
                return SQLITE_OK;
        }
        const Result<qsizetype> read = readAt(m_fd.get(), { to, size_t(length) }, offset);
        if (!read)
            return SQLITE_IOERR_READ;
        if (*read < length) {
            std::memset(to + *read, 0, size_t(length - *read));
            return SQLITE_IOERR_SHORT_READ;
        }
        return SQLITE_OK;
    }

    int write(const char *from, qint64 length, qint64 offset) override
    {
        m_ahead.clear();
        const qint64 end = m_gatheredAt + qint64(m_gathered.size());
        const bool inside = offset >= m_gatheredAt && offset + length <= end;
        if (!m_gathered.empty() && !inside
            && (offset != end || qint64(m_gathered.size()) + length > gatherSize)) {
            const int flushed = flush();
            if (flushed != SQLITE_OK)
                return flushed;
        }
        if (m_gathered.empty()) {
            m_gatheredAt = offset;
            m_gathered.reserve(size_t(gatherSize));
        }
        if (inside)
            std::memcpy(m_gathered.data() + (offset - m_gatheredAt), from, size_t(length));
        else
            m_gathered.insert(m_gathered.end(), from, from + length);
        m_size = std::max(m_size, offset + length);
        return SQLITE_OK;
    }

    int flush() override
    {
        if (isCancelled())
            return SQLITE_INTERRUPT;
        const Result<void> written = writeAt(m_fd.get(), m_gathered, m_gatheredAt);
        m_gathered.clear();
        if (!written)
            return written.error().code == ErrorCode::NoSpace ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        return SQLITE_OK;
    }

    int truncate(qint64 size) override
    {
        m_ahead.clear();
        const int flushed = flush();
        m_size = size;
        return flushed == SQLITE_OK && ::ftruncate(m_fd.get(), size) != 0 ? SQLITE_IOERR_TRUNCATE
                                                                          : flushed;
    }

    qint64 size() const override { return m_size; }

private:
    static bool copyFrom(
        const std::vector<char> &from, qint64 at, char *to, qint64 length, qint64 offset)
    {
        if (offset < at || offset + length > at + qint64(from.size()))
            return false;
        std::memcpy(to, from.data() + (offset - at), size_t(length));
        return true;
    }

    FileDescriptor m_fd;
    qint64 m_size;
    std::vector<char> m_gathered; // written by SQLite, not to the file
    qint64 m_gatheredAt = 0;
    std::vector<char> m_ahead; // read from the file, not by SQLite
    qint64 m_aheadAt = 0;
    qint64 m_lastEnd = 0;
};

struct SpoolHandle
{
    sqlite3_file base; // first: SQLite sees only this
    Storage *database;
};

Storage &database(sqlite3_file *file)
{
    return *reinterpret_cast<SpoolHandle *>(file)->database;
}

int closeFile(sqlite3_file *file)
{
    const int flushed = database(file).flush();
    delete &database(file);
    return flushed;
}

const sqlite3_io_methods *methods()
{
    static const sqlite3_io_methods table = [] {
        sqlite3_io_methods m {};
        m.iVersion = 1;
        m.xClose = closeFile;
        m.xRead = [](sqlite3_file *f, void *to, int length, sqlite3_int64 offset) {
            return database(f).read(static_cast<char *>(to), length, offset);
        };
        m.xWrite = [](sqlite3_file *f, const void *from, int length, sqlite3_int64 offset) {
            return database(f).write(static_cast<const char *>(from), length, offset);
        };
        m.xTruncate
            = [](sqlite3_file *f, sqlite3_int64 size) { return database(f).truncate(size); };
        m.xSync = [](sqlite3_file *f, int) { return database(f).flush(); };
        m.xFileSize = [](sqlite3_file *f, sqlite3_int64 *size) {
            *size = database(f).size();
            return SQLITE_OK;
        };
        m.xLock = [](sqlite3_file *, int) { return SQLITE_OK; };
        m.xUnlock = [](sqlite3_file *, int) { return SQLITE_OK; };
        m.xCheckReservedLock = [](sqlite3_file *, int *reserved) {
            *reserved = 0;
            return SQLITE_OK;
        };
        m.xFileControl = [](sqlite3_file *, int, void *) { return SQLITE_NOTFOUND; };
        m.xSectorSize = [](sqlite3_file *) { return 4096; };
        m.xDeviceCharacteristics = [](sqlite3_file *) { return 0; };
        return m;
    }();
    return &table;
}

int openFile(sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *outFlags)
{
    file->pMethods = nullptr;
    if (!name || (flags & SQLITE_OPEN_MAIN_DB) == 0) {
        // SQLite's own temporary files.
        sqlite3_vfs *usual = sqlite3_vfs_find(nullptr);
        return usual->xOpen(usual, name, file, flags, outFlags);
    }
    file->pMethods = methods();
    if (outFlags)
        *outFlags = flags;
    if (threadSink && std::strcmp(name, "/sink") == 0) {
        reinterpret_cast<SpoolHandle *>(file)->database = new SinkStorage(*threadSink);
        return SQLITE_OK;
    }
    file->pMethods = nullptr; // until it is open
    const int mode = (flags & SQLITE_OPEN_READWRITE) != 0 ? O_RDWR : O_RDONLY;
    const int create = (flags & SQLITE_OPEN_CREATE) != 0 ? O_CREAT : 0;
    FileDescriptor fd(::open(name, mode | create | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat status;
    if (!fd.isOpen() || ::fstat(fd.get(), &status) != 0)
        return SQLITE_CANTOPEN;
    reinterpret_cast<SpoolHandle *>(file)->database
        = new SpoolDatabase(std::move(fd), qint64(status.st_size));
    file->pMethods = methods();
    return SQLITE_OK;
}

} // namespace

SpoolCancellation::SpoolCancellation(JobControl &control)
{
    threadControl = &control;
}

SpoolCancellation::~SpoolCancellation()
{
    threadControl = nullptr;
}

SinkRedirection::SinkRedirection(PageSink &sink)
{
    threadSink = &sink;
}

SinkRedirection::~SinkRedirection()
{
    threadSink = nullptr;
}

const char *spoolVfsName()
{
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs v = *sqlite3_vfs_find(nullptr); // time, randomness and the like
        v.szOsFile = std::max(v.szOsFile, int(sizeof(SpoolHandle)));
        v.pNext = nullptr;
        v.zName = "hubkeep-spool";
        v.xOpen = openFile;
        v.xDelete = [](sqlite3_vfs *, const char *, int) { return SQLITE_OK; };
        // There is no journal, no log, and no other process.
        v.xAccess = [](sqlite3_vfs *, const char *, int, int *result) {
            *result = 0;
            return SQLITE_OK;
        };
        v.xFullPathname = [](sqlite3_vfs *, const char *name, int length, char *full) {
            if (int(std::strlen(name)) >= length)
                return SQLITE_CANTOPEN;
            std::strcpy(full, name);
            return SQLITE_OK;
        };
        return v;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    return registered == SQLITE_OK ? vfs.zName : nullptr;
}

} // namespace hubkeep::backup
