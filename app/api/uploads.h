// Bodies that are too large for memory: the request gate streams them to a file.
//
// A route that takes uploads is added to the router as well (its handler is never called), so
// that the table of routes is whole. The gate checks the token and the role before it answers
// Expect: 100-continue and before it reads the body; it takes multipart/form-data (the first
// part with a file name) and raw bodies, Content-Length and chunked.
//
// Main thread.

#pragma once

#include "app/api/router.h"

namespace hubkeep::api {

// Where one upload goes. Destroyed when its connection is gone or it was answered.
class UploadTarget
{
public:
    virtual ~UploadTarget() = default;

    // Each piece of the body, in order. An error refuses the rest, is answered, and drops
    // what came.
    virtual Result<void> write(const QByteArray &bytes) = 0;

    // The body came whole. Answers when it is stored, or not.
    virtual void finish(Responder responder) = 0;

    // It did not: the client left, was too slow, or lied about its length.
    virtual void drop(const QString &reason) = 0;
};

// Called with the head alone, body empty. size is nothing for chunked bodies.
using UploadOpener = std::function<Result<std::unique_ptr<UploadTarget>>(
    const Request &request, std::optional<qint64> size)>;

} // namespace hubkeep::api
