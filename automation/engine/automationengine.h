// Everything that config/automations.yaml and config/automations/ say, in force.
//
//     AutomationEngine engine(hub, timers, configFolder, zone);
//     engine.start();                    // loads, and follows the files
//     engine.traces("my_automation");
//
// A broken automation is unavailable and said in the log and in a persistent notification; the
// others work. Changed files are in force within 200 ms; automations whose text did not change
// keep their runs, their triggers' timers and their state.
//
// Main thread.

#pragma once

#include "automation/core/timerqueue.h"
#include "automation/core/value.h"
#include "automation/engine/engineparts.h"
#include "automation/engine/trace.h"
#include "automation/engine/webhooks.h"

#include <QJsonObject>
#include <QObject>

#include <memory>

namespace hubkeep {
class StateDatabase;
}

namespace hubkeep::automation {

// What the API shows of one.
struct AutomationSummary
{
    QString entityId; // "automation.my_automation"
    QString id; // as written; empty where there is none
    QString alias;
    QString file; // relative to config/
    int line = 0;
    bool isBroken = false;
};

class AutomationEngine : public QObject
{
    Q_OBJECT

public:
    // All outlive the engine. configFolder is absolute.
    AutomationEngine(Hub &hub, TimerQueue &timers, StateDatabase &state, QString configFolder,
        const QTimeZone &zone);
    ~AutomationEngine() override;

    Result<void> start();
    // Reads all files again, now; the action automation.reload.
    Problems reload();
    // What is wrong in the files, without taking them over. With text: as if file said that.
    static Problems check(const QString &configFolder, const ActionRegistry *actions = nullptr);
    static Problems checkText(const QString &configFolder, const QString &file,
        const QByteArray &text, const ActionRegistry *actions = nullptr);

    QList<AutomationSummary> automations() const;
    // The text of one as JSON, as automation/config sends it; empty: there is no such one.
    QJsonObject configuration(const QString &entityId) const;

    // Newest last; itemId as in Trace. Empty: of all.
    QList<std::shared_ptr<const Trace>> traces(const QString &itemId = {}) const;
    // trace/get: with the automation's configuration; empty: there is no such one.
    QJsonObject trace(const QString &itemId, const QString &runId) const;

    EngineParts &parts();

signals:
    void reloaded();

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace hubkeep::automation
