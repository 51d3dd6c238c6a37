#include "integrations/rclone/rcloneagent.h"

#include "integrations/rclone/arrivalproof.h"
#include "integrations/rclone/downloadfile.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QSet>
#include <QSysInfo>
#include <QTemporaryDir>

namespace hubkeep::rclone {

using namespace hubkeep::backup;

namespace {

constexpr qint64 largestDocument = 16 << 20;
constexpr qsizetype idLength = 31;
constexpr int strangersDays = 7;
constexpr int ownDays = 2; // what was cut off is sent again, and may be whole

Error noSuchBackup(const BackupId &id)
{
    return { ErrorCode::NotFound, QStringLiteral("There is no backup %1").arg(id) };
}

QByteArray readWhole(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(largestDocument) : QByteArray();
}

// A number that only this hub has: containers share the machine's id, and their folders' names.
QByteArray ownNumber(const QByteArray &stateFolder)
{
    if (stateFolder.isEmpty())
        return {};
    const QString path = QFile::decodeName(stateFolder + "/sender");
    QFile made(path);
    if (!QFile::exists(path) && QDir().mkpath(QFile::decodeName(stateFolder))
        && made.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        made.write(QByteArray::number(QRandomGenerator::system()->generate64(), 16));
    made.close();
    return readWhole(path);
}

// The same for the same agent of the same hub.
QString wordOf(const RcloneConfig &config)
{
    const QByteArray who = QSysInfo::machineUniqueId() + '\n' + config.stateFolder + '\n'
        + ownNumber(config.stateFolder) + '\n' + config.name.toUtf8() + '\n'
        + config.remote.toUtf8();
    return QString::fromLatin1(
        QCryptographicHash::hash(who, QCryptographicHash::Sha256).toHex().left(8));
}

bool isUnfinished(const QString &name)
{
    return name.endsWith(QLatin1String(".partial"))
        && (isBackupId(name.left(idLength)) || name.contains(QLatin1String(".db.")));
}

QString documentId(const QString &name)
{
    const QString id = name.left(idLength);
    return isBackupId(id) && name == documentName(id) ? id : QString();
}

} // namespace

RcloneAgent::RcloneAgent(RcloneConfig config)
    : m_config(std::move(config))
    , m_remote(m_config)
{
}

// ---- What lies there

// Before everything: what there is, with what describes it; or only what describes one.
Result<void> RcloneAgent::refresh(const BackupId &only)
{
    Result<QMap<QString, RemoteFile>> listed = m_remote.list();
    if (!listed && listed.error().code == ErrorCode::NotFound && !wasUsed())
        listed = QMap<QString, RemoteFile>();
    if (!listed && listed.error().code == ErrorCode::NotFound)
        return Error { ErrorCode::Unavailable,
            listed.error().message
                + QStringLiteral("; there were backups in it, so it is not made anew: is it "
                                 "mounted there? If it is right, make it again") };
    if (!listed)
        return listed.error();
    if (!listed->isEmpty())
        rememberUse();
    m_files = *listed;
    removeUnfinished();
    const Result<void> read = readDocuments(only);
    if (read && only.isEmpty())
        describeUndescribed();
    return read;
}

void RcloneAgent::removeUnfinished()
{
    if (m_keepsUnfinished)
        return;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const QString &name : m_files.keys()) {
        if (!isUnfinished(name))
            continue;
        // What has no word is another kind of agent's, or a job's, that may be at it.
        const bool isOwn = name.chopped(8).section(u'.', -1) == word();
        const bool isExpected = !m_expected || m_expected->contains(name.left(idLength));
        const int days = !isOwn ? strangersDays : isExpected ? ownDays : 0;
        const QDateTime modified = m_files.value(name).modified;
        if (days > 0 && (!modified.isValid() || modified.daysTo(now) < days))
            continue;
        if (m_remote.remove(name))
            m_files.remove(name);
    }
}

Result<void> RcloneAgent::readDocuments(const BackupId &only)
{
    QStringList unread;
    for (auto file = m_files.cbegin(); file != m_files.cend(); ++file) {
        const auto known = m_described.constFind(file.key());
        const bool isKnown = known != m_described.cend() && known->file == *file;
        const BackupId id = documentId(file.key());
        const bool isWanted = only.isEmpty() ? !id.isEmpty() : id == only;
        if (isWanted && file->size <= largestDocument && !isKnown)
            unread.append(file.key());
    }
    if (unread.isEmpty())
        return {};
    const QTemporaryDir folder;
    if (!folder.isValid())
        return Error { ErrorCode::Io,
            QStringLiteral("Making a temporary folder: %1").arg(folder.errorString()) };
    const Result<void> fetched = m_remote.fetch(unread, folder.path());
    if (!fetched)
        return fetched;
    for (const QString &name : unread) {
        const Result<AgentBackup> backup = agentBackupFromJson(readWhole(folder.filePath(name)));
        const bool isIts = backup && backup->id == documentId(name);
        m_described.insert(
            name, { m_files.value(name), isIts ? std::optional(*backup) : std::nullopt });
    }
    return {};
}

void RcloneAgent::describeUndescribed()
{
    for (auto file = m_files.cbegin(); file != m_files.cend(); ++file) {
        const BackupId id = file.key().left(idLength);
        const auto known = m_described.constFind(file.key());
        if (!isBackupId(id) || file.key() != id + QLatin1String(".zip")
            || filenameOf(id) != file.key()
            || (known != m_described.cend() && known->file == *file))
            continue;
        const auto document = m_described.constFind(documentName(id));
        if (document != m_described.cend() && document->backup
            && document->backup->filename == file.key())
            continue;
        m_described.insert(file.key(), { *file, describeByEnd(file.key(), file->size) });
    }
}

// Its manifest lies at its end: a file of the same size with only that in it says as much.
std::optional<AgentBackup> RcloneAgent::describeByEnd(const QString &name, qint64 size)
{
    JobControl control;
    for (const qint64 wanted : { qint64(1) << 20, qint64(16) << 20, qint64(256) << 20 }) {
        const qint64 length = std::min(wanted, size);
        const QTemporaryDir folder;
        QFile sparse(folder.filePath(name));
        if (!sparse.open(QIODevice::WriteOnly) || !sparse.resize(size))
            return {};
        sparse.seek(size - length);
        const Result<void> read = m_remote.read(
            name, size - length, length,
            [&sparse](const QByteArray &bytes) -> Result<void> {
                if (sparse.write(bytes) == bytes.size())
                    return {};
                return Error { ErrorCode::Io, sparse.errorString() };
            },
            control);
        sparse.close();
        const Result<AgentBackup> backup = describeArchive(QFile::encodeName(sparse.fileName()));
        if (read && backup && backup->id == name.left(idLength))
            return *backup;
        if (!read || length == size)
            return {};
    }
    return {};
}

QString RcloneAgent::filenameOf(const BackupId &id) const
{
    const auto document = m_described.constFind(documentName(id));
    if (document != m_described.cend() && document->backup && m_files.contains(documentName(id))
        && m_files.contains(document->backup->filename))
        return document->backup->filename;
    for (const char *suffix : { ".zip", ".zip.age" }) {
        const QString name = id + QLatin1String(suffix);
        if (m_files.contains(name))
            return name;
    }
    return {};
}

std::optional<AgentBackup> RcloneAgent::find(const BackupId &id) const
{
    const QString name = filenameOf(id);
    if (name.isEmpty())
        return {};
    const qint64 size = m_files.value(name).size;
    std::optional<AgentBackup> backup = m_described.value(documentName(id)).backup;
    if (!backup || backup->filename != name)
        backup = name.endsWith(QLatin1String(".age")) ? std::optional(describeEncrypted(id, size))
                                                      : m_described.value(name).backup;
    if (backup)
        backup->size = size;
    return backup;
}

Result<QList<AgentBackup>> RcloneAgent::list()
{
    const Result<void> refreshed = refresh();
    if (!refreshed)
        return refreshed.error();
    QSet<BackupId> ids;
    for (const QString &name : m_files.keys()) {
        if (isBackupId(name.left(idLength)))
            ids.insert(name.left(idLength));
    }
    QList<AgentBackup> backups;
    for (const BackupId &id : std::as_const(ids)) {
        const std::optional<AgentBackup> backup = find(id);
        if (backup)
            backups.append(*backup);
    }
    return backups;
}

Result<qint64> RcloneAgent::freeSpace()
{
    if (!m_saysFreeSpace)
        return Error { ErrorCode::NotFound,
            QStringLiteral("%1 does not say how much room it has").arg(m_config.remote) };
    const Result<qint64> free = m_remote.freeSpace();
    m_saysFreeSpace = free || free.error().code != ErrorCode::NotFound;
    return free;
}

// ---- Sending

QString RcloneAgent::word() const
{
    if (m_word.isEmpty())
        m_word = wordOf(m_config);
    return m_word;
}

QString RcloneAgent::partialName(const QString &filename) const
{
    return filename + u'.' + word() + QLatin1String(".partial");
}

Result<void> RcloneAgent::upload(
    const AgentBackup &backup, const QString &archive, JobControl &control)
{
    if (!isBackupFilename(backup.filename, backup.id, backup.kind))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("%1 is no name for a backup").arg(backup.filename) };
    const QFileInfo file(archive);
    if (!file.isFile())
        return Error { ErrorCode::NotFound, QStringLiteral("There is no file %1").arg(archive) };
    if (file.size() != backup.size)
        return Error { ErrorCode::Io,
            QStringLiteral("%1 has %2 bytes and should have %3")
                .arg(archive)
                .arg(file.size())
                .arg(backup.size) };
    if (control.cancelled())
        return JobControl::cancelledError();
    const Result<void> refreshed = refresh(backup.id);
    if (!refreshed)
        return refreshed;
    const Result<qint64> free = freeSpace();
    if (free && *free < backup.size)
        return Error { ErrorCode::NoSpace,
            QStringLiteral("%1 has room for %2 MiB and this backup needs %3 MiB; free some space "
                           "there, or choose another remote")
                .arg(m_config.remote)
                .arg(*free >> 20)
                .arg((backup.size >> 20) + 1) };
    const QString before = filenameOf(backup.id);
    const Result<void> sent = send(backup, archive, control);
    if (!sent)
        return sent;
    rememberUse();
    if (!before.isEmpty() && before != backup.filename)
        return m_remote.remove(before);
    return {};
}

