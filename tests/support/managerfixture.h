// A backup manager with a clock that stands still, agents of paper and a real engine.

#pragma once

#include "integrations/backup/backupmanager.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QMap>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace hubkeep::test {

// Holds a thread until it is opened, or the job is cancelled.
class Latch
{
public:
    void open();
    void wait(const JobControl &control);
    bool isAwaited() const { return m_waiting > 0; }

private:
    std::mutex m_mutex;
    std::condition_variable m_opened;
    bool m_isOpen = false;
    std::atomic<int> m_waiting = 0;
};

// Keeps what it is given in memory.
class FakeAgent final : public backup::BackupAgent
{
public:
    explicit FakeAgent(QString id)
        : m_id(std::move(id))
    {
    }
    QString id() const override { return m_id; }
    Result<void> upload(
        const backup::AgentBackup &backup, const QString &archive, JobControl &control) override;
    Result<void> download(
        const backup::BackupId &id, const QString &target, JobControl &control) override;
    Result<void> remove(const backup::BackupId &id) override;
    Result<void> setAside(const backup::BackupId &id) override;
    Result<QList<backup::AgentBackup>> list() override;
    void expect(const QSet<backup::BackupId> &ids) override;
    Result<qint64> freeSpace() override { return room.load(); }

    QStringList expected() const; // since it was told last

    QStringList ids() const;
    QStringList asideIds() const;
    void damage(const backup::BackupId &id); // in the middle
    void failAlways(std::optional<Error> error); // in everything, from now on
    int uploads() const { return m_uploads; }

    // Set before use, on the main thread.
    std::deque<Error> failures; // of the next uploads
    std::optional<Error> removeFails;
    std::function<void(JobControl &)> duringUpload;
    std::atomic<qint64> room = 1'000'000'000; // bytes

private:
    struct Stored
    {
        backup::AgentBackup backup;
        QByteArray content;
    };
    const QString m_id;
    mutable std::mutex m_mutex;
    std::optional<Error> m_alwaysFails;
    QSet<backup::BackupId> m_expected;
    QMap<backup::BackupId, Stored> m_stored;
    QMap<backup::BackupId, Stored> m_aside;
    std::atomic<int> m_uploads = 0;
};

// A source that says nothing before its latch is opened.
class LatchSource final : public backup::BackupSource
{
public:
    explicit LatchSource(std::shared_ptr<Latch> latch)
        : m_latch(std::move(latch))
    {
    }
    QString name() const override { return QStringLiteral("latch"); }
    QString type() const override { return QStringLiteral("latch"); }
    QByteArray path() const override { return {}; }
    Result<std::unique_ptr<backup::SourceReader>> open(
        const backup::SourceContext &context) const override;

private:
    const std::shared_ptr<Latch> m_latch;
};

struct ManagerFixture
{
    ManagerFixture();
    ~ManagerFixture();

    // Anew, as after a restart; the agents have to be added again.
    void restart();
    std::shared_ptr<FakeAgent> addFake(const char *id);
    void addLocal(const char *name = "local"); // in <data>/<name>

    backup::BackupManager &operator*() { return *manager; }
    backup::BackupManager *operator->() { return manager.get(); }

    // Waits for the future; aborts where it takes a minute.
    template <typename T>
    T await(const QFuture<T> &future)
    {
        waitUntil([&] { return future.isFinished(); });
        if constexpr (!std::is_void_v<T>)
            return future.result();
    }
    void awaitIdle();
    static void waitUntil(const std::function<bool()> &isSo);
    Result<backup::OperationOutcome> create(const backup::CreateRequest &request = {});
    Result<backup::OperationOutcome> restore(const backup::RestoreOrder &order);
    Result<backup::OperationOutcome> verify(const backup::BackupId &id);
    QStringList staged() const; // what lies in the staging folder

    Folder folder;
    SetClock clock;
    std::atomic<qint64> uptime = 0; // milliseconds
    std::shared_ptr<Latch> latch; // set: there is a LatchSource, too
    QStringList pauses; // before tries, in seconds
    std::function<Result<void>(JobControl &)> before;
    std::function<Result<void>(JobControl &)> after;
    backup::EncryptionPlan plan; // of every backup
    backup::AgeKeys keys;
    bool hasHub = false; // set: backups have the hub itself, with a file in config/
    QMap<QString, QByteArray> sources; // files or databases (".db"), by name
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<backup::Catalog> catalog;
    std::unique_ptr<backup::BackupManager> manager;
    QStringList events; // "create_backup in_progress home_assistant", "upload local.local 5/5"
    QStringList startEvents; // those of the last start
    int timeoutSeconds = 7200;
    int stallSeconds = 900;

private:
    backup::BackupManager::Parts parts();
    Result<backup::OperationOutcome> outcomeOf(const Result<backup::StartedOperation> &started);
    std::mutex m_mutex;
};

// Into target, a folder; empty: in place.
backup::RestoreOrder orderOf(const backup::BackupId &id, const QByteArray &target = {});

} // namespace hubkeep::test
