// The history as Home Assistant's API tells it: REST's lists of states, and WebSocket's compressed
// ones.
//
// Made on the history's thread.

#pragma once

#include "app/api/jsonspool.h"
#include "integrations/recorder/history.h"

#include <atomic>

namespace hubkeep::api {

struct HistoryQuery
{
    QStringList entityIds; // each once
    QDateTime from; // UTC
    QDateTime to;
    bool initial = true; // first what each was at `from`
    bool significantOnly = true; // leave out changes of attributes alone, but of some domains
    bool minimal = false; // only value and time, but of the first
    bool attributes = true;
    bool compressed = false; // {id: [{"s", "a", "lu", "lc"}]} instead of [[state]]
};

// Entities without any state have no list.
Result<void> writeHistory(recorder::History &history, const HistoryQuery &query,
    const std::atomic<bool> &ending, JsonSpool &spool);

// "2026-04-13T14:25:30.123000+00:00", and seconds since 1970 with three decimals.
QByteArray isoText(qint64 milliseconds);
QByteArray secondsText(qint64 milliseconds);

} // namespace hubkeep::api
