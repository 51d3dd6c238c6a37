#include "integrations/backup/keystore.h"

#include "automation/core/filedescriptor.h"
#include "automation/core/nearest.h"
#include "integrations/backup/backupinfo.h"
#include "integrations/backup/encryptedfile.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QRegularExpression>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::backup {
namespace {

constexpr qsizetype groupSize = 4;
constexpr qsizetype idLength = 12;
constexpr int groupsAsked = 2;
constexpr qsizetype prefixSize = 16; // AGE-SECRET-KEY-1

bool isKeyId(const QString &id)
{
    static const QRegularExpression pattern(QStringLiteral("\\Aage1[a-z0-9]{8}\\z"));
    return pattern.match(id).hasMatch();
}

// Aside, flushed, renamed: a key is there whole or not at all.
Result<void> writePrivately(const QByteArray &path, const QByteArray &content)
{
    const QByteArray partial = path + ".partial";
    ::unlink(partial.constData());
    const FileDescriptor fd(
        ::open(partial.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.isOpen())
        return systemError(errno);
    Result<void> done = writeAt(fd.get(), spanOf(content), 0);
    if (done && (::fsync(fd.get()) != 0 || ::rename(partial.constData(), path.constData()) != 0))
        done = systemError(errno);
    if (!done)
        ::unlink(partial.constData());
    return done;
}

QJsonObject readNote(const QByteArray &path)
{
    QFile file(QFile::decodeName(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.read(64 << 10)).object();
}

QDateTime timeFrom(const QJsonValue &value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toUTC();
}

StoredKey keyFrom(const QJsonObject &note, const QString &id, const QString &recipient)
{
    StoredKey key;
    key.id = id;
    key.recipient = recipient;
    key.created = timeFrom(note.value(QStringLiteral("created_at")));
    key.confirmed = timeFrom(note.value(QStringLiteral("confirmed_at")));
    for (const QJsonValue &group : note.value(QStringLiteral("asks_for_groups")).toArray())
        key.asked.append(group.toInt());
    return key;
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toRfc3339(time)) : QJsonValue();
}

QJsonArray numbers(const QList<int> &list)
{
    QJsonArray array;
    for (const int number : list)
        array.append(number);
    return array;
}

QList<int> drawGroups(qsizetype count)
{
    QList<int> groups;
    while (groups.size() < groupsAsked) {
        const int group = 1 + QRandomGenerator::system()->bounded(int(count));
        if (!groups.contains(group))
            groups.append(group);
    }
    std::sort(groups.begin(), groups.end());
    return groups;
}

} // namespace

QJsonObject toJson(const StoredKey &key)
{
    return { { QStringLiteral("id"), key.id }, { QStringLiteral("recipient"), key.recipient },
        { QStringLiteral("created_at"), timeOrNull(key.created) },
        { QStringLiteral("confirmed_at"), timeOrNull(key.confirmed) },
        { QStringLiteral("asks_for_groups"), numbers(key.asked) } };
}

QList<QByteArray> secretGroups(const AgeIdentity &identity)
{
    const QByteArray secret = identity.text().mid(prefixSize);
    QList<QByteArray> groups;
    for (qsizetype at = 0; at + groupSize <= secret.size(); at += groupSize)
        groups.append(secret.mid(at, groupSize));
    if (const qsizetype rest = secret.size() % groupSize; rest > 0)
        groups.append(secret.right(rest));
    return groups;
}

KeyStore::KeyStore(const QString &dataFolder)
    : m_folder(QFile::encodeName(dataFolder) + "/keys")
{
}

QByteArray KeyStore::path(const QString &id, const char *ending) const
{
    return m_folder + '/' + id.toLatin1() + ending;
}

Result<void> KeyStore::writeNote(const StoredKey &key) const
{
    return writePrivately(path(key.id, ".json"), QJsonDocument(toJson(key)).toJson());
}

Result<StoredKey> KeyStore::create(const QDateTime &now) const
{
    const QString step = QStringLiteral("Keeping a new key in %1").arg(displayName(m_folder));
    const Result<void> made = makeFolders(m_folder);
    if (!made)
        return made.error().in(step);
    ::chmod(m_folder.constData(), 0700);
    const AgeIdentity identity = AgeIdentity::generate();
    StoredKey key;
    key.recipient = QString::fromLatin1(identity.recipient().text());
    key.id = key.recipient.left(idLength);
    key.created = now;
    key.asked = drawGroups(identity.text().size() / groupSize - prefixSize / groupSize);
    const QByteArray text = "# created: " + toRfc3339(now).toLatin1()
        + "\n# public key: " + key.recipient.toLatin1() + '\n' + identity.text() + '\n';
    Result<void> written = writeNote(key);
    if (written)
        written = writePrivately(path(key.id, ".txt"), text);
    if (written)
        written = syncFolder(m_folder);
    if (!written)
        return written.error().in(step);
    return key;
}

Result<QList<StoredKey>> KeyStore::list() const
{
    QList<StoredKey> keys;
    const Result<QList<QByteArray>> names = namesInFolder(m_folder);
    if (!names && names.error().code == ErrorCode::NotFound)
        return keys;
    if (!names)
        return names.error().in(QStringLiteral("Listing %1").arg(displayName(m_folder)));
    for (const QByteArray &name : *names) {
        const QString id = QString::fromLatin1(name.chopped(std::min<qsizetype>(4, name.size())));
        const Result<AgeIdentity> identity = name.endsWith(".txt") && isKeyId(id)
            ? this->identity(id)
            : Result<AgeIdentity>(Error {});
        if (!identity)
            continue;
        keys.append(keyFrom(
            readNote(path(id, ".json")), id, QString::fromLatin1(identity->recipient().text())));
    }
    std::sort(keys.begin(), keys.end(), [](const StoredKey &a, const StoredKey &b) {
        return a.created != b.created ? a.created < b.created : a.id < b.id;
    });
    return keys;
}

QList<StoredKey> KeyStore::lost() const
{
    QList<StoredKey> keys;
    const Result<QList<QByteArray>> names = namesInFolder(m_folder);
    for (const QByteArray &name : names ? *names : QList<QByteArray>()) {
        const QString id = QString::fromLatin1(name.chopped(std::min<qsizetype>(5, name.size())));
        if (!name.endsWith(".json") || !isKeyId(id) || names->contains(id.toLatin1() + ".txt"))
            continue;
        const QJsonObject note = readNote(path(id, ".json"));
        keys.append(keyFrom(note, id, note.value(QStringLiteral("recipient")).toString()));
    }
    return keys;
}

Result<StoredKey> KeyStore::find(const QString &id) const
{
    const Result<QList<StoredKey>> keys = list();
    if (!keys)
        return keys.error();
    QStringList ids;
    for (const StoredKey &key : *keys) {
        if (key.id == id)
            return key;
        ids.append(key.id);
    }
    return Error { ErrorCode::NotFound,
        QStringLiteral("There is no key %1%2").arg(id, didYouMean(id, ids)) };
}

Result<AgeIdentity> KeyStore::identity(const QString &id) const
{
    if (!isKeyId(id))
        return Error { ErrorCode::NotFound, QStringLiteral("There is no key %1").arg(id) };
    Result<std::vector<AgeIdentity>> identities = readIdentityFile(path(id, ".txt"));
    if (!identities)
        return identities.error();
    return identities->front();
}

Result<StoredKey> KeyStore::confirm(
    const QString &id, const QString &characters, const QDateTime &now) const
{
    Result<StoredKey> key = find(id);
    const Result<AgeIdentity> identity = key ? this->identity(id) : key.error();
    if (!identity)
        return identity.error();
    const QList<QByteArray> groups = secretGroups(*identity);
    QByteArray wanted;
    QStringList named;
    for (const int group : std::as_const(key->asked)) {
        wanted += groups.value(group - 1);
        named.append(QString::number(group));
    }
    QString typed = characters.toUpper();
    typed.removeIf([](QChar c) { return c.isSpace() || c == u'-' || c == u','; });
    if (wanted.isEmpty() || typed.toLatin1() != wanted)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("These are not the characters of the groups %1 of the recovery kit")
                .arg(named.join(QStringLiteral(" and "))) };
    key->confirmed = now;
    const Result<void> written = writeNote(*key);
    if (!written)
        return written.error().in(QStringLiteral("Confirming the key %1").arg(id));
    return key;
}

std::vector<AgeIdentity> KeyStore::identities() const
{
    std::vector<AgeIdentity> identities;
    const Result<QList<StoredKey>> keys = list();
    for (const StoredKey &key : keys ? *keys : QList<StoredKey>()) {
        Result<AgeIdentity> identity = this->identity(key.id);
        if (identity)
            identities.push_back(std::move(*identity));
    }
    return identities;
}

} // namespace hubkeep::backup
