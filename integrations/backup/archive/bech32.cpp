#include "integrations/backup/archive/bech32.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hubkeep::backup {
namespace {

constexpr char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr qsizetype checksumSize = 6;

// Continues the checksum with values of five bits.
uint32_t checksum(const QByteArray &values, uint32_t sum)
{
    constexpr std::array<uint32_t, 5> generator
        = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
    for (const char value : values) {
        const uint32_t top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ uint8_t(value);
        for (size_t i = 0; i < generator.size(); ++i)
            sum ^= ((top >> i) & 1) != 0 ? generator[i] : 0;
    }
    return sum;
}

QByteArray expanded(const QByteArray &prefix)
{
    QByteArray values;
    for (const char c : prefix)
        values.append(char(uint8_t(c) >> 5));
    values.append('\0');
    for (const char c : prefix)
        values.append(char(uint8_t(c) & 31));
    return values;
}

// Cuts values of `from` bits into values of `to` bits; what is left over is filled up with zeros.
QByteArray regrouped(const QByteArray &values, int from, int to)
{
    QByteArray result;
    uint32_t bits = 0;
    int count = 0;
    for (const char value : values) {
        bits = ((bits << from) | uint8_t(value)) & 0xfff;
        for (count += from; count >= to; count -= to)
            result.append(char((bits >> (count - to)) & ((1U << to) - 1)));
    }
    if (count > 0)
        result.append(char((bits << (to - count)) & ((1U << to) - 1)));
    return result;
}

} // namespace

QByteArray encodeBech32(const QByteArray &prefix, const QByteArray &bytes)
{
    const QByteArray lower = prefix.toLower();
    const QByteArray values = regrouped(bytes, 8, 5);
    const uint32_t sum
        = checksum(values + QByteArray(checksumSize, '\0'), checksum(expanded(lower), 1)) ^ 1;
    QByteArray text = lower + '1';
    for (const char value : values)
        text.append(alphabet[uint8_t(value)]);
    for (int i = 0; i < checksumSize; ++i)
        text.append(alphabet[(sum >> (5 * (checksumSize - 1 - i))) & 31]);
    return text;
}

std::optional<Bech32> decodeBech32(const QByteArray &text)
{
    const QByteArray lower = text.toLower();
    const qsizetype one = text.lastIndexOf('1');
    if ((text != lower && text != text.toUpper()) || one < 1
        || text.size() - one - 1 < checksumSize)
        return {};
    if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0x21 || c > 0x7e; }))
        return {};
    QByteArray values;
    for (const char c : lower.mid(one + 1)) {
        const char *const found = std::find(alphabet, alphabet + 32, c);
        if (found == alphabet + 32)
            return {};
        values.append(char(found - alphabet));
    }
    if (checksum(values, checksum(expanded(lower.left(one)), 1)) != 1)
        return {};
    values.chop(checksumSize);
    QByteArray bytes = regrouped(values, 5, 8);
    bytes.truncate(values.size() * 5 / 8);
    // What does not come out the same had bits too many.
    if (encodeBech32(lower.left(one), bytes) != lower)
        return {};
    return Bech32 { text.left(one), bytes };
}

} // namespace hubkeep::backup
