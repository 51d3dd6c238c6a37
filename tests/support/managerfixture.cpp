#include "tests/support/managerfixture.h"

#include "integrations/backup/hubsource.h"
#include "integrations/local/localagent.h"

#include <QtTest>

namespace hubkeep::test {

using namespace hubkeep::backup;

namespace {

class LatchReader final : public SourceReader
{
public:
    LatchReader(std::shared_ptr<Latch> latch, const JobControl &control)
        : m_latch(std::move(latch))
        , m_control(control)
    {
    }
    Result<std::optional<SourceItem>> next() override
    {
        m_latch->wait(m_control);
        return std::optional<SourceItem>();
    }

private:
    const std::shared_ptr<Latch> m_latch;
    const JobControl &m_control;
};

QString described(const ManagerEvent &event)
{
    if (event.upload)
        return QStringLiteral("upload %1 %2/%3")
            .arg(event.upload->agentId)
            .arg(event.upload->uploadedBytes)
            .arg(event.upload->totalBytes);
    QStringList words { toString(event.state), event.outcome, event.stage, event.reason };
    words.removeAll(QString());
    return words.join(u' ');
}

} // namespace

void Latch::open()
{
    const std::lock_guard lock(m_mutex);
    m_isOpen = true;
    m_opened.notify_all();
}

void Latch::wait(const JobControl &control)
{
    std::unique_lock lock(m_mutex);
    ++m_waiting;
    const std::stop_callback wake(control.stopToken(), [this] { m_opened.notify_all(); });
    while (!m_isOpen && !control.cancelled())
        m_opened.wait_for(lock, std::chrono::milliseconds(20));
    --m_waiting;
}

Result<void> FakeAgent::upload(
    const AgentBackup &backup, const QString &archive, JobControl &control)
{
    ++m_uploads;
    if (duringUpload)
        duringUpload(control);
    if (control.cancelled())
        return JobControl::cancelledError();
    const std::lock_guard lock(m_mutex);
    if (m_alwaysFails)
        return *m_alwaysFails;
    if (!failures.empty()) {
        const Error error = failures.front();
        failures.pop_front();
        return error;
    }
    m_stored.insert(backup.id, { backup, readFile(archive.toUtf8()) });
    return {};
}

Result<void> FakeAgent::download(const BackupId &id, const QString &target, JobControl &)
{
    const std::lock_guard lock(m_mutex);
    if (m_alwaysFails)
        return *m_alwaysFails;
    if (!m_stored.contains(id))
        return Error { ErrorCode::NotFound, QStringLiteral("It is not here") };
    writeFile(target.toUtf8(), m_stored.value(id).content);
    return {};
}

Result<void> FakeAgent::remove(const BackupId &id)
{
    const std::lock_guard lock(m_mutex);
    if (removeFails || m_alwaysFails)
        return removeFails ? *removeFails : *m_alwaysFails;
    m_stored.remove(id);
    return {};
}

Result<void> FakeAgent::setAside(const BackupId &id)
{
    const std::lock_guard lock(m_mutex);
    if (m_alwaysFails)
        return *m_alwaysFails;
    if (m_aside.contains(id))
        return Error { ErrorCode::Corrupt, QStringLiteral("One lies aside already") };
    m_aside.insert(id, m_stored.take(id));
    return {};
}

QStringList FakeAgent::asideIds() const
{
    const std::lock_guard lock(m_mutex);
    return m_aside.keys();
}

Result<QList<AgentBackup>> FakeAgent::list()
{
    const std::lock_guard lock(m_mutex);
    if (m_alwaysFails)
        return *m_alwaysFails;
    QList<AgentBackup> backups;
    for (const Stored &stored : std::as_const(m_stored))
        backups.append(stored.backup);
    return backups;
}

void FakeAgent::failAlways(std::optional<Error> error)
{
    const std::lock_guard lock(m_mutex);
    m_alwaysFails = std::move(error);
}

void FakeAgent::damage(const BackupId &id)
{
    const std::lock_guard lock(m_mutex);
    QByteArray &content = m_stored[id].content;
    content[content.size() / 2] = char(~content[content.size() / 2]);
}

void FakeAgent::expect(const QSet<BackupId> &ids)
{
    const std::lock_guard lock(m_mutex);
    m_expected = ids;
}

QStringList FakeAgent::expected() const
{
    const std::lock_guard lock(m_mutex);
    return m_expected.values();
}

QStringList FakeAgent::ids() const
{
    const std::lock_guard lock(m_mutex);
    return m_stored.keys();
}

Result<std::unique_ptr<SourceReader>> LatchSource::open(const SourceContext &context) const
{
    return std::unique_ptr<SourceReader>(new LatchReader(m_latch, context.control));
}

ManagerFixture::ManagerFixture()
{
    writeFile(folder / "shop/a.txt", someText(50'000));
    writeFile(folder / "shop/b.bin", randomBytes(200'000));
    sources.insert(QStringLiteral("shop"), folder / "shop");
    restart();
}

ManagerFixture::~ManagerFixture()
{
    manager.reset();
}

void ManagerFixture::restart()
{
    manager.reset();
    catalog.reset();
    state.reset();
    makeFolder(folder / "hub/data");
    auto opened = StateDatabase::open(QString::fromUtf8(folder / "hub/data/state.db"));
    if (!opened)
        qFatal("%s", qPrintable(opened.error().message));
    state = std::move(*opened);
    auto read = Catalog::open(*state);
    if (!read)
        qFatal("%s", qPrintable(read.error().message));
    catalog = std::move(*read);
    events.clear();
    manager = std::make_unique<BackupManager>(parts());
    QObject::connect(manager.get(), &BackupManager::eventFired, manager.get(),
        [this](const ManagerEvent &event) { events.append(described(event)); });
    manager->unblock();
    startEvents = std::exchange(events, {});
}

BackupManager::Parts ManagerFixture::parts()
{
    BackupManager::Parts made { QString::fromUtf8(folder / "hub"), QString(32, u'0'), clock,
        *catalog, {}, {}, {}, {} };
    made.encryption = [this](const CreateRequest &) { return plan; };
    made.keys = [this] { return keys; };
    made.sourceNames = [this] { return sources.keys(); };
    made.makeSources = [this](const QStringList &names,
                           bool includeHub) -> Result<std::vector<std::unique_ptr<BackupSource>>> {
        std::vector<std::unique_ptr<BackupSource>> list;
        for (const QString &name : names) {
            if (!sources.contains(name))
                return Error { ErrorCode::InvalidArgument,
                    QStringLiteral("There is no source '%1'").arg(name) };
            const QByteArray path = sources.value(name);
            list.push_back(path.endsWith(".db") ? database(path) : files(path, {}, name));
        }
        if (includeHub && hasHub) {
            writeFile(folder / "hub/config/hubkeep.yaml", "hub:\n");
            list.push_back(std::make_unique<HubDataSource>(
                folder / "hub/data", QList<HubDatabase> { { "state.db", {} } }));
            list.push_back(std::make_unique<HubConfigSource>(files(folder / "hub/config")));
        }
        if (latch)
            list.push_back(std::make_unique<LatchSource>(latch));
        return list;
    };
    made.before = [this](JobControl &control) { return before ? before(control) : Result<void>(); };
    made.after = [this](JobControl &control) { return after ? after(control) : Result<void>(); };
    made.timeout = std::chrono::seconds(timeoutSeconds);
    made.stallTimeout = std::chrono::seconds(stallSeconds);
    made.uptime = [this] { return std::chrono::milliseconds(uptime); };
    made.pause = [this](std::chrono::milliseconds time, JobControl &) {
        const std::lock_guard lock(m_mutex);
        pauses.append(QString::number(time.count() / 1000));
    };
    return made;
}

std::shared_ptr<FakeAgent> ManagerFixture::addFake(const char *id)
{
    auto agent = std::make_shared<FakeAgent>(QString::fromLatin1(id));
    manager->addAgent(agent);
    return agent;
}

void ManagerFixture::addLocal(const char *name)
{
    manager->addAgent(std::make_shared<local::LocalAgent>(
        local::LocalConfig { QString::fromLatin1(name), folder / "hub" + '/' + name, {} }));
}

void ManagerFixture::waitUntil(const std::function<bool()> &isSo)
{
    if (!QTest::qWaitFor(isSo, 60'000))
        qFatal("It did not come to pass within a minute");
}

void ManagerFixture::awaitIdle()
{
    waitUntil([this] { return manager->state() == ManagerState::Idle; });
}

Result<OperationOutcome> ManagerFixture::outcomeOf(const Result<StartedOperation> &started)
{
    if (!started)
        return started.error();
    return await(started->done);
}

Result<OperationOutcome> ManagerFixture::create(const CreateRequest &request)
{
    return outcomeOf(manager->create(request));
}

Result<OperationOutcome> ManagerFixture::restore(const RestoreOrder &order)
{
    return outcomeOf(manager->restore(order));
}

Result<OperationOutcome> ManagerFixture::verify(const BackupId &id)
{
    return outcomeOf(manager->verify(id));
}

QStringList ManagerFixture::staged() const
{
    QStringList names;
    for (const QByteArray &name : namesIn(folder / "hub/staging"))
        names.append(QString::fromUtf8(name));
    return names;
}

RestoreOrder orderOf(const BackupId &id, const QByteArray &target)
{
    RestoreOrder order;
    order.id = id;
    order.target = QString::fromUtf8(target);
    return order;
}

} // namespace hubkeep::test
