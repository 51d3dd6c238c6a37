// The hub's age identities: one file each in <data>/keys/, which is in no backup.
//
// `<id>.txt` is an identity file as age-keygen writes it (0600), so `age -d -i` takes it as it is;
// `<id>.json` beside it says whether somebody proved to have kept the recovery kit. Reads the
// folder anew each time, so a command may add a key while the hub runs. Any thread.

#pragma once

#include "integrations/backup/archive/agekeys.h"

#include <QByteArray>
#include <QDateTime>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace hubkeep::backup {

struct StoredKey
{
    QString id; // how its recipient begins: "age1qx7c3f0v"
    QString recipient;
    QDateTime created; // UTC
    QDateTime confirmed; // UTC, when the kit was proved kept; invalid: not yet
    QList<int> asked; // the numbers, from 1, of the groups of the kit that prove it
};

QJsonObject toJson(const StoredKey &key);

// A key's secret as the kit prints it: the groups of four characters behind AGE-SECRET-KEY-1.
QList<QByteArray> secretGroups(const AgeIdentity &identity);

class KeyStore
{
public:
    explicit KeyStore(const QString &dataFolder);

    Result<QList<StoredKey>> list() const; // oldest first; what cannot be read is left out
    // Those whose note is there and whose identity is not.
    QList<StoredKey> lost() const;
    Result<StoredKey> create(const QDateTime &now) const;

    Result<StoredKey> find(const QString &id) const; // NotFound names the nearest
    Result<AgeIdentity> identity(const QString &id) const;

    // Whoever types back the groups that are asked for has the kit. InvalidArgument: not these.
    Result<StoredKey> confirm(
        const QString &id, const QString &characters, const QDateTime &now) const;

    // All of them, for opening backups.
    std::vector<AgeIdentity> identities() const;

private:
    QByteArray path(const QString &id, const char *ending) const;
    Result<void> writeNote(const StoredKey &key) const;

    const QByteArray m_folder;
};

} // namespace hubkeep::backup
