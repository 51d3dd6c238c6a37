#include "integrations/backup/archive/agewrap.h"

#include <QFile>

#include <sodium.h>

#include <algorithm>
#include <limits>

namespace hubkeep::backup {
namespace {

constexpr char x25519Type[] = "X25519";
constexpr char scryptType[] = "scrypt";
constexpr char x25519Purpose[] = "age-encryption.org/v1/X25519";
constexpr char scryptPurpose[] = "age-encryption.org/v1/scrypt";
constexpr qsizetype saltSize = 16;
constexpr qsizetype wrappedSize = 32; // the file key and a tag
constexpr std::array<uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> noNonce {};

const uint8_t *bytesOf(const QByteArray &bytes)
{
    return reinterpret_cast<const uint8_t *>(bytes.constData());
}

QByteArray toBytes(std::span<const uint8_t> bytes)
{
    return QByteArray(reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size()));
}

QByteArray seal(const AgeFileKey &key, const SecretBytes<32> &with)
{
    QByteArray body(wrappedSize, Qt::Uninitialized);
    crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<uint8_t *>(body.data()), nullptr,
        key.data(), key.size(), nullptr, 0, nullptr, noNonce.data(), with.data());
    return body;
}

std::optional<AgeFileKey> unseal(const QByteArray &body, const SecretBytes<32> &with)
{
    AgeFileKey key;
    if (crypto_aead_chacha20poly1305_ietf_decrypt(key.data(), nullptr, nullptr, bytesOf(body),
            size_t(body.size()), nullptr, 0, noNonce.data(), with.data())
        != 0)
        return {};
    return key;
}

// Nothing where the two do not make a secret: the other side chose its key so that they don't.
std::optional<SecretBytes<32>> sharedKey(const SecretBytes<32> &secret, const AgePoint &point,
    const QByteArray &share, const AgePoint &recipient)
{
    SecretBytes<32> shared;
    if (crypto_scalarmult(shared.data(), secret.data(), point.data()) != 0)
        return {};
    return deriveKey(shared, share + toBytes(recipient), x25519Purpose);
}

Result<AgeStanza> wrapForRecipient(const AgeFileKey &key, const AgeRecipient &recipient)
{
    const AgeIdentity ephemeral = AgeIdentity::generate();
    const QByteArray share = toBytes(ephemeral.recipient().point());
    const auto with = sharedKey(ephemeral.secret(), recipient.point(), share, recipient.point());
    if (!with)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The recipient %1 is a key that keeps nothing secret; give another")
                .arg(QLatin1String(recipient.text())) };
    return AgeStanza { { x25519Type, toAgeBase64(share) }, seal(key, *with) };
}

// What this machine can give without others suffering, as far as it says.
qint64 availableMemory()
{
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly))
        return std::numeric_limits<qint64>::max();
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("MemAvailable:"))
            return line.mid(13).trimmed().split(' ').first().toLongLong() * 1024;
    }
    return std::numeric_limits<qint64>::max();
}

Result<SecretBytes<32>> stretch(
    const QByteArray &passphrase, const QByteArray &salt, int workFactor)
{
    const qint64 needed = (qint64(1) << workFactor) * 1024;
    const Error tooLittle { ErrorCode::NoSpace,
        QStringLiteral("Its passphrase was made to take %1 MiB of memory, and that is not there; "
                       "open it on another machine, or stop something here")
            .arg(needed >> 20) };
    if (needed > availableMemory())
        return tooLittle;
    const QByteArray fullSalt = scryptPurpose + salt;
    SecretBytes<32> key;
    if (crypto_pwhash_scryptsalsa208sha256_ll(bytesOf(passphrase), size_t(passphrase.size()),
            bytesOf(fullSalt), size_t(fullSalt.size()), uint64_t(1) << workFactor, 8, 1, key.data(),
            key.size())
        != 0)
        return tooLittle;
    return key;
}

Result<AgeStanza> wrapForPassphrase(const AgeFileKey &key, const AgeRecipients &recipients)
{
    QByteArray salt(saltSize, Qt::Uninitialized);
    randombytes_buf(salt.data(), size_t(salt.size()));
    const Result<SecretBytes<32>> with
        = stretch(recipients.passphrase, salt, recipients.workFactor);
    if (!with)
        return with.error().in(QStringLiteral("Encrypting with a passphrase"));
    return AgeStanza { { scryptType, toAgeBase64(salt), QByteArray::number(recipients.workFactor) },
        seal(key, *with) };
}

using Opened = Result<std::optional<AgeFileKey>>;

