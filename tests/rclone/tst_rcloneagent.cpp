// ctest: slow
#include "automation/core/jobcontrol.h"
#include "integrations/rclone/rcloneagent.h"
#include "tests/support/rcloneplace.h"

#include <QFile>
#include <QtTest>

#include <thread>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::rclone;
using namespace hubkeep::test;

namespace {

// A program in rclone's place that writes down what it was asked and then does as script says;
// "$real" is rclone.
class Wrapper
{
public:
    explicit Wrapper(const QByteArray &script)
    {
        writeFile(m_folder / "rclone",
            "#!/bin/bash\nreal=rclone\nlog='" + m_folder.path() + "/log'\nhere='" + m_folder.path()
                + "'\nprintf '%s ' \"$@\" >> \"$log\"; echo >> \"$log\"\n" + script
                + "\nexec $real \"$@\"\n");
        setMode(m_folder / "rclone", 0755);
    }
    QString program() const { return QString::fromUtf8(m_folder / "rclone"); }
    QByteArray log() const { return readFile(m_folder / "log"); }
    QByteArray operator/(const QByteArray &name) const { return m_folder / name; }
    qsizetype calls(const QByteArray &command) const
    {
        return ('\n' + log()).count('\n' + command + ' ');
    }

private:
    Folder m_folder;
};

QString said(const Result<void> &result)
{
    return result ? QString() : result.error().message;
}

Result<void> send(BackupAgent &agent, const SampleBackup &sample, JobControl &control)
{
    const Folder folder;
    writeFile(folder / "archive", sample.content);
    return agent.upload(sample.backup, QString::fromUtf8(folder / "archive"), control);
}

Result<void> send(BackupAgent &agent, const SampleBackup &sample)
{
    JobControl control;
    return send(agent, sample, control);
}

} // namespace

class TestRcloneAgent : public AgentSuite
{
    Q_OBJECT

    std::unique_ptr<StorageServer> m_server;

    std::unique_ptr<AgentPlace> makePlace() override
    {
        return std::make_unique<RclonePlace>(*m_server);
    }

private slots:
    void initTestCase() { m_server = StorageServer::webdav(); }
    void cleanupTestCase() { m_server.reset(); }

    void itsIdHasItsName()
    {
        QCOMPARE(RcloneAgent({ QStringLiteral("offsite"), QStringLiteral("b2:x") }).id(),
            QStringLiteral("rclone.offsite"));
    }

    void secretsAreNotOnTheCommandLine()
    {
        const Wrapper wrapper("env > \"$here/env\"");
        RclonePlace place(*m_server);
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        qputenv("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt");
        RcloneAgent agent(config);
        QCOMPARE(said(send(agent, makeSample())), QString());
        QVERIFY(wrapper.calls("copyto") == 1);
        QVERIFY(!wrapper.log().contains("secret"));
        const QByteArray environment = readFile(wrapper / "env");
        QVERIFY(environment.contains("RCLONE_CONFIG_DAV_PASS="));
        QVERIFY(!environment.contains("secret word")); // obscured
        QVERIFY(!environment.contains("AWS_CA_BUNDLE"));
    }

    void whatArrivesDifferentIsTakenBack_data()
    {
        QTest::addColumn<QByteArray>("damage");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("other bytes")
            << QByteArray("printf X | dd of=\"$f\" bs=1 seek=1000 conv=notrunc 2>/dev/null")
            << QStringLiteral("its bytes differ");
        QTest::newRow("cut off") << QByteArray("truncate -s 1000 \"$f\"")
                                 << QStringLiteral("1000 of ");
        QTest::newRow("gone") << QByteArray("rm \"$f\"") << QStringLiteral("not found");
    }

    void whatArrivesDifferentIsTakenBack()
    {
        QFETCH(QByteArray, damage);
        QFETCH(QString, sentence);
        RclonePlace place(*m_server);
        const Wrapper wrapper("if [ \"$1\" = copyto ]; then $real \"$@\" || exit\nf=$(ls '"
            + place.path() + "'/*.partial)\nf=$(echo \"$f\")\n" + damage + "\nexit 0\nfi");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        RcloneAgent agent(config);
        const Result<void> done = send(agent, makeSample());
        QVERIFY2(said(done).contains(sentence), qPrintable(said(done)));
        QCOMPARE(place.names(), QStringList());
    }

