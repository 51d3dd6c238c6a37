// Who may open an age file: recipients that it is encrypted to, and identities that open it.
//
//     const AgeIdentity identity = AgeIdentity::generate();
//     identity.text();              // "AGE-SECRET-KEY-1…", to be kept
//     identity.recipient().text();  // "age1…", for those who encrypt
//
// Plain values; any thread. Secrets are wiped from memory when they go.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QList>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hubkeep::backup {

void wipe(void *bytes, size_t size);

template <size_t N>
struct SecretBytes : std::array<uint8_t, N>
{
    ~SecretBytes() { wipe(this->data(), N); }
};

// What a file's content is encrypted with; made anew for each file.
using AgeFileKey = SecretBytes<16>;
using AgePoint = std::array<uint8_t, 32>; // a public key

class AgeRecipient
{
public:
    // "age1…"; InvalidArgument says what is wrong with it.
    static Result<AgeRecipient> parse(const QByteArray &text);
    explicit AgeRecipient(const AgePoint &point)
        : m_point(point)
    {
    }

    const AgePoint &point() const { return m_point; }
    QByteArray text() const;
    bool operator==(const AgeRecipient &) const = default;

private:
    AgePoint m_point;
};

class AgeIdentity
{
public:
    static AgeIdentity generate();

    // "AGE-SECRET-KEY-1…"; no error repeats what was given.
    static Result<AgeIdentity> parse(const QByteArray &text);

    const SecretBytes<32> &secret() const { return m_secret; }
    AgeRecipient recipient() const;
    QByteArray text() const;

private:
    AgeIdentity() = default;

    SecretBytes<32> m_secret;
};

// The identities in an identity file's text: one a line, with empty lines and "#" comments.
Result<std::vector<AgeIdentity>> parseIdentities(const QByteArray &text);

// What a file is encrypted to: recipients or a passphrase, never both.
struct AgeRecipients
{
    std::vector<AgeRecipient> recipients;
    QByteArray passphrase {};
    int workFactor = 18; // of the passphrase: log2 of scrypt's N

    bool isEmpty() const { return recipients.empty() && passphrase.isEmpty(); }
};

// What a file may be opened with.
struct AgeKeys
{
    std::vector<AgeIdentity> identities {};
    QByteArray passphrase {};
    std::optional<AgeFileKey> fileKey {}; // of those who have just written it

    bool isEmpty() const { return identities.empty() && passphrase.isEmpty() && !fileKey; }
};

} // namespace hubkeep::backup
