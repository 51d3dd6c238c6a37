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

#include <functional>
#include <memory>

namespace hubkeep {
class StateDatabase;
}

namespace hubkeep::automation {

class Automation;

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
    // Reads all files again, now. Not from inside a run: it may be of what goes.
    Problems reload(const Context &cause = Context::make());
    // What is wrong in the files, without taking them over. An action that is not among
    // knownActions is a problem too; null: nobody knows which there are.
    static Problems check(const QString &configFolder, const QStringList *knownActions = nullptr);
    // As if file, which need not exist, held text.
    static Problems checkText(const QString &configFolder, const QString &file,
        const QByteArray &text, const QStringList *knownActions = nullptr);

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
    void addActions();
    void addAction(const QString &verb, const QString &title, const QString &summary,
        QMap<QString, ActionField> fields,
        std::function<void(Automation &automation, const ActionCall &call)> act);
    Result<QList<Automation *>> named(const QVariantMap &arguments) const;
    void tellOfProblems(const Problems &problems);
    void tellOfLoop(const QString &entityId, const QString &name);
    static QString notificationId();
    void callNotification(const QString &action, const QVariantMap &arguments);

    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace hubkeep::automation
