// Bech32: how age writes keys down, with a checksum that finds typing errors.
//
// As age does it: of any length, and all in one case. Pure functions; any thread.

#pragma once

#include <QByteArray>

#include <optional>

namespace hubkeep::backup {

struct Bech32
{
    QByteArray prefix; // "age", as it was written
    QByteArray bytes;
};

QByteArray encodeBech32(const QByteArray &prefix, const QByteArray &bytes); // in lower case

// Nothing for what is no Bech32, or has a typing error.
std::optional<Bech32> decodeBech32(const QByteArray &text);

} // namespace hubkeep::backup
