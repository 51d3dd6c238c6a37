#include "automation/core/errorcode.h"

#include <utility>

namespace hubkeep {
namespace {

constexpr std::pair<ErrorCode, const char *> names[] = {
    { ErrorCode::InvalidArgument, "invalid_argument" },
    { ErrorCode::NotFound, "not_found" },
    { ErrorCode::Busy, "busy" },
    { ErrorCode::Unauthorized, "unauthorized" },
    { ErrorCode::Forbidden, "forbidden" },
    { ErrorCode::TooLarge, "too_large" },
    { ErrorCode::NoSpace, "no_space" },
    { ErrorCode::Unavailable, "unavailable" },
    { ErrorCode::Io, "io" },
    { ErrorCode::Corrupt, "corrupt" },
    { ErrorCode::Cancelled, "cancelled" },
    { ErrorCode::Internal, "internal" },
};

} // namespace

const char *nameOf(ErrorCode code)
{
    for (const auto &[known, name] : names) {
        if (known == code)
            return name;
    }
    return "internal";
}

std::optional<ErrorCode> errorCodeNamed(const QString &name)
{
    for (const auto &[code, known] : names) {
        if (name == QLatin1String(known))
            return code;
    }
    return {};
}

} // namespace hubkeep
