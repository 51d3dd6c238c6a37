// One page of a log that is read newest first: ?limit=&before=.
//
// Main thread.

#pragma once

#include "app/api/router.h"

#include <QJsonArray>
#include <QJsonObject>

#include <limits>

namespace hubkeep::api {

// {name: […], "next_before": the id to go on with, or null}. Log has page(limit, before), whose
// elements toJson() writes with an "id".
template <typename Log>
Result<QJsonObject> pageOf(Log &log, const Request &request, const QString &name)
{
    const Result<qint64> limit = request.number("limit", 100, 1, 1000);
    if (!limit)
        return limit.error();
    const Result<qint64> before
        = request.number("before", 0, 0, std::numeric_limits<qint64>::max());
    if (!before)
        return before.error();
    const auto page = log.page(int(*limit) + 1, *before); // one more tells whether there is more
    if (!page)
        return page.error();
    QJsonArray entries;
    for (const auto &entry : page->mid(0, *limit))
        entries.append(toJson(entry));
    const QJsonValue next
        = page->size() > *limit ? entries.last()[QStringLiteral("id")] : QJsonValue();
    return QJsonObject { { name, entries }, { QStringLiteral("next_before"), next } };
}

} // namespace hubkeep::api
