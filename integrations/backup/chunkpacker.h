// Packs a large file into the archive, chunk by chunk, on all workers.
//
// A chunk whose digest is that of the same chunk in the previous backup is copied
// from there, packed as it is. Holes are not read.
//
// One thread calls; the work happens on the pool.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/entrywriter.h"
#include "integrations/backup/archive/workerpool.h"
#include "integrations/backup/backupsource.h"
#include "integrations/backup/previousbackup.h"

namespace hubkeep::backup {

class ChunkPacker
{
public:
    ChunkPacker(EntryWriter &writer, WorkerPool &pool, JobControl &control)
        : m_writer(writer)
        , m_pool(pool)
        , m_control(control)
    {
    }

    // What was appended to the entry that writer has begun. unreadable says why the
    // rest could not be read; failures to write end the call with an error instead.
    struct Appended
    {
        qint64 bytes = 0;
        std::optional<Error> unreadable;
    };

    // Up to size bytes of fd, fewer where the file is shorter.
    struct Input
    {
        int fd = -1;
        qint64 size = 0;
        bool sparse = false;
        Method method = Method::Deflate;
        const ArchiveEntry *previous = nullptr; // the file as it was, if it was
        const ArchiveReader *archive = nullptr; // where previous lies
    };
    Result<Appended> append(const Input &input);

    // An entry's packed chunks from an older archive, as they are. Unreadable when they
    // are no longer what they were.
    Result<Appended> takeOver(const ArchiveReader &archive, const ArchiveEntry &previous);

    // A stream, to its end.
    Result<Appended> append(ByteStream &stream);

    // How a file that is read from fd should be stored.
    static Method methodFor(const Input &input);

private:
    EntryWriter &m_writer;
    WorkerPool &m_pool;
    JobControl &m_control;
};

} // namespace hubkeep::backup
