#include "tests/support/archivebuilder.h"

#include "integrations/backup/archive/chunk.h"
#include "integrations/backup/contentreader.h"

#include <QFile>
#include <QProcess>

#include <cstring>
#include <limits>
#include <random>
#include <sys/stat.h>

namespace hubkeep::test {

using namespace hubkeep::backup;

namespace {

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return std::move(*result);
}

void must(const Result<void> &result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
}

} // namespace

QByteArray wordyBytes(qsizetype size, quint32 seed)
{
    static const char *const words[] = { "backup ", "restore ", "the ", "folder ", "of ", "chunk\n",
        "table ", "digest ", "a ", "manifest ", "zip ", "and " };
    std::mt19937 generator(seed);
    QByteArray bytes;
    bytes.reserve(size + 16);
    while (bytes.size() < size)
        bytes.append(words[generator() % std::size(words)]);
    bytes.truncate(size);
    return bytes;
}

QByteArray fileContent(const QByteArray &path)
{
    QFile file(QFile::decodeName(path));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s: %s", path.constData(), qPrintable(file.errorString()));
    return file.readAll();
}

ManifestEntry entryFor(const QByteArray &name, EntryType type)
{
    ManifestEntry entry;
    entry.name = name;
    entry.type = type;
    entry.mode = type == EntryType::File ? S_IFREG | 0640
        : type == EntryType::Directory   ? S_IFDIR | 0750
                                         : S_IFLNK | 0777;
    entry.uid = 1000;
    entry.gid = 100;
    entry.stamp.modified = { 1'700'000'000, 123'456'789 };
    entry.stamp.changed = { 1'700'000'001, 5 };
    entry.stamp.inode = 42;
    entry.stamp.device = 3;
    return entry;
}

ArchiveBuilder::ArchiveBuilder(const QString &path)
    : m_path(QFile::encodeName(path))
    , m_writer(must(EntryWriter::create(m_path)))
{
    m_info.id = QStringLiteral("backup-20260211-143022-a1b2c3d4");
    m_info.name = QStringLiteral("test");
    m_info.created = QDateTime::fromSecsSinceEpoch(1'770'820'222, Qt::UTC);
    m_info.creator = QStringLiteral("hubkeep test");
    m_info.plan = QStringLiteral("plan");
}

WrittenEntry ArchiveBuilder::addFolder(const QByteArray &name)
{
    return must(m_writer->add(entryFor(name, EntryType::Directory), {}, true));
}

WrittenEntry ArchiveBuilder::addFile(const QByteArray &name, const QByteArray &content)
{
    ManifestEntry entry = entryFor(name, EntryType::File);
    const PackedFile packed = packSmallFile(spanOf(content));
    entry.size = entry.stamp.size = content.size();
    entry.method = packed.method;
    return must(m_writer->add(std::move(entry), packed.chunk, true));
}

WrittenEntry ArchiveBuilder::addSymlink(const QByteArray &name, const QByteArray &target)
{
    ManifestEntry entry = entryFor(name, EntryType::Symlink);
    entry.size = target.size();
    return must(m_writer->add(std::move(entry), packChunk(spanOf(target), Method::Store), true));
}

WrittenEntry ArchiveBuilder::addLarge(
    const QByteArray &name, const QByteArray &content, Method method, qint64 mostBytes)
{
    must(m_writer->begin(
        name, method, mostBytes < 0 ? std::numeric_limits<qint64>::max() : mostBytes));
    for (qint64 i = 0; i < chunkCount(content.size()); ++i) {
        const qint64 length = chunkLength(content.size(), i);
        const auto bytes = spanOf(content).subspan(size_t(i * chunkSize), size_t(length));
        must(m_writer->append(packChunk(bytes, method), length, true));
    }
    ManifestEntry entry = entryFor(name, EntryType::File);
    entry.stamp.size = content.size();
    return must(m_writer->commit(std::move(entry)));
}

void ArchiveBuilder::addHardLink(const QByteArray &name, const WrittenEntry &first)
{
    must(m_writer->addHardLink(entryFor(name, EntryType::File), first));
}

QByteArray ArchiveBuilder::finish()
{
    const qint64 size = must(m_writer->finish(m_info));
    const QByteArray bytes = fileContent(m_path);
    if (bytes.size() != size)
        qFatal("The archive is not as long as its writer says");
    return bytes;
}

ProgramResult runProgram(
    const QString &program, const QStringList &arguments, const QByteArray &standardInput)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    process.write(standardInput);
    process.closeWriteChannel();
    if (!process.waitForFinished(250'000) || process.exitStatus() != QProcess::NormalExit)
        return { -1, process.readAll() + process.errorString().toUtf8() };
    return { process.exitCode(), process.readAll() };
}

Result<QList<ReadEntry>> readArchive(const QByteArray &path)
{
    const Result<ArchiveReader> archive = ArchiveReader::open(path);
    if (!archive)
        return archive.error();
    WorkerPool pool(2);
    JobControl control;
    const Result<void> tables = archive->checkTables(control);
    if (!tables)
        return tables.error();
    EntryStream stream(*archive);
    QList<ReadEntry> entries;
    for (;;) {
        const Result<std::optional<ArchiveEntry>> entry = stream.next();
        if (!entry)
            return entry.error();
        if (!*entry)
            return entries;
        ReadEntry read { **entry, {} };
        if (read.entry.manifest.hasChunkTable()) {
            read.content.resize(read.entry.manifest.size);
            char *const target = read.content.data();
            const Result<void> done = readLarge(
                *archive, read.entry, nullptr,
                [target](qint64 offset, std::span<const char> bytes) {
                    std::memcpy(target + offset, bytes.data(), bytes.size());
                    return Result<void>();
                },
                pool, control);
            if (!done)
                return done.error();
        } else {
            const Result<std::vector<char>> content = readSmall(*archive, read.entry, Proof::Full);
            if (!content)
                return content.error();
            read.content = QByteArray(content->data(), qsizetype(content->size()));
        }
        entries.append(std::move(read));
    }
}

QString problemWithArchive(const QByteArray &path)
{
    const Result<QList<ReadEntry>> entries = readArchive(path);
    return entries ? QString() : entries.error().message;
}

} // namespace hubkeep::test
