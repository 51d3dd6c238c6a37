// The logbook as Home Assistant's API tells it: what changed from one value to another and what
// happened, each with what caused it.
//
// Left out, as there: sensors that measure something all the time, changes of attributes alone,
// entities that came or went, events that nobody describes. A cause is known if it is among the
// last some thousand rows before what it caused.
//
// Made on the history's thread.

#pragma once

#include "app/api/jsonspool.h"
#include "integrations/recorder/history.h"

#include <QHash>
#include <QSet>

#include <atomic>

namespace hubkeep::api {

struct LogbookQuery
{
    QDateTime from; // UTC
    QDateTime to;
    QSet<QString> entityIds {}; // empty: all
    QString contextId {}; // empty: any
    // WebSocket has times as seconds and no names.
    bool withNames = true;
    QHash<QString, QString> names {}; // of entities, friendly ones
};

// Whether events of this type are in it, each for itself.
bool isInLogbook(const QString &eventType);

Result<void> writeLogbook(recorder::History &history, const LogbookQuery &query,
    const std::atomic<bool> &ending, JsonSpool &spool);

} // namespace hubkeep::api