    void aLargeFileIsReadBackAtItsEnds()
    {
        RclonePlace place(*m_server);
        const Wrapper wrapper("if [ \"$1\" = copyto ]; then $real \"$@\" || exit\n"
                              "for f in '"
            + place.path()
            + "'/*.partial; do printf X | dd of=\"$f\" bs=1 seek=2000000 conv=notrunc "
              "2>/dev/null; done\nexit 0\nfi");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        config.readBack = 1 << 20;
        QCOMPARE(said(send(*std::make_unique<RcloneAgent>(config), makeSample(4'000'000))),
            QString()); // in its middle
        config.readBack = 8 << 20;
        QVERIFY(!send(*std::make_unique<RcloneAgent>(config), makeSample(4'000'000)));
    }

    void anUploadThatIsCutOffIsSaidAndBeginsAgain()
    {
        const auto server = StorageServer::webdav();
        RclonePlace place(*server);
        RcloneConfig config = place.config();
        config.bandwidth = QStringLiteral("1M");
        const SampleBackup sample = makeSample(20'000'000);
        Result<void> done;
        JobControl control;
        std::thread sending([&] {
            RcloneAgent agent(config);
            done = send(agent, sample, control);
        });
        while (control.progress().doneBytes == 0)
            std::this_thread::yield();
        server->stop();
        sending.join();
        QVERIFY(!done && done.error().code != ErrorCode::Cancelled);
        QVERIFY2(said(done).contains(config.remote), qPrintable(said(done)));

        RcloneAgent offline(config);
        const Result<QList<AgentBackup>> unreachable = offline.list();
        QVERIFY2(!unreachable && unreachable.error().code == ErrorCode::Unavailable,
            unreachable ? "listed" : qPrintable(unreachable.error().message));

        server->start();
        config.bandwidth.clear();
        RcloneAgent again(config);
        QCOMPARE(again.list()->size(), 0);
        QCOMPARE(said(send(again, sample)), QString());
        QCOMPARE(place.names().size(), 2);
        QVERIFY(place.content(sample.backup.filename) == sample.content);
    }

    void cancellingInTheMiddleLeavesNothing()
    {
        RclonePlace place(*m_server);
        RcloneConfig config = place.config();
        config.bandwidth = QStringLiteral("00:00,1M");
        Result<void> done;
        JobControl control;
        std::thread sending([&] {
            RcloneAgent agent(config);
            done = send(agent, makeSample(20'000'000), control);
        });
        while (control.progress().doneBytes == 0)
            std::this_thread::yield();
        control.cancel();
        sending.join();
        QVERIFY(!done && done.error().code == ErrorCode::Cancelled);
        QCOMPARE(place.names(), QStringList());
    }

    void aFullRemoteIsSaid_data()
    {
        QTest::addColumn<bool>("saysItsRoom");
        QTest::newRow("that says how much room it has") << true;
        QTest::newRow("that does not") << false;
    }

