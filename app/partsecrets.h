// What of a source's or an agent's options the API does not show: an rclone remote's secrets.
//
// Plain values; any thread.

#pragma once

#include "integrations/backup/parttypes.h"

#include <QVariantMap>

#include <optional>

namespace hubkeep {

// The options as people may see them, with "***" for what is secret.
QVariantMap maskedOptions(const backup::Part &part);

// What somebody sends back who was shown maskedOptions(): what is "***" is what known has.
// InvalidArgument: something is masked and known has nothing there.
Result<QVariantMap> unmaskedOptions(QVariantMap fields, const std::optional<backup::Part> &known);

} // namespace hubkeep
