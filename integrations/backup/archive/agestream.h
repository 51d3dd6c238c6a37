// Encrypts and decrypts a stream in the age format (c2sp.org/age), which the standard `age`
// command opens and makes.
//
//     WorkerPool pool;
//     decryptAge(readerOf(from), writerTo(to), keys, pool, control);
//
// Chunks are worked on side by side, a few megabytes at a time. Blocking; control is looked at
// at least once per megabyte.

#pragma once

#include "automation/core/jobcontrol.h"
#include "integrations/backup/archive/ageinput.h"
#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/archive/workerpool.h"

namespace hubkeep::backup {

enum class AgeFormat { Either, Binary, Armoured };

// The key of what was written, for whoever wants to read it back without being a recipient.
Result<AgeFileKey> encryptAge(const ByteReader &from, const ByteWriter &to,
    const AgeRecipients &recipients, WorkerPool &pool, JobControl &control);

// What goes out was authenticated, but only after success is it known to be all. Unauthorized:
// none of the keys opens it. Corrupt: it is damaged, or no age file.
Result<void> decryptAge(const ByteReader &from, const ByteWriter &to, const AgeKeys &keys,
    WorkerPool &pool, JobControl &control, AgeFormat format = AgeFormat::Either);

// Reads a header, opens it with one of the keys, and authenticates it: the key of the content that
// follows, and where that begins.
Result<SecretBytes<32>> openAgeHeader(
    BufferedInput &input, const AgeKeys &keys, qint64 *size = nullptr);

inline constexpr qsizetype ageProbeSize = 64; // tells armour, age files and others apart

} // namespace hubkeep::backup