    void aFullRemoteIsSaid()
    {
        QFETCH(bool, saysItsRoom);
        const TinyDisk disk(2 << 20);
        if (!disk.isMounted())
            QSKIP("needs the right to mount");
        const auto server
            = saysItsRoom ? StorageServer::sftp(disk.path()) : StorageServer::webdav(disk.path());
        RclonePlace place(*server);
        RcloneAgent agent(place.config());
        const Result<void> done = send(agent, makeSample(6'000'000));
        QVERIFY(!done);
        QVERIFY2(done.error().code == ErrorCode::NoSpace || !saysItsRoom, qPrintable(said(done)));
        QCOMPARE(place.names(), QStringList());
        QCOMPARE(said(send(agent, makeSample(500'000))), QString());
    }

    void whatHadArrivedIsNotSentAgain()
    {
        RclonePlace place(*m_server);
        const Wrapper wrapper("");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        const SampleBackup sample = makeSample();
        QCOMPARE(said(send(*std::make_unique<RcloneAgent>(config), sample)), QString());
        const QByteArray log = wrapper.log();
        const qsizetype end = log.indexOf(".partial ") + 8;
        const QString partial = QString::fromUtf8(
            log.mid(log.lastIndexOf('/', end) + 1, end - log.lastIndexOf('/', end) - 1));
        place.erase(sample.backup.filename);
        place.plant(partial, sample.content);
        RcloneAgent again(config);
        QCOMPARE(again.list()->size(), 0);
        QCOMPARE(said(send(again, sample)), QString());
        QCOMPARE(wrapper.calls("copyto"), 1);
        QVERIFY(place.content(sample.backup.filename) == sample.content);
        QCOMPARE(place.names().size(), 2);
    }

    void whatNobodyExpectsAnyMoreGoes()
    {
        RclonePlace place(*m_server);
        const Wrapper wrapper("");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        const SampleBackup sample = makeSample();
        QCOMPARE(said(send(*std::make_unique<RcloneAgent>(config), sample)), QString());
        const QByteArray log = wrapper.log();
        const qsizetype end = log.indexOf(".partial ") + 8;
        const QString partial = QString::fromUtf8(
            log.mid(log.lastIndexOf('/', end) + 1, end - log.lastIndexOf('/', end) - 1));
        place.erase(sample.backup.filename);
        place.erase(documentName(sample.backup.id));
        place.plant(partial, "half of it");

        // Of another hub on the same machine, with the same name for the same place.
        const Folder another;
        RcloneConfig theirs = config;
        theirs.stateFolder = another / "state";
        RcloneAgent stranger(theirs);
        stranger.expect({});
        QVERIFY(stranger.list());
        QCOMPARE(place.names(), QStringList { partial });

        RcloneAgent again(config);
        QVERIFY(again.list()); // nobody has said yet what is to come
        again.expect({ sample.backup.id });
        QVERIFY(again.list());
        QCOMPARE(place.names(), QStringList { partial });
        again.expect({});
        QVERIFY(again.list());
        QCOMPARE(place.names(), QStringList());
    }

    void hubsInContainersKnowTheirOwn()
    {
        // The machine and all names are the same there.
        RclonePlace place(*m_server);
        RcloneConfig config = place.config();
        const SampleBackup sample = makeSample();
        const QByteArray sender = config.stateFolder + "/sender";
        QStringList words;
        for (int i = 0; i < 2; ++i) {
            const Wrapper wrapper("");
            config.program = wrapper.program();
            QCOMPARE(said(send(*std::make_unique<RcloneAgent>(config), sample)), QString());
            const QByteArray log = wrapper.log();
            const qsizetype end = log.indexOf(".partial ");
            words.append(QString::fromUtf8(log.mid(end - 8, 8)));
            QVERIFY(!readFile(sender).isEmpty());
            removeTree(sender);
        }
        QVERIFY(words[0] != words[1]);
    }

    void whatCannotBeNamedLeavesWhatWasThere()
    {
        RclonePlace place(*m_server);
        const Wrapper wrapper("if [ \"$1\" = moveto ]; then "
                              "echo '{\"level\":\"error\",\"msg\":\"no\"}' >&2; exit 1; fi");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        SampleBackup sample = makeSample();
        QVERIFY(!send(*std::make_unique<RcloneAgent>(config), sample));
        QCOMPARE(place.names(), QStringList());
        QVERIFY(send(*place.agent(), sample));
        const AgentBackup before = sample.backup;
        sample.backup.name = QStringLiteral("another");
        QVERIFY(!send(*std::make_unique<RcloneAgent>(config), sample));
        QVERIFY(place.agent()->list()->first() == before);
        QCOMPARE(place.names().size(), 2);
    }

    void whatOthersSendJustNowIsLeftAlone()
    {
        RclonePlace place(*m_server);
        const QString theirs = makeSample().backup.filename + QLatin1String(".0badcafe.partial");
        place.plant(theirs, "x");
        RcloneAgent agent(place.config());
        QCOMPARE(agent.list()->size(), 0);
        QCOMPARE(place.names(), QStringList { theirs });
    }

    void aDownloadThatIsCutOffGoesOn()
    {
        RclonePlace place(*m_server);
        const SampleBackup sample = makeSample(3'000'000);
        QCOMPARE(said(send(*place.agent(), sample)), QString());
        const Wrapper wrapper("if [ \"$1\" = cat ] && [ ! -e \"$here/cut\" ]; then "
                              "touch \"$here/cut\"; $real \"$@\" 2>/dev/null | head -c 1000000\n"
                              "echo '{\"level\":\"error\",\"msg\":\"connection reset\"}' >&2\n"
                              "exit 1; fi");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        const Folder folder;
        JobControl control;
        RcloneAgent agent(config);
        QCOMPARE(
            said(agent.download(sample.backup.id, QString::fromUtf8(folder / "file"), control)),
            QString());
        QVERIFY(readFile(folder / "file") == sample.content);
        QVERIFY(wrapper.log().contains("--offset=1000000"));
        QCOMPARE(control.progress().doneBytes, sample.backup.size);
    }

    void aDamagedArchiveIsNotHandedOut()
    {
        RclonePlace place(*m_server);
        const SampleBackup sample = makeSample();
        QVERIFY(send(*place.agent(), sample));
        QByteArray other = sample.content;
        other[1000] = char(other[1000] + 1);
        for (const QByteArray &content : { other, sample.content.chopped(1) }) {
            place.plant(sample.backup.filename, content);
            const Folder folder;
            JobControl control;
            const Result<void> done = place.agent()->download(
                sample.backup.id, QString::fromUtf8(folder / "file"), control);
            QVERIFY(!done && done.error().code == ErrorCode::Corrupt);
            QVERIFY2(said(done).contains(QLatin1String("damaged")), qPrintable(said(done)));
            QVERIFY(namesIn(folder.path()).isEmpty());
        }
    }

    void listingReadsOnlyWhatIsNew()
    {
        RclonePlace place(*m_server);
        const Wrapper wrapper("");
        RcloneConfig config = place.config();
        config.program = wrapper.program();
        for (int n = 0; n < 3; ++n)
            QVERIFY(send(*place.agent(), makeSample(5'000'000)));
        const SampleBackup alone = makeSample(5'000'000);
        place.plant(alone.backup.filename, alone.content);
        RcloneAgent agent(config);
        QCOMPARE(agent.list()->size(), 4);
        QCOMPARE(wrapper.calls("copy"), 1);
        QCOMPARE(wrapper.calls("cat"), 1); // the end of the one without a document
        QVERIFY(wrapper.log().contains("--count=1048576"));
        QCOMPARE(agent.list()->size(), 4);
        QVERIFY(send(*place.agent(), makeSample()));
        QCOMPARE(agent.list()->size(), 5);
        QCOMPARE(wrapper.calls("copy"), 2);
        QCOMPARE(wrapper.calls("cat"), 1);
    }

    void aFolderThatIsGoneIsNotMadeAnew()
    {
        RclonePlace place(*m_server);
        const auto before = place.agent();
        const SampleBackup sample = makeSample();
        QVERIFY(send(*before, sample));
        removeTree(place.path());
        for (const auto &agent : { before, place.agent() }) {
            const Result<QList<AgentBackup>> all = agent->list();
            QVERIFY(!all && all.error().code == ErrorCode::Unavailable);
            QVERIFY(!send(*agent, sample));
            QVERIFY(!agent->remove(sample.backup.id));
            QVERIFY(!exists(place.path()));
        }
    }

    void whatCannotWorkIsSaid_data()
    {
        QTest::addColumn<QString>("remote");
        QTest::addColumn<QVariantMap>("options");
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char *name, const char *remote, const QVariantMap &options,
                             ErrorCode code, const char *sentence) {
            QTest::newRow(name) << QString::fromUtf8(remote) << options << code
                                << QString::fromUtf8(sentence);
        };
        const QString type = QStringLiteral("type");
        row("type", "x:y", { { type, QStringLiteral("webdaf") } }, ErrorCode::InvalidArgument,
            "did you mean 'webdav'?");
        row("option", "x:y",
            { { type, QStringLiteral("webdav") }, { QStringLiteral("ulr"), QStringLiteral("z") } },
            ErrorCode::InvalidArgument, "did you mean 'url'?");
        row("section", "nowhere:y", {}, ErrorCode::InvalidArgument, "under 'config'");
        row("secrets in it", ":webdav,pass=x:y", {}, ErrorCode::InvalidArgument, "under 'options'");
        row("no name", ":webdav:y", { { type, QStringLiteral("webdav") } },
            ErrorCode::InvalidArgument, "needs a name");
        row("no remote", "folder", {}, ErrorCode::InvalidArgument, "b2:bucket/hubkeep");
    }

    void whatCannotWorkIsSaid()
    {
        QFETCH(QString, remote);
        QFETCH(QVariantMap, options);
        QFETCH(ErrorCode, code);
        QFETCH(QString, sentence);
        RcloneConfig config { QStringLiteral("offsite"), remote };
        config.options = optionsFrom(options);
        config.configFile = QStringLiteral("/nowhere/rclone.conf");
        const Result<QList<AgentBackup>> all = RcloneAgent(config).list();
        QVERIFY(!all && all.error().code == code);
        QVERIFY2(all.error().message.contains(sentence), qPrintable(all.error().message));
    }

    void aWrongPasswordIsSaidWithoutIt()
    {
        RclonePlace place(*m_server);
        RcloneConfig config = place.config();
        config.options[QStringLiteral("pass")] = QStringLiteral("not that one");
        const Result<QList<AgentBackup>> all = RcloneAgent(config).list();
        QVERIFY(!all && all.error().code == ErrorCode::Forbidden);
        QVERIFY(!all.error().message.contains(QLatin1String("not that one")));
    }

    void aMissingProgramIsSaid()
    {
        RclonePlace place(*m_server);
        RcloneConfig config = place.config();
        config.program = QStringLiteral("/nowhere/rclone");
        const Result<QList<AgentBackup>> all = RcloneAgent(config).list();
        QVERIFY(!all && all.error().message.contains(QLatin1String("installed")));
    }
};

QTEST_GUILESS_MAIN(TestRcloneAgent)
#include "tst_rcloneagent.moc"
