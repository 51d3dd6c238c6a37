// Amounts of data as people write them in the configuration.
//
// Pure; any thread.

#pragma once

#include <QString>

#include <optional>

namespace hubkeep {

// "500M", "2G", "2 GiB", "1048576": K, M, G and T are powers of 1024, as rclone has them. Nothing
// for anything else, and for more than a quarter of what 64 bits hold.
std::optional<qint64> parseByteCount(const QString &text);

} // namespace hubkeep
