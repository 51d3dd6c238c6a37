// Reads the fields of a request's body, and remembers the first that is of the wrong type.
//
//     JsonFields fields(*body);
//     request.name = fields.text("name");
//     request.includeHub = fields.boolean("include_hub", true);
//     if (!fields.ok())
//         return responder.fail(fields.error());
//
// A missing field and null give the fallback. Any thread.

#pragma once

#include "automation/core/result.h"

#include <QJsonObject>
#include <QStringList>

namespace hubkeep::api {

class JsonFields
{
public:
    explicit JsonFields(QJsonObject object)
        : m_object(std::move(object))
    {
    }

    bool has(const char *name) const; // and not null
    QString text(const char *name, const QString &fallback = {});
    // For what cannot be missing or empty.
    QString requiredText(const char *name);
    QStringList texts(const char *name);
    bool boolean(const char *name, bool fallback);

    bool ok() const { return m_error.message.isEmpty(); }
    const Error &error() const { return m_error; } // requires !ok()

private:
    void refuse(const char *name, const char *wanted);

    const QJsonObject m_object;
    Error m_error { ErrorCode::InvalidArgument, {} };
};

} // namespace hubkeep::api
