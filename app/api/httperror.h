// The one place that knows which status an error is answered with.
//
//     HttpError answer = httpError(error);   // 409, "busy", "Backup manager busy: create_backup"
//
// Every error's body is {"message": "<one sentence>", "code": "<snake_case>"}.
//
// Any thread.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QList>

namespace hubkeep::api {

using HttpHeaders = QList<std::pair<QByteArray, QByteArray>>;

struct HttpError
{
    int status = 500;
    const char *code = "internal";
    QString message {};
    HttpHeaders headers {}; // beyond those that every answer has
};

HttpError httpError(const Error &error);

QByteArray errorBody(const QByteArray &code, const QString &message);

// "Not Found"; "Unknown" where there is no such status.
const char *reasonPhrase(int status);

} // namespace hubkeep::api
