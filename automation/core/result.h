// Errors are values. A function that can fail returns Result<T>; one that can
// fail and has nothing to say returns Result<void>. Nothing in this project
// throws across a function boundary, and nothing returns a bare bool or an
// empty string to mean "it went wrong".
//
//     Result<Manifest> read = readManifest(path);
//     if (!read)
//         return read.error().in("Reading the manifest");
//     use(*read);
//
// There is no TRY macro on purpose: an if that returns is read by everybody.

#pragma once

#include <QString>

#include <utility>
#include <variant>

namespace hubkeep {

// Why something failed, coarse enough that callers can branch on it. The
// command line maps each code to one exit status (app/cli/command.cpp) and
// nobody else does.
enum class ErrorCode {
    InvalidArgument, // the caller asked for something that can never work
    NotFound,
    Busy, // allowed, but not now; ask again later
    Unauthorized, // nobody we know
    Forbidden, // known, but not allowed
    TooLarge,
    NoSpace,
    Unavailable, // the other side is unreachable; retrying may help
    Io,
    Corrupt, // the bytes are there and they are wrong
    Cancelled,
    Internal, // a bug on our side
};

struct Error
{
    ErrorCode code = ErrorCode::Internal;
    QString message; // one sentence without a final dot, for a person to read

    // The same error, with the step that was being done put in front:
    // "Uploading to nas: connection refused". Each layer adds one step.
    Error in(const QString &step) const { return { code, step + QLatin1String(": ") + message }; }
};

template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Requires ok().
    T &operator*() & { return std::get<0>(m_state); }
    const T &operator*() const & { return std::get<0>(m_state); }
    T &&operator*() && { return std::get<0>(std::move(m_state)); }
    T *operator->() { return &std::get<0>(m_state); }
    const T *operator->() const { return &std::get<0>(m_state); }

    // Requires !ok().
    const Error &error() const { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> : public Result<std::monostate>
{
public:
    Result()
        : Result<std::monostate>(std::monostate {})
    {
    }
    Result(Error error)
        : Result<std::monostate>(std::move(error))
    {
    }
};

} // namespace hubkeep
