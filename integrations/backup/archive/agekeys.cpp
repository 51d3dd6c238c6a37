#include "integrations/backup/archive/agekeys.h"

#include "integrations/backup/archive/bech32.h"

#include <sodium.h>

#include <algorithm>

namespace hubkeep::backup {
namespace {

constexpr char recipientPrefix[] = "age";
constexpr char identityPrefix[] = "AGE-SECRET-KEY-";

QByteArray toBytes(std::span<const uint8_t> bytes)
{
    return QByteArray(reinterpret_cast<const char *>(bytes.data()), qsizetype(bytes.size()));
}

Error invalid(const QString &sentence)
{
    return { ErrorCode::InvalidArgument, sentence };
}

} // namespace

void wipe(void *bytes, size_t size)
{
    sodium_memzero(bytes, size);
}

Result<AgeRecipient> AgeRecipient::parse(const QByteArray &text)
{
    const std::optional<Bech32> decoded = decodeBech32(text);
    if (text.startsWith(identityPrefix))
        return invalid(QStringLiteral(
            "A secret key was given where a recipient is wanted; recipients begin with age1"));
    if (decoded && decoded->prefix == "age1pq")
        return invalid(QStringLiteral(
            "Post-quantum recipients are not supported yet; give one that begins with age1"));
    if (!decoded || decoded->prefix != recipientPrefix || decoded->bytes.size() != 32)
        return invalid(QStringLiteral("\"%1\" is not an age recipient (age1… and 58 more "
                                      "characters); is it copied whole?")
                           .arg(QString::fromUtf8(text.left(80))));
    AgePoint point;
    std::copy(decoded->bytes.begin(), decoded->bytes.end(), point.begin());
    return AgeRecipient(point);
}

QByteArray AgeRecipient::text() const
{
    return encodeBech32(recipientPrefix, toBytes(m_point));
}

AgeIdentity AgeIdentity::generate()
{
    AgeIdentity identity;
    randombytes_buf(identity.m_secret.data(), identity.m_secret.size());
    return identity;
}

Result<AgeIdentity> AgeIdentity::parse(const QByteArray &text)
{
    std::optional<Bech32> decoded = decodeBech32(text);
    if (text.startsWith("AGE-SECRET-KEY-PQ-") || text.startsWith("AGE-PLUGIN-"))
        return invalid(QStringLiteral(
            "Only X25519 identities are supported (AGE-SECRET-KEY-1…), no others of age's"));
    if (!decoded || decoded->prefix != identityPrefix || decoded->bytes.size() != 32)
        return invalid(QStringLiteral("It is not an age identity (AGE-SECRET-KEY-1… and 58 more "
                                      "characters); is it copied whole?"));
    AgeIdentity identity;
    std::copy(decoded->bytes.begin(), decoded->bytes.end(), identity.m_secret.begin());
    wipe(decoded->bytes.data(), size_t(decoded->bytes.size()));
    return identity;
}

AgeRecipient AgeIdentity::recipient() const
{
    AgePoint point;
    crypto_scalarmult_base(point.data(), m_secret.data());
    return AgeRecipient(point);
}

QByteArray AgeIdentity::text() const
{
    return encodeBech32(identityPrefix, toBytes(m_secret)).toUpper();
}

Result<std::vector<AgeIdentity>> parseIdentities(const QByteArray &text)
{
    std::vector<AgeIdentity> identities;
    const QList<QByteArray> lines = text.split('\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QByteArray line = lines[i].trimmed();
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        Result<AgeIdentity> identity = AgeIdentity::parse(line);
        if (!identity)
            return identity.error().in(QStringLiteral("Line %1").arg(i + 1));
        identities.push_back(std::move(*identity));
    }
    if (identities.empty())
        return invalid(QStringLiteral("There is no identity in it (AGE-SECRET-KEY-1…)"));
    return identities;
}

} // namespace hubkeep::backup
