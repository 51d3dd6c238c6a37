// A hub that makes automatic backups, with a clock of its own: two sources of a few files, agents
// of paper ("fake.a", …), persistent notifications, and a dead-man's switch that writes down what
// it is told. Restarting it keeps the data folder and what the agents have.

#pragma once

#include "automation/core/persistentnotifications.h"
#include "integrations/backup/backupintegration.h"
#include "tests/support/managerfixture.h"

#include <QJsonObject>

#include <atomic>
#include <chrono>

namespace hubkeep::test {

// Moves when it is told to. Jobs read it on their threads.
class HandClock final : public Clock
{
public:
    explicit HandClock(const char *start);
    QDateTime now() const override { return QDateTime::fromMSecsSinceEpoch(m_now, Qt::UTC); }
    std::chrono::milliseconds uptime() const override
    {
        return std::chrono::milliseconds(m_uptime);
    }
    void pass(std::chrono::milliseconds time);
    void jump(std::chrono::milliseconds by) { m_now += by.count(); } // somebody sets it

private:
    std::atomic<qint64> m_now;
    std::atomic<qint64> m_uptime = 0;
};

QDateTime utc(const char *text);

class AutomaticHub
{
public:
    // Off before start().
    explicit AutomaticHub(const char *now = "2026-04-13T12:00:00Z",
        const QStringList &agents = { QStringLiteral("fake.a") });
    ~AutomaticHub();

    void start();
    void stop(); // orderly
    void restart();

    // "schedule", "retention", …, as the API takes them.
    void set(const QByteArray &settings);
    void daily(const char *more = ""); // at 04:45; more: ,"catch_up":…

    // Lets time pass, and what is due then happen, one after the other.
    void passUntil(const QDateTime &moment);
    void pass(std::chrono::milliseconds time);
    // As if the machine had slept: nothing happens before the end of it.
    void sleep(std::chrono::milliseconds time);
    void settle(); // what goes on comes to its end

    backup::BackupIntegration &integration() { return *m_integration; }
    backup::BackupManager &manager() { return m_integration->manager(); }
    FakeAgent &agent(const char *id = "fake.a") { return *agents.value(QString::fromLatin1(id)); }
    QString value(const char *entity) const;
    QVariant attribute(const char *entity, const char *name) const;
    QStringList notices() const; // titles, sorted
    QStringList takeRuns(); // times of the automatic backups that were begun since

    Folder folder;
    HandClock clock;
    QMap<QString, std::shared_ptr<FakeAgent>> agents;
    backup::IntegrationConfig config;
    QStringList pings; // "/start ", " backup-…", "/fail why"
    QList<QString> runs;
    std::chrono::milliseconds listInterval { 0 }; // settle() lists, too
    bool sourceFails = false; // the one called shop
    std::shared_ptr<Latch> latch; // set: that source waits for it
    std::unique_ptr<TimerQueue> timers;
    std::unique_ptr<Hub> hub;

private:
    backup::BackupIntegration::Parts parts();

    std::unique_ptr<StateDatabase> m_state;
    backup::BackupIntegration *m_integration = nullptr;
};

} // namespace hubkeep::test
