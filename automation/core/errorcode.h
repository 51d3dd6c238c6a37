// The one name that each ErrorCode has wherever a program reads it: the API's "code" and
// "error_code", and the client that reads them back.
//
//     nameOf(ErrorCode::NoSpace); // "no_space"
//
// Any thread.

#pragma once

#include "automation/core/result.h"

#include <optional>

namespace hubkeep {

const char *nameOf(ErrorCode code); // a literal
std::optional<ErrorCode> errorCodeNamed(const QString &name);

} // namespace hubkeep
