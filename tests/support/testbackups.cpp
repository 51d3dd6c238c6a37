#include "tests/support/testbackups.h"

#include "integrations/files/filessource.h"
#include "integrations/local/localagent.h"

#include <QDir>
#include <QTest>

#include <thread>

namespace hubkeep::test {

using namespace hubkeep::backup;

// The documents, as soon as the gate is open.
class TestBackups::HeldSource final : public BackupSource
{
public:
    HeldSource(files::FilesConfig config, std::shared_ptr<Gate> gate)
        : m_files(std::move(config))
        , m_gate(std::move(gate))
    {
    }
    QString name() const override { return m_files.name(); }
    QString type() const override { return m_files.type(); }
    QByteArray path() const override { return m_files.path(); }
    Result<std::unique_ptr<SourceReader>> open(const SourceContext &context) const override
    {
        while (m_gate->isShut && !context.control.cancelled())
            std::this_thread::yield();
        return m_files.open(context);
    }

private:
    const files::FilesSource m_files;
    const std::shared_ptr<Gate> m_gate;
};

TestBackups::TestBackups(TestHub &hub)
    : m_hub(hub)
{
    const QString backups = hub.folder.filePath(QStringLiteral("backups"));
    QDir().mkpath(documents());
    QDir().mkpath(backups);
    write(QStringLiteral("letter.txt"), "Dear reader");

    SourceTypes sources;
    sources.insert(QStringLiteral("files"),
        [folder = documents(), gate = m_gate](
            const Part &part) -> Result<std::unique_ptr<BackupSource>> {
            return std::unique_ptr<BackupSource>(std::make_unique<HeldSource>(
                files::FilesConfig { part.name, QFile::encodeName(folder), {}, {} }, gate));
        });
    AgentTypes agents;
    agents.insert(QStringLiteral("local"),
        [backups](const Part &part) -> Result<std::shared_ptr<BackupAgent>> {
            local::LocalConfig config;
            config.name = part.name;
            config.path = QFile::encodeName(backups);
            return std::shared_ptr<BackupAgent>(std::make_shared<local::LocalAgent>(config));
        });
    IntegrationConfig config;
    config.sources = { { QStringLiteral("documents"), QStringLiteral("files"), {}, true } };
    config.agents = { { QStringLiteral("local"), QStringLiteral("local"), {}, true } };
    auto integration = std::make_unique<BackupIntegration>(BackupIntegration::Parts { *hub.state,
        sources, agents, config, [] { return std::vector<std::unique_ptr<BackupSource>>(); } });
    m_integration = integration.get();
    const Result<void> added = hub.hub->add(std::move(integration), {});
    if (!added)
        qFatal("%s", qPrintable(added.error().message));
    manager().unblock();
}

TestBackups::~TestBackups()
{
    release();
    m_hub.hub->clear();
}

void TestBackups::write(const QString &name, const QByteArray &content) const
{
    QFile file(QDir(documents()).filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s", qPrintable(file.errorString()));
}

QByteArray TestBackups::read(const QString &name) const
{
    QFile file(QDir(documents()).filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString TestBackups::create()
{
    const Result<StartedOperation> started = manager().create({});
    if (!started)
        qFatal("%s", qPrintable(started.error().message));
    if (!QTest::qWaitFor([&] { return started->done.isFinished(); }, 60'000))
        qFatal("The backup did not end");
    const Result<OperationOutcome> outcome = started->done.result();
    if (!outcome)
        qFatal("%s", qPrintable(outcome.error().message));
    if (!QTest::qWaitFor([&] { return manager().state() == ManagerState::Idle; }))
        qFatal("The manager did not rest after the backup");
    return started->id;
}

} // namespace hubkeep::test
