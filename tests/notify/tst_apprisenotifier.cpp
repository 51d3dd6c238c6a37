// With Debian's real apprise.
// ctest: slow

#include "integrations/notify/apprisenotifier.h"
#include "integrations/notify/secrets.h"
#include "tests/support/httplistener.h"
#include "tests/support/notifyarena.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

QVariantMap urlOf(const HttpListener &listener, const char *path)
{
    return { { text("url"),
        QStringLiteral("json://127.0.0.1:%1%2").arg(listener.port()).arg(text(path)) } };
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s cannot be written", qPrintable(path));
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
}

} // namespace

class TestAppriseNotifier : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (QStandardPaths::findExecutable(text("apprise")).isEmpty())
            QSKIP("apprise is not installed");
    }

    void titleMessageAndKindArrive()
    {
        HttpListener listener;
        AppriseNotifier notifier(urlOf(listener, "/hook"));
        const QString message = text("-b is no option: \"naïve\"\nsecond line ✓");
        QCOMPARE(toString(tryOnce(notifier,
                     { text("--title 'x'"), message, { { text("type"), text("failure") } } })),
            text("delivered"));
        QCOMPARE(listener.requests.size(), 1);
        QCOMPARE(listener.requests.first().path, QByteArray("/hook"));
        const QJsonObject sent = listener.requests.first().json();
        QCOMPARE(sent.value(text("title")).toString(), text("--title 'x'"));
        QCOMPARE(sent.value(text("message")).toString(), message);
        QCOMPARE(sent.value(text("type")).toString(), text("failure"));
    }

    void oneAfterTheOther()
    {
        HttpListener listener;
        AppriseNotifier notifier(urlOf(listener, "/"));
        QCOMPARE(toString(tryOnce(notifier, { QString(), text("1") })), text("delivered"));
        QCOMPARE(toString(tryOnce(notifier, { QString(), text("2") })), text("delivered"));
        QCOMPARE(listener.requests.size(), 2);
        QCOMPARE(listener.requests.last().json().value(text("type")).toString(), text("info"));
    }

    void aServiceThatIsDownIsTriedAgainAndOneThatRefusesIsNot()
    {
        HttpListener listener;
        AppriseNotifier notifier(urlOf(listener, "/"));
        listener.answers = { HttpListener::answer(503) };
        QVERIFY(toString(tryOnce(notifier, { QString(), text("m") }))
                    .startsWith(text("later: apprise failed")));
        listener.answers = { HttpListener::answer(403) };
        const QString refused = toString(tryOnce(notifier, { QString(), text("m") }));
        QVERIFY2(
            refused.startsWith(text("never: apprise failed: Failed to send")), qPrintable(refused));
        listener.stop();
        const QString down = toString(tryOnce(notifier, { QString(), text("m") }));
        QVERIFY2(
            down.startsWith(text("later: apprise failed: A Connection error")), qPrintable(down));
    }

    void anAddressThatAppriseDoesNotKnowIsNotTriedAgainAndNotShown()
    {
        const NotifierConfig config = notifierConfig({ { text("type"), text("apprise") },
            { text("url"), text("nosuch://SECRETTOKEN/channel") } });
        AppriseNotifier notifier(config.options);
        const QString end = toString(tryOnce(notifier, { QString(), text("m") }));
        QVERIFY2(end.startsWith(text("never: apprise failed: Unparseable URL")), qPrintable(end));
        QVERIFY(!Secrets::of(config).redacted(end).contains(text("SECRETTOKEN")));
    }

    void aConfigurationOfItsOwnIsUsedWithTags()
    {
        HttpListener one;
        HttpListener two;
        QTemporaryDir folder;
        const QString path = folder.filePath(text("apprise.conf"));
        write(path,
            "ops=json://127.0.0.1:" + QByteArray::number(one.port())
                + "/\nboss=json://127.0.0.1:" + QByteArray::number(two.port()) + "/\n");
        AppriseNotifier notifier(QVariantMap { { text("config"), path } });
        QCOMPARE(toString(tryOnce(notifier, { QString(), text("m"), {}, { text("boss") } })),
            text("delivered"));
        QCOMPARE(one.requests.size(), 0);
        QCOMPARE(two.requests.size(), 1);
    }

    // In its place one that says what it was given, and to whom that could be read.
    void theAddressIsOnNoCommandLineAndInNoFile()
    {
        QTemporaryDir folder;
        write(folder.filePath(text("apprise")),
            "#!/bin/sh\n"
            "out="
                + QFile::encodeName(folder.path())
                + "\n"
                  "tr '\\0' ' ' < /proc/$$/cmdline > $out/cmdline\n"
                  "tr '\\0' ' ' < /proc/$$/environ > $out/environ\n"
                  "for a; do case $a in --config=*) cat ${a#--config=} > $out/config;"
                  " readlink ${a#--config=} > $out/link;; esac; done\n"
                  "cat > $out/body\n");
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", QFile::encodeName(folder.path()) + ':' + path);
        AppriseNotifier notifier(QVariantMap { { text("url"), text("json://SECRET@host/path") } });
        const QString end = toString(tryOnce(notifier, { text("T"), text("BODY") }));
        qputenv("PATH", path);
        QCOMPARE(end, text("delivered"));
        const auto read = [&](const char *name) {
            QFile file(folder.filePath(text(name)));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("nothing");
        };
        QCOMPARE(read("config"), QByteArray("json://SECRET@host/path\n"));
        QVERIFY2(read("link").startsWith("/memfd:"), read("link").constData());
        QVERIFY(read("cmdline").contains("--title=T"));
        QVERIFY(!read("cmdline").contains("SECRET") && !read("cmdline").contains("BODY"));
        QVERIFY(!read("environ").contains("SECRET"));
        QCOMPARE(read("body"), QByteArray("BODY"));
    }

    void withoutAppriseItSaysWhatToInstall()
    {
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", "/nowhere");
        AppriseNotifier notifier(QVariantMap { { text("url"), text("json://host") } });
        const QString end = toString(tryOnce(notifier, { QString(), text("m") }));
        qputenv("PATH", path);
        QCOMPARE(end, text("later: apprise does not start; install the package apprise"));
    }

    void oneThatHangsIsEndedWithAllItStarted()
    {
        QTemporaryDir folder;
        write(folder.filePath(text("apprise")),
            "#!/bin/sh\nsleep 1000 &\necho $! > " + QFile::encodeName(folder.path())
                + "/pid.part\nmv " + QFile::encodeName(folder.path()) + "/pid.part "
                + QFile::encodeName(folder.path()) + "/pid\nwait\n");
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", QFile::encodeName(folder.path()) + ':' + path);
        const auto pid = [&folder] {
            QFile file(folder.filePath(text("pid")));
            return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toInt() : 0;
        };
        const auto isGone = [](int process) {
            QFile status(QStringLiteral("/proc/%1/stat").arg(process));
            // One that nobody has fetched yet is gone as well.
            return !status.open(QIODevice::ReadOnly) || status.readAll().contains(") Z");
        };
        {
            AppriseNotifier notifier(
                QVariantMap { { text("url"), text("json://host") } }, std::chrono::seconds(3));
            QVERIFY(toString(tryOnce(notifier, { QString(), text("m") }))
                        .startsWith(text("later: apprise was not done after 3 s")));
            QTRY_VERIFY(isGone(pid()));
        }
        QFile::remove(folder.filePath(text("pid")));
        auto notifier = std::make_unique<AppriseNotifier>(
            QVariantMap { { text("url"), text("json://host") } });
        notifier->send(
            { QString(), text("m") }, [](const Attempt &) { QFAIL("it was destroyed"); });
        QTRY_VERIFY_WITH_TIMEOUT(pid() > 0, 20'000);
        QElapsedTimer timer;
        timer.start();
        notifier.reset();
        QVERIFY(timer.elapsed() < 2000);
        qputenv("PATH", path);
        QTRY_VERIFY(isGone(pid()));
    }
};

QTEST_GUILESS_MAIN(TestAppriseNotifier)
#include "tst_apprisenotifier.moc"
