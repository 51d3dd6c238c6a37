// What of a source's or an agent's options the API does not show and state.db does not tell: an
// rclone remote's secrets.
//
// Plain values; any thread.

#pragma once

#include "app/secretbox.h"
#include "integrations/backup/parttypes.h"

#include <QStringList>
#include <QVariantMap>

#include <optional>

namespace hubkeep {

// The options as people may see them, with "***" for what is secret.
QVariantMap maskedOptions(const backup::Part &part);

// What somebody sends back who was shown maskedOptions(): what is "***" is what known has.
// InvalidArgument: something is masked and known has nothing there.
Result<QVariantMap> unmaskedOptions(QVariantMap fields, const std::optional<backup::Part> &known);

// The options as state.db has them, with each secret sealed; what is sealed already stays so.
QVariantMap sealedOptions(const backup::Part &part, const SecretBox &box);
// And back. What was sealed with another key stays sealed.
QVariantMap openedOptions(QVariantMap stored, const SecretBox &box);
// The names of those that are still sealed: nobody can use them.
QStringList lockedOptions(const backup::Part &part);

} // namespace hubkeep
