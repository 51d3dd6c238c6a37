// Whether somebody's data is safe, in one sentence: what the overview, the tray and the list of
// hubs say.
//
// A pure function of what the hub's entities say; any thread.

#pragma once

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QtQmlIntegration>

namespace hubkeep::desktop {

struct SafetyFacts
{
    bool known = false; // the hub has been heard of, and is there now
    QString managerState; // "idle", "create_backup", …
    QString
        operation; // what works now, as the status says: "backup", "restore", "verify", "upload"
    int backups = 0;
    QDateTime newestBackup; // invalid: none
    bool overdue = false;
    QStringList problems; // the hub's own sentences
    bool scheduled = false; // there is a next automatic backup
    QDateTime lastSuccessful; // invalid: never
};

struct Verdict
{
    Q_GADGET
    QML_VALUE_TYPE(verdict)
    Q_PROPERTY(Level level MEMBER level)
    Q_PROPERTY(QString sentence MEMBER sentence)
    Q_PROPERTY(QString reason MEMBER reason)
    Q_PROPERTY(QString todo MEMBER todo)
    Q_PROPERTY(QString action MEMBER action)

public:
    enum Level { Unknown, Safe, Working, Attention, Danger };
    Q_ENUM(Level)

    Level level = Unknown;
    QString sentence; // "Your data is safe."
    QString reason; // why, in a sentence
    QString todo; // the one thing to do, as a button says it; empty where there is none
    QString action; // what that button does: "backup", "schedule", "agents", "activity"

    bool operator==(const Verdict &) const = default;
};

Verdict assess(const SafetyFacts &facts);

} // namespace hubkeep::desktop
