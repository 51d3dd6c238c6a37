// The text that an age file begins with: for each who may open it, the file key wrapped up.
//
// Pure functions but for what they read; any thread.

#pragma once

#include "integrations/backup/archive/ageinput.h"
#include "integrations/backup/archive/agekeys.h"

#include <QList>

namespace hubkeep::backup {

inline constexpr char ageVersionLine[] = "age-encryption.org/v1";

struct AgeStanza
{
    QList<QByteArray> arguments; // one at least: the first is the type
    QByteArray body;

    bool operator==(const AgeStanza &) const = default;
};

struct AgeHeader
{
    QList<AgeStanza> stanzas;
    QByteArray authenticated; // all but the authentication code, as it was written
    QByteArray code;
    qint64 size = 0; // in the file
};

// Corrupt for whatever the format does not allow. Nothing is known of who wrote it yet.
Result<AgeHeader> readAgeHeader(BufferedInput &input);

QByteArray writeAgeHeader(const QList<AgeStanza> &stanzas, const AgeFileKey &key);

// Whether the key is the one that the header was written with, and nobody changed it since.
Result<void> authenticate(const AgeHeader &header, const AgeFileKey &key);

// Without padding. Nothing for what age would write differently.
QByteArray toAgeBase64(const QByteArray &bytes);
std::optional<QByteArray> fromAgeBase64(const QByteArray &text);

// HKDF with SHA-256: 32 bytes.
SecretBytes<32> deriveKey(
    std::span<const uint8_t> secret, const QByteArray &salt, const char *purpose);

Error malformedHeader(const char *what);

} // namespace hubkeep::backup
