#include "automation/core/filedescriptor.h"
#include "integrations/local/localagent.h"
#include "tests/support/agentsuite.h"
#include "tests/support/enginejobs.h"
#include "tests/support/enginetree.h"

#include <QtTest>

#include <array>
#include <atomic>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::local;
using namespace hubkeep::test;

namespace {

class LocalPlace final : public AgentPlace
{
public:
    std::shared_ptr<BackupAgent> agent() override
    {
        return std::make_shared<LocalAgent>(
            LocalConfig { QStringLiteral("local"), path(), m_folder / "state" });
    }
    QByteArray path() const { return m_folder / "backups"; }
    QByteArray operator/(const QByteArray &below) const { return m_folder / below; }

    QStringList names() const override
    {
        QStringList names;
        for (const QByteArray &name : exists(path()) ? namesIn(path()) : QList<QByteArray>()) {
            if (name != ".hubkeep")
                names.append(QString::fromUtf8(name));
        }
        return names;
    }
    void plant(const QString &name, const QByteArray &content) override
    {
        writeFile(path() + '/' + name.toUtf8(), content);
    }
    QByteArray content(const QString &name) const override
    {
        return readFile(path() + '/' + name.toUtf8());
    }
    void erase(const QString &name) override { removeTree(path() + '/' + name.toUtf8()); }

private:
    Folder m_folder;
};

Result<void> store(BackupAgent &agent, const SampleBackup &sample, const QByteArray &archive)
{
    if (!exists(archive))
        writeFile(archive, sample.content);
    JobControl control;
    return agent.upload(sample.backup, QString::fromUtf8(archive), control);
}

} // namespace

class TestLocalAgent : public AgentSuite
{
    Q_OBJECT

    std::unique_ptr<AgentPlace> makePlace() override { return std::make_unique<LocalPlace>(); }

private slots:
    void itsIdHasItsName()
    {
        QCOMPARE(
            LocalAgent({ QStringLiteral("nas"), "/mnt/nas" }).id(), QStringLiteral("local.nas"));
        QCOMPARE(LocalAgent({ QStringLiteral("nas"), "/mnt/nas/" }).localFolder(),
            QStringLiteral("/mnt/nas"));
    }

    void onTheSameDiskAnUploadCostsNoRoom()
    {
        LocalPlace place;
        const SampleBackup sample = makeSample();
        QVERIFY(store(*place.agent(), sample, place / "archive"));
        const struct stat stored = statusOf(place.path() + '/' + sample.backup.filename.toUtf8());
        QCOMPARE(stored.st_ino, statusOf(place / "archive").st_ino);
        QCOMPARE(stored.st_mode & 07777, 0400U);
    }

    // Two agents are two copies: what damages one leaves the other.
    void ofSeveralAgentsOnOneDiskOnlyTheFirstLinks()
    {
        LocalPlace one;
        LocalPlace other;
        const SampleBackup sample = makeSample();
        const QByteArray name = '/' + sample.backup.filename.toUtf8();
        for (int round = 0; round < 20; ++round) {
            const QByteArray staged = one / "archive" + QByteArray::number(round);
            writeFile(staged, sample.content);
            std::array<Result<void>, 2> done;
            std::thread second([&] { done[1] = store(*other.agent(), sample, staged); });
            done[0] = store(*one.agent(), sample, staged);
            second.join();
            QCOMPARE(sentence(done[0]) + sentence(done[1]), QString());
            QVERIFY(statusOf(one.path() + name).st_ino != statusOf(other.path() + name).st_ino);
            QVERIFY(readFile(one.path() + name) == sample.content);
            QVERIFY(readFile(other.path() + name) == sample.content);
        }
    }

    void ofAnotherAgentsFileItMakesACopyOfItsOwn()
    {
        LocalPlace one;
        LocalPlace other;
        const SampleBackup sample = makeSample();
        const QByteArray name = '/' + sample.backup.filename.toUtf8();
        QVERIFY(store(*one.agent(), sample, one / "archive"));
        removeTree(one / "archive"); // as the hub does; the only name is the agent's now
        JobControl control;
        QCOMPARE(sentence(other.agent()->uploadCopy(
                     sample.backup, QString::fromUtf8(one.path() + name), control)),
            QString());
        QVERIFY(statusOf(one.path() + name).st_ino != statusOf(other.path() + name).st_ino);
        QCOMPARE(int(statusOf(one.path() + name).st_nlink), 1);
        QCOMPARE(int(statusOf(other.path() + name).st_nlink), 1);
        QCOMPARE(statusOf(other.path() + name).st_mode & 07777, 0400U);
        QVERIFY(readFile(other.path() + name) == sample.content);
    }

    void whatAnotherAgentIsWritingIsNotTakenForUnfinished()
    {
        LocalPlace place;
        const TinyDisk disk(16 << 20); // no link leads there, so it is copied
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const SampleBackup sample = makeSample(6'000'000);
        writeFile(place / "archive", sample.content);
        const LocalConfig config { QStringLiteral("disk"), disk.path() + "/backups" };
        LocalAgent writing(config);
        QVERIFY(writing.list());
        Result<void> done;
        JobControl control;
        std::atomic<bool> ended = false;
        std::thread upload([&] {
            for (int i = 0; i < 20 && done; ++i)
                done = writing.upload(sample.backup, QString::fromUtf8(place / "archive"), control);
            ended = true;
        });
        while (!ended)
            (void)LocalAgent(config).list();
        upload.join();
        QCOMPARE(sentence(done), QString());
    }

