// ctest: threaded
// What is looked at before and after a backup goes to an agent.

#include "tests/support/managerfixture.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

QString text(const char *latin1)
{
    return QString::fromLatin1(latin1);
}

// A folder on a disk that turns a byte over, the first few times.
class LyingDisk final : public BackupAgent
{
public:
    LyingDisk(const QByteArray &folder, int lies)
        : m_folder(folder)
        , m_lies(lies)
    {
        makeFolder(folder);
    }
    QString id() const override { return text("a.disk"); }
    Result<void> upload(const AgentBackup &backup, const QString &archive, JobControl &) override
    {
        QByteArray content = readFile(QFile::encodeName(archive));
        if (m_lies-- > 0)
            content[content.size() / 2] = char(content[content.size() / 2] ^ 1);
        writeFile(pathOf(backup.id), content);
        m_stored.insert(backup.id, backup);
        return {};
    }
    Result<void> download(const BackupId &, const QString &, JobControl &) override
    {
        return Error { ErrorCode::Io, text("not asked for here") };
    }
    Result<void> remove(const BackupId &id) override
    {
        m_stored.remove(id);
        removeTree(pathOf(id));
        return {};
    }
    Result<QList<AgentBackup>> list() override { return m_stored.values(); }
    Result<qint64> freeSpace() override { return qint64(1'000'000'000); }
    QString localFolder() const override { return QFile::decodeName(m_folder); }
    QString localPath(const BackupId &id) const override
    {
        return m_stored.contains(id) ? QFile::decodeName(pathOf(id)) : QString();
    }

private:
    QByteArray pathOf(const BackupId &id) const { return m_folder + '/' + id.toLatin1() + ".zip"; }

    const QByteArray m_folder;
    int m_lies;
    QMap<BackupId, AgentBackup> m_stored;
};

} // namespace

class TestUploader : public QObject
{
    Q_OBJECT

private slots:
    void withoutRoomNothingIsSentAndTheOthersGoOn()
    {
        ManagerFixture f;
        f.addLocal();
        const auto full = f.addFake("a.full");
        full->room = 10;
        CreateRequest request;
        request.agents = f->agentIds();
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY2(outcome && outcome->problem, qPrintable(sentence(outcome)));
        const Error error = outcome->agentErrors.value(text("a.full"));
        QCOMPARE(error.code, ErrorCode::NoSpace);
        QVERIFY2(
            error.message.contains(text("there are 10 bytes left")), qPrintable(error.message));
        QCOMPARE(full->uploads(), 0);
        const std::optional<CatalogEntry> entry = f->backup(outcome->id);
        QVERIFY(entry && entry->agents.contains(text("local.local")));
        QCOMPARE(entry->failedAgents, QStringList { text("a.full") });
    }

    void whatArrivedDamagedIsSentAgain()
    {
        ManagerFixture f;
        f->addAgent(std::make_shared<LyingDisk>(f.folder / "disk", 2));
        CreateRequest request;
        request.agents = { text("a.disk") };
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY2(outcome && !outcome->problem, qPrintable(sentence(outcome)));
        QCOMPARE(f.pauses.size(), 2);
    }

    void aDiskThatNeverTellsTheTruthHasNoBackup()
    {
        ManagerFixture f;
        f.addLocal();
        f->addAgent(std::make_shared<LyingDisk>(f.folder / "disk", 100));
        CreateRequest request;
        request.agents = f->agentIds();
        const Result<OperationOutcome> outcome = f.create(request);
        QVERIFY2(outcome && outcome->problem, qPrintable(sentence(outcome)));
        QVERIFY(outcome->agentErrors.value(text("a.disk"))
                    .message.contains(text("What arrived is not what was sent")));
        const std::optional<CatalogEntry> entry = f->backup(outcome->id);
        QCOMPARE(entry->agents.keys(), QStringList { text("local.local") });
    }
};

QTEST_GUILESS_MAIN(TestUploader)
#include "tst_uploader.moc"
