// The automation engine on a folder of its own, with a clock that stands still, an action that
// writes down what it was told, and notifications that are remembered.
//
//     AutomationArena arena;
//     arena.write("automations.yaml", slowAutomation("single"));
//     arena.start();
//     arena->fire("go");
//     QCOMPARE(arena.notes, …);

#pragma once

#include "automation/core/statedatabase.h"
#include "automation/engine/automationengine.h"
#include "tests/support/enginearena.h"

#include <QByteArray>
#include <QMap>
#include <QStringList>
#include <QTemporaryDir>
#include <QVariant>

#include <memory>

namespace hubkeep::test {

// "Slow one", automation.slow_one with the id slow: on the event go it notes "begin {{ n }}", waits
// a minute and notes "end {{ n }}". More keys may follow the mode: "queued\n  max: 2".
QByteArray slowAutomation(const QByteArray &mode);

class AutomationArena
{
public:
    AutomationArena(); // a hub without automations, Monday 2026-04-13 14:00 in Amsterdam
    ~AutomationArena();

    EngineArena *operator->() { return m_arena.get(); }
    automation::AutomationEngine &engine() { return *m_engine; }
    QString configFolder() const { return m_folder.filePath(QStringLiteral("config")); }

    void write(const char *file, const QByteArray &text); // of config/
    void start(); // the automations, then the hub runs
    void restart(); // another hub on the same folder; start() follows

    // Calls automation.<action> and waits; its error, else empty.
    QString call(const char *action, const QVariantMap &arguments = {});
    // The same for one automation.
    QString call(const char *action, const char *entityId);

    QString state(const char *entityId); // "(none)" where there is none
    QVariant attribute(const char *entityId, const char *name);
    QString notification(const char *id) const { return notifications.value(QLatin1String(id)); }

    QStringList notes; // of test.note
    QMap<QString, QString> notifications; // messages by id

private:
    void close();
    void addActions();

    QTemporaryDir m_folder;
    std::unique_ptr<EngineArena> m_arena;
    std::unique_ptr<StateDatabase> m_state;
    std::unique_ptr<automation::AutomationEngine> m_engine;
};

} // namespace hubkeep::test
