// GET /api/history/period[/{start}] and GET /api/logbook[/{start}], as Home Assistant answers them.
//
//     HistoryController controller(router, hub, spoolFolder);
//
// Read and put into words on the history's thread; what is long waits in a file without a name in
// spoolFolder, so that an answer takes little memory whatever was asked for.
//
// Main thread. hub and router outlive it.

#pragma once

#include "app/api/jsonspool.h"
#include "app/api/router.h"
#include "automation/core/hub.h"
#include "integrations/recorder/recorderintegration.h"

#include <QObject>

namespace hubkeep::api {

class HistoryController : public QObject
{
    Q_OBJECT

public:
    HistoryController(Router &router, Hub &hub, QString spoolFolder, QObject *parent = nullptr);

private:
    using Writing = std::function<Result<void>(
        recorder::History &history, const std::atomic<bool> &ending, JsonSpool &spool)>;

    void history(const Request &request, Responder responder);
    void logbook(const Request &request, Responder responder);
    void answer(Responder responder, Writing writing);
    // One that is not there is an invalid one; one that is wrong answers, and is nothing.
    std::optional<QDateTime> time(
        const QString &text, const char *name, const QDateTime &fallback, Responder &responder);

    Hub &m_hub;
    const QString m_spoolFolder;
};

// --- Shared with the WebSocket commands.

// Each once, in lower case; nothing where one is no id.
std::optional<QStringList> entityIdsOf(const QStringList &texts);
QHash<QString, QString> friendlyNames(const StateStore &states);

} // namespace hubkeep::api