Result<void> RcloneAgent::send(
    const AgentBackup &backup, const QString &archive, JobControl &control)
{
    const QString partial = partialName(backup.filename);
    // All of it had arrived, and then the hub was ended.
    Result<void> done;
    const bool isThere = m_files.contains(partial) && m_files.value(partial).size == backup.size
        && proveArrival(m_remote, partial, archive, backup, m_config.readBack, control);
    if (isThere)
        control.advance(backup.size);
    else
        done = m_remote.put(archive, partial, backup.size, control);
    if (done && !isThere)
        done = proveArrival(m_remote, partial, archive, backup, m_config.readBack, control);
    if (done)
        done = store(backup, partial, control);
    else
        (void)m_remote.remove(partial);
    return done;
}

// The last step makes it a backup.
Result<void> RcloneAgent::store(
    const AgentBackup &backup, const QString &partial, JobControl &control)
{
    const std::optional<AgentBackup> before = find(backup.id);
    m_described.remove(documentName(backup.id));
    m_described.remove(backup.filename);
    const Result<void> written
        = m_remote.write(documentName(backup.id), QJsonDocument(toJson(backup)).toJson(), control);
    const Result<void> named = written ? m_remote.move(partial, backup.filename, control) : written;
    if (!named)
        takeBack(backup, partial, before);
    return named;
}

