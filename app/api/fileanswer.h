// How a file is answered: whole, a range of it, or not at all because the client has it.
// RFC 9110 13 and 14: If-None-Match, Range with one range, If-Range.
//
// A pure function; any thread.

#pragma once

#include "app/api/httperror.h"
#include "app/api/router.h"

namespace hubkeep::api {

struct FileAnswer
{
    int status = 200; // 200, 206, 304 or 416
    qint64 offset = 0;
    qint64 length = 0; // of what is sent
    HttpHeaders headers {};
};

FileAnswer answerForFile(const Request &request, const Responder::File &file, qint64 size);

// attachment; filename="plain.zip"; filename*=UTF-8''… where the name needs it (RFC 6266).
QByteArray contentDisposition(const QString &filename);

} // namespace hubkeep::api
