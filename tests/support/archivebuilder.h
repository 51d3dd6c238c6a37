// Makes small archives entry by entry, and content to put into them.
//
//     ArchiveBuilder archive(folder.filePath("a.zip"));
//     archive.addFolder("sources/a");
//     archive.addFile("sources/a/b.txt", "text");
//     archive.finish();
//
// A step that fails ends the process with its message: a test that cannot make its
// material has nothing to say.

#pragma once

#include "tests/support/enginetree.h"

#include "integrations/backup/archive/archivereader.h"
#include "integrations/backup/archive/entrywriter.h"

#include <QString>

namespace hubkeep::test {

inline std::span<const char> spanOf(const QByteArray &bytes)
{
    return { bytes.constData(), size_t(bytes.size()) };
}

QByteArray wordyBytes(qsizetype size, quint32 seed = 1); // packs to about a third

QByteArray fileContent(const QByteArray &path);

// A file's, folder's or link's metadata, without its content.
backup::ManifestEntry entryFor(const QByteArray &name, backup::EntryType type);

class ArchiveBuilder
{
public:
    explicit ArchiveBuilder(const QString &path);

    backup::WrittenEntry addFolder(const QByteArray &name);
    backup::WrittenEntry addFile(const QByteArray &name, const QByteArray &content);
    backup::WrittenEntry addSymlink(const QByteArray &name, const QByteArray &target);

    // Chunk by chunk, as an entry of the length mostBytes at most; -1: unknown.
    backup::WrittenEntry addLarge(const QByteArray &name, const QByteArray &content,
        backup::Method method = backup::Method::Deflate, qint64 mostBytes = -1);
    void addHardLink(const QByteArray &name, const backup::WrittenEntry &first);

    // The archive's bytes.
    QByteArray finish();

    backup::EntryWriter &writer() { return *m_writer; }
    backup::BackupInfo &info() { return m_info; }
    const QByteArray &path() const { return m_path; }

private:
    QByteArray m_path;
    std::unique_ptr<backup::EntryWriter> m_writer;
    backup::BackupInfo m_info;
};

// What a program printed, standard error included, and its exit status.
struct ProgramResult
{
    int exitStatus = -1; // -1: it could not be started or crashed
    QByteArray output;
};
ProgramResult runProgram(
    const QString &program, const QStringList &arguments, const QByteArray &standardInput = {});

struct ReadEntry
{
    backup::ArchiveEntry entry;
    QByteArray content;
};

// All entries with their contents, fully proved.
Result<QList<ReadEntry>> readArchive(const QByteArray &path);

// What is wrong with an archive whose entries, tables and contents are all looked at;
// empty where nothing is.
QString problemWithArchive(const QByteArray &path);

} // namespace hubkeep::test
