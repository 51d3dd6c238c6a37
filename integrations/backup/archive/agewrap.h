// Wraps an age file's key up for those who may open it, and unwraps it again.
//
// X25519 and scrypt, the two ways of age's format that every age command knows. Blocking: a
// passphrase takes a second and 256 MiB. Pure functions; any thread.

#pragma once

#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/agekeys.h"

namespace hubkeep::backup {

// Passphrases cost memory to open: 1 GiB at this one. Who asks for more wants to stop us.
inline constexpr int largestWorkFactor = 20;

// InvalidArgument: no recipient, or recipients and a passphrase, which the format forbids.
Result<QList<AgeStanza>> wrapFileKey(const AgeFileKey &key, const AgeRecipients &recipients);

// Unauthorized: none of the keys opens it. Corrupt: a stanza that they should open is malformed.
Result<AgeFileKey> unwrapFileKey(const QList<AgeStanza> &stanzas, const AgeKeys &keys);

} // namespace hubkeep::backup