// What was stored under this id before is described as it was.
void RcloneAgent::takeBack(
    const AgentBackup &backup, const QString &partial, const std::optional<AgentBackup> &before)
{
    JobControl control;
    (void)m_remote.remove(partial);
    if (before) {
        (void)m_remote.write(
            documentName(backup.id), QJsonDocument(toJson(*before)).toJson(), control);
        return;
    }
    (void)m_remote.remove(backup.filename); // it may have been named, and the answer been lost
    (void)m_remote.remove(documentName(backup.id));
}

// ---- Fetching and removing

Result<void> RcloneAgent::download(const BackupId &id, const QString &target, JobControl &control)
{
    if (!isBackupId(id))
        return noSuchBackup(id);
    if (control.cancelled())
        return JobControl::cancelledError();
    const Result<void> refreshed = refresh(id);
    if (!refreshed)
        return refreshed;
    const QString name = filenameOf(id);
    if (name.isEmpty())
        return noSuchBackup(id);
    const std::optional<AgentBackup> backup = find(id);
    return downloadFile(m_remote, name, m_files.value(name).size,
        backup && backup->filename == name ? backup->sha256 : QString(), target, control);
}

// The archive goes first: a document alone is no backup.
Result<void> RcloneAgent::remove(const BackupId &id)
{
    if (!isBackupId(id))
        return noSuchBackup(id);
    const Result<void> refreshed = refresh(id);
    if (!refreshed)
        return refreshed;
    for (QString name = filenameOf(id); !name.isEmpty(); name = filenameOf(id)) {
        const Result<void> removed = m_remote.remove(name);
        if (!removed)
            return removed;
        m_files.remove(name);
    }
    return m_files.contains(documentName(id)) ? m_remote.remove(documentName(id)) : Result<void>();
}

Result<void> RcloneAgent::setAside(const BackupId &id)
{
    if (!isBackupId(id))
        return noSuchBackup(id);
    const Result<void> refreshed = refresh(id);
    if (!refreshed)
        return refreshed;
    const QString name = filenameOf(id);
    if (name.isEmpty())
        return noSuchBackup(id);
    const QString aside = name + QLatin1String(".damaged");
    if (m_files.contains(aside))
        return Error { ErrorCode::Corrupt,
            QStringLiteral("%1 lies on %2 already: the place may be failing")
                .arg(aside, m_config.remote) };
    JobControl control;
    return m_remote.move(name, aside, control);
}

// ---- Whether the place was used before

// Another remote is another place, whatever its name.
QByteArray RcloneAgent::stateFile() const
{
    return m_config.stateFolder + "/rclone-"
        + QCryptographicHash::hash(m_config.remote.toUtf8(), QCryptographicHash::Sha256)
              .toHex()
              .left(16)
        + ".used";
}

bool RcloneAgent::wasUsed()
{
    if (!m_wasUsed && !m_config.stateFolder.isEmpty())
        m_wasUsed = QFile::exists(QFile::decodeName(stateFile()));
    return m_wasUsed;
}

void RcloneAgent::rememberUse()
{
    if (wasUsed())
        return;
    m_wasUsed = true;
    if (m_config.stateFolder.isEmpty())
        return;
    QDir().mkpath(QFile::decodeName(m_config.stateFolder));
    QFile file(QFile::decodeName(stateFile()));
    if (file.open(QIODevice::WriteOnly))
        file.write(m_config.remote.toUtf8() + '\n');
}

} // namespace hubkeep::rclone