    void whatWasUnfinishedWhileSomebodyWasAtWorkGoesAtTheNextUse()
    {
        LocalPlace place;
        QVERIFY(place.agent()->list()); // makes the folder
        const QString name = makeSample().backup.filename + QLatin1String(".upload.partial");
        place.plant(name, "x");
        const auto agent = place.agent();
        {
            const FileDescriptor other(
                ::open((place.path() + "/.hubkeep").constData(), O_RDONLY | O_CLOEXEC));
            QCOMPARE(::flock(other.get(), LOCK_SH), 0);
            QVERIFY(agent->list());
            QCOMPARE(place.names(), QStringList { name });
        }
        QVERIFY(agent->list());
        QCOMPARE(place.names(), QStringList());
    }

    void anAgentThatIsOnlyTriedOutRemovesNothing()
    {
        LocalPlace place;
        const QString name = makeSample().backup.filename + QLatin1String(".upload.partial");
        place.plant(name, "x");
        const auto agent = place.agent();
        agent->keepUnfinished();
        QVERIFY(agent->list());
        QVERIFY(agent->freeSpace());
        QCOMPARE(place.names(), QStringList { name });
    }

    void onAnotherDiskItIsCopied()
    {
        const TinyDisk disk(8 << 20);
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const SampleBackup sample = makeSample();
        const Folder folder;
        LocalAgent agent({ QStringLiteral("disk"), disk.path() + "/backups" });
        QCOMPARE(sentence(store(agent, sample, folder / "archive")), QString());
        QCOMPARE(agent.list()->first().id, sample.backup.id);
        QVERIFY(readFile(agent.localPath(sample.backup.id).toUtf8()) == sample.content);
    }

    void aFullDiskIsSaidAndLeftAsItWas()
    {
        const TinyDisk disk(2 << 20);
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const SampleBackup sample = makeSample(6'000'000);
        const Folder folder;
        LocalAgent agent({ QStringLiteral("disk"), disk.path() + "/backups" });
        const Result<void> done = store(agent, sample, folder / "archive");
        QVERIFY2(!done && done.error().code == ErrorCode::NoSpace, qPrintable(sentence(done)));
        QCOMPARE(namesIn(disk.path() + "/backups"), QList<QByteArray> { ".hubkeep" });
    }

    void aFolderThatIsGoneIsNotMadeAnew()
    {
        LocalPlace place;
        const SampleBackup sample = makeSample();
        const auto before = place.agent();
        QVERIFY(store(*before, sample, place / "archive"));
        removeTree(place.path());
        for (const auto &agent : { before, place.agent() }) {
            const Result<QList<AgentBackup>> all = agent->list();
            QVERIFY(!all && all.error().code == ErrorCode::Unavailable);
            const Result<void> done = store(*agent, sample, place / "archive");
            QVERIFY(!done && done.error().code == ErrorCode::Unavailable);
            const Result<qint64> free = agent->freeSpace();
            QVERIFY(!free && free.error().code == ErrorCode::Unavailable);
            QVERIFY(!agent->remove(sample.backup.id));
            QVERIFY(!exists(place.path()));
        }
    }

    // As a mount point is without its disk.
    void anEmptyFolderInItsPlaceIsNotIt()
    {
        LocalPlace place;
        QVERIFY(store(*place.agent(), makeSample(), place / "archive"));
        removeTree(place.path());
        makeFolder(place.path());
        const Result<void> done = store(*place.agent(), makeSample(), place / "another");
        QVERIFY(!done && done.error().code == ErrorCode::Unavailable);
        QVERIFY2(sentence(done).contains(QLatin1String("mounted")), qPrintable(sentence(done)));
        QVERIFY(namesIn(place.path()).isEmpty());
        writeFile(place.path() + "/.hubkeep", "");
        QCOMPARE(sentence(store(*place.agent(), makeSample(), place / "third")), QString());
    }

    void backupsThatAnotherHubLeftAreFound()
    {
        LocalPlace place;
        const SampleBackup sample = makeSample();
        QVERIFY(store(*place.agent(), sample, place / "archive"));
        LocalAgent other({ QStringLiteral("other"), place.path(), place / "state2" });
        QVERIFY(other.list()->first() == sample.backup);
    }

    void linksAreNotFollowed()
    {
        LocalPlace place;
        const SampleBackup sample = makeSample();
        writeFile(place / "outside.zip", sample.content);
        makeFolder(place.path());
        makeLink(place / "outside.zip", place.path() + '/' + sample.backup.filename.toUtf8());
        const auto agent = place.agent();
        QCOMPARE(agent->list()->size(), 0);
        QCOMPARE(agent->localPath(sample.backup.id), QString());
        QVERIFY(store(*agent, sample, place / "archive"));
        QVERIFY(readFile(place / "outside.zip") == sample.content);
        QVERIFY(linkTarget(place.path() + '/' + sample.backup.filename.toUtf8()).isEmpty());
    }

    void aPathThatIsAFileIsSaid()
    {
        LocalPlace place;
        writeFile(place.path(), "x");
        QVERIFY(!place.agent()->list());
        QCOMPARE(readFile(place.path()), QByteArray("x"));
    }

    void aFolderThatCannotBeWrittenIsSaid()
    {
        if (!AsNobody::isPossible())
            QSKIP("needs root");
        LocalPlace place;
        makeFolder(place.path());
        const SampleBackup sample = makeSample();
        const AsNobody nobody;
        const Result<void> done = store(*place.agent(), sample, "/etc/hostname");
        QVERIFY(!done && done.error().code == ErrorCode::Forbidden);
    }
};

QTEST_GUILESS_MAIN(TestLocalAgent)
#include "tst_localagent.moc"