Opened openX25519(const AgeStanza &stanza, const std::vector<AgeIdentity> &identities)
{
    const std::optional<QByteArray> share
        = stanza.arguments.size() == 2 ? fromAgeBase64(stanza.arguments[1]) : std::nullopt;
    if (!share || share->size() != 32)
        return malformedHeader("an X25519 stanza has not the one share that it should have");
    if (stanza.body.size() != wrappedSize)
        return malformedHeader("an X25519 stanza wraps something else than a file key");
    AgePoint point;
    std::copy(share->begin(), share->end(), point.begin());
    for (const AgeIdentity &identity : identities) {
        const auto with = sharedKey(identity.secret(), point, *share, identity.recipient().point());
        if (!with)
            return malformedHeader("an X25519 stanza has a share that keeps nothing secret");
        if (std::optional<AgeFileKey> key = unseal(stanza.body, *with))
            return key;
    }
    return std::optional<AgeFileKey>();
}

// "18", and no other way of writing it.
std::optional<int> parseWorkFactor(const QByteArray &text)
{
    const int factor = text.toInt();
    if (factor < 1 || QByteArray::number(factor) != text)
        return {};
    return factor;
}

Opened openScrypt(const AgeStanza &stanza, const QByteArray &passphrase)
{
    const bool three = stanza.arguments.size() == 3;
    const std::optional<QByteArray> salt
        = three ? fromAgeBase64(stanza.arguments[1]) : std::nullopt;
    const std::optional<int> workFactor
        = three ? parseWorkFactor(stanza.arguments[2]) : std::nullopt;
    if (!salt || salt->size() != saltSize || !workFactor)
        return malformedHeader("its scrypt stanza has not the salt and work factor it should have");
    if (stanza.body.size() != wrappedSize)
        return malformedHeader("its scrypt stanza wraps something else than a file key");
    if (*workFactor > largestWorkFactor)
        return malformedHeader("its passphrase was made to take more than 1 GiB of memory, which "
                               "is refused");
    const Result<SecretBytes<32>> with = stretch(passphrase, *salt, *workFactor);
    if (!with)
        return with.error();
    return unseal(stanza.body, *with);
}

Error noMatch(const QList<AgeStanza> &stanzas, const AgeKeys &keys)
{
    const bool wantsPassphrase = stanzas.first().arguments.first() == scryptType;
    QString sentence;
    if (wantsPassphrase && keys.passphrase.isEmpty())
        sentence = QStringLiteral("It is encrypted with a passphrase, and none was given");
    else if (wantsPassphrase)
        sentence = QStringLiteral("The passphrase does not open it; is it the one of that time?");
    else if (keys.identities.empty())
        sentence = QStringLiteral("It is encrypted to recipients, and no identity was given");
    else
        sentence = QStringLiteral("No identity that was given opens it: it is encrypted to others");
    return { ErrorCode::Unauthorized, sentence };
}

} // namespace

Result<QList<AgeStanza>> wrapFileKey(const AgeFileKey &key, const AgeRecipients &recipients)
{
    if (recipients.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("There is nobody to encrypt to; name a recipient or a passphrase") };
    if (!recipients.recipients.empty() && !recipients.passphrase.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("age encrypts to recipients or to a passphrase, not to both; leave one "
                           "out") };
    QList<AgeStanza> stanzas;
    for (const AgeRecipient &recipient : recipients.recipients) {
        Result<AgeStanza> stanza = wrapForRecipient(key, recipient);
        if (!stanza)
            return stanza.error();
        stanzas.append(std::move(*stanza));
    }
    if (!recipients.passphrase.isEmpty()) {
        Result<AgeStanza> stanza = wrapForPassphrase(key, recipients);
        if (!stanza)
            return stanza.error();
        stanzas.append(std::move(*stanza));
    }
    return stanzas;
}

Result<AgeFileKey> unwrapFileKey(const QList<AgeStanza> &stanzas, const AgeKeys &keys)
{
    const auto isScrypt = [](const AgeStanza &s) { return s.arguments.first() == scryptType; };
    if (stanzas.size() > 1 && std::any_of(stanzas.begin(), stanzas.end(), isScrypt))
        return malformedHeader("it has a passphrase and others who may open it");
    if (keys.fileKey)
        return *keys.fileKey;
    for (const AgeStanza &stanza : stanzas) {
        Opened opened = std::optional<AgeFileKey>();
        if (isScrypt(stanza) && !keys.passphrase.isEmpty())
            opened = openScrypt(stanza, keys.passphrase);
        else if (stanza.arguments.first() == x25519Type && !keys.identities.empty())
            opened = openX25519(stanza, keys.identities);
        if (!opened)
            return opened.error();
        if (*opened)
            return **opened;
    }
    return noMatch(stanzas, keys);
}

} // namespace hubkeep::backup
