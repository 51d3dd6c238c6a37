// Whole files, encrypted and decrypted in the age format.
//
// Blocking; any thread. Whatever happens, no half-made file stays.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/workerpool.h"

namespace hubkeep::backup {

// Encrypts the file at `from` into the new file `to` (0600), flushes it, and proves by reading it
// back that it opens to what went in: nobody but a recipient can later. Its size.
Result<qint64> encryptFile(const QByteArray &from, const QByteArray &to,
    const AgeRecipients &recipients, WorkerPool &pool, JobControl &control);

// Decrypts the file or pipe at `from`, armoured or not, into `to` (0600), which gets its name, and
// whatever had it loses it, once everything was authenticated. Unauthorized: no key opens it.
// Corrupt: it is damaged, or no age file.
Result<void> decryptFile(const QByteArray &from, const QByteArray &to, const AgeKeys &keys,
    WorkerPool &pool, JobControl &control);

// Whether the age file at `from` is encrypted with a passphrase; false: to recipients. Corrupt:
// its header is damaged, or it is none.
Result<bool> hasPassphrase(const QByteArray &from);

// Whether keys open the file at `from`, without decrypting all of it. Unauthorized: they do not.
Result<void> checkKeys(const QByteArray &from, const AgeKeys &keys);

// The identities in a file as age-keygen writes it; one that is itself encrypted with a passphrase
// is opened with that of keys. Pipes and /dev/stdin are read once; control ends the wait for them.
Result<std::vector<AgeIdentity>> readIdentityFile(
    const QByteArray &path, const QByteArray &passphrase = {}, const JobControl &control = {});

// The passphrase in a file or pipe: all of it but one line end.
Result<QByteArray> readPassphraseFile(const QByteArray &path, const JobControl &control = {});

} // namespace hubkeep::backup
