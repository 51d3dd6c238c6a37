// With a real notification service, dunst, in a session and on a display of its own:
// the program starts itself again under dbus-run-session.
// ctest: slow

#include "integrations/notify/desktopnotifier.h"
#include "tests/support/notifyarena.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <unistd.h>
#include <vector>

using namespace hubkeep;
using namespace hubkeep::notify;
using namespace hubkeep::test;

namespace {

QString text(const char *words)
{
    return QString::fromUtf8(words);
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s cannot be written", qPrintable(path));
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
}

QByteArray dunstctl(const QStringList &arguments)
{
    QProcess process;
    process.start(text("dunstctl"), arguments);
    if (!process.waitForFinished() || process.exitCode() != 0)
        return "dunstctl failed: " + process.readAllStandardError();
    return process.readAllStandardOutput().trimmed();
}

// What was shown and is closed now, the last first: "summary|body".
QStringList history()
{
    QStringList list;
    const QJsonArray all = QJsonDocument::fromJson(dunstctl({ text("history") }))
                               .object()
                               .value(text("data"))
                               .toArray()
                               .first()
                               .toArray();
    for (const QJsonValue &one : all)
        list.append(one[text("summary")][text("data")].toString() + u'|'
            + one[text("body")][text("data")].toString());
    return list;
}

} // namespace

class TestDesktopNotifier : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void cleanup();

    void withoutAServiceItIsTriedLater();
    void titleAndMessageAreShown();
    void markupInAMessageIsShownAsItIs();
    void theSameTagReplaces();
    void aClickOpensTheLinkAndNothingElse();
    void aServiceThatCameBackIsFound();
    void withoutASessionItIsTriedLater();

private:
    void startService();
    void stopService();
    QByteArray opened() const; // what xdg-open was given

    QTemporaryDir m_folder;
    QProcess m_display;
    QProcess m_service;
};

void TestDesktopNotifier::initTestCase()
{
    for (const char *program : { "dbus-run-session", "dunst", "dunstctl", "Xvfb" }) {
        if (QStandardPaths::findExecutable(text(program)).isEmpty())
            QSKIP(program);
    }
    m_display.start(text("Xvfb"),
        { text("-displayfd"), text("1"), text("-screen"), text("0"), text("640x480x24"),
            text("-nolisten"), text("tcp") });
    QByteArray number;
    QTRY_VERIFY_WITH_TIMEOUT((number += m_display.readAllStandardOutput()).endsWith('\n'), 30'000);
    qputenv("DISPLAY", ':' + number.trimmed());
    write(m_folder.filePath(text("dunstrc")), "[global]\nidle_threshold = 0\nmarkup = full\n");
    write(m_folder.filePath(text("xdg-open")),
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >> " + QFile::encodeName(m_folder.path()) + "/opened\n");
    qputenv("PATH", QFile::encodeName(m_folder.path()) + ':' + qgetenv("PATH"));
}

void TestDesktopNotifier::cleanupTestCase()
{
    stopService();
    m_display.kill();
    m_display.waitForFinished();
}

void TestDesktopNotifier::cleanup()
{
    if (m_service.state() == QProcess::Running) {
        dunstctl({ text("close-all") });
    }
}

void TestDesktopNotifier::startService()
{
    m_service.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_service.start(text("dunst"), { text("-conf"), m_folder.filePath(text("dunstrc")) });
    QTRY_VERIFY_WITH_TIMEOUT(dunstctl({ text("is-paused") }) == "false", 30'000);
}

void TestDesktopNotifier::stopService()
{
    m_service.kill();
    m_service.waitForFinished();
}

QByteArray TestDesktopNotifier::opened() const
{
    QFile file(m_folder.filePath(text("opened")));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestDesktopNotifier::withoutAServiceItIsTriedLater()
{
    // dunst comes with a file by which the bus would start it; this bus knows none.
    DesktopNotifier notifier { {} };
    const QString end = toString(tryOnce(notifier, { text("T"), text("M") }));
    QVERIFY2(
        end.startsWith(text("later: The session has no notification service")), qPrintable(end));
    startService();
    QCOMPARE(toString(tryOnce(notifier, { text("T"), text("M") })), text("delivered"));
}

void TestDesktopNotifier::titleAndMessageAreShown()
{
    DesktopNotifier notifier { {} };
    QCOMPARE(toString(tryOnce(notifier,
                 { text("Бэкап"), text("It failed — naïvely"),
                     { { text("urgency"), text("critical") },
                         { text("icon"), text("dialog-error") } } })),
        text("delivered"));
    QCOMPARE(toString(tryOnce(notifier, { QString(), text("no title") })), text("delivered"));
    QCOMPARE(dunstctl({ text("count"), text("displayed") }), QByteArray("2"));
    dunstctl({ text("close-all") });
    QVERIFY(history().contains(text("no title|")));
    QVERIFY(history().contains(text("Бэкап|It failed — naïvely")));
}

void TestDesktopNotifier::markupInAMessageIsShownAsItIs()
{
    DesktopNotifier notifier { {} };
    const QString message = text("<b>1 < 2</b> & \"so\"");
    QCOMPARE(toString(tryOnce(notifier, { text("T"), message })), text("delivered"));
    dunstctl({ text("close-all") });
    QVERIFY2(history().contains(QStringLiteral("T|") + message.toHtmlEscaped()),
        qPrintable(history().join(u'\n')));
}

void TestDesktopNotifier::theSameTagReplaces()
{
    DesktopNotifier notifier { {} };
    const QVariantMap tagged { { text("tag"), text("backup") } };
    QCOMPARE(toString(tryOnce(notifier, { text("1"), text("a"), tagged })), text("delivered"));
    QCOMPARE(toString(tryOnce(notifier, { text("2"), text("b"), tagged })), text("delivered"));
    QCOMPARE(toString(tryOnce(notifier, { text("3"), text("c") })), text("delivered"));
    QCOMPARE(dunstctl({ text("count"), text("displayed") }), QByteArray("2"));
    dunstctl({ text("close-all") });
    QVERIFY(history().contains(text("2|b")));
    QVERIFY(!history().contains(text("1|a")));
}

void TestDesktopNotifier::aClickOpensTheLinkAndNothingElse()
{
    DesktopNotifier notifier { {} };
    QCOMPARE(toString(tryOnce(notifier,
                 { text("file"), text("a"), { { text("click"), text("file:///etc/passwd") } } })),
        text("delivered"));
    dunstctl({ text("action"), text("0") });
    dunstctl({ text("close-all") });
    QCOMPARE(toString(tryOnce(notifier,
                 { text("http"), text("a"),
                     { { text("clickAction"), text("https://hub.example/?a=b c") } } })),
        text("delivered"));
    dunstctl({ text("action"), text("0") });
    QTRY_COMPARE_WITH_TIMEOUT(opened(), QByteArray("https://hub.example/?a=b%20c\n"), 20'000);
}

void TestDesktopNotifier::aServiceThatCameBackIsFound()
{
    DesktopNotifier notifier { {} };
    QCOMPARE(toString(tryOnce(notifier, { text("1"), text("a") })), text("delivered"));
    stopService();
    QVERIFY(toString(tryOnce(notifier, { text("2"), text("b") })).startsWith(text("later: ")));
    startService();
    QCOMPARE(toString(tryOnce(notifier, { text("3"), text("c") })), text("delivered"));
    dunstctl({ text("close-all") });
    QCOMPARE(history(), QStringList { text("3|c") });
}

void TestDesktopNotifier::withoutASessionItIsTriedLater()
{
    const QByteArray address = qgetenv("DBUS_SESSION_BUS_ADDRESS");
    const QByteArray runtime = qgetenv("XDG_RUNTIME_DIR");
    qunsetenv("DBUS_SESSION_BUS_ADDRESS");
    qputenv("XDG_RUNTIME_DIR", "/nowhere");
    DesktopNotifier notifier { {} };
    const QString outside = toString(tryOnce(notifier, { text("T"), text("M") }));
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    qputenv("XDG_RUNTIME_DIR", runtime);
    QVERIFY2(outside.startsWith(text("later: The hub runs outside of a desktop session")),
        qPrintable(outside));
    QCOMPARE(toString(tryOnce(notifier, { text("T"), text("M") })), text("delivered"));
}

int main(int argc, char *argv[])
{
    if (qEnvironmentVariableIsEmpty("HUBKEEP_TEST_SESSION")) {
        qputenv("HUBKEEP_TEST_SESSION", "1");
        // A bus that starts nothing by itself.
        static const QTemporaryDir folder;
        const QByteArray configuration = QFile::encodeName(folder.filePath(text("session.conf")));
        write(QFile::decodeName(configuration),
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" "
            "\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
            "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
            "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
            "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n");
        QProcess self;
        self.setProcessChannelMode(QProcess::ForwardedChannels);
        QStringList arguments { text("--config-file=") + QFile::decodeName(configuration),
            text("--") };
        for (int i = 0; i < argc; ++i)
            arguments.append(QString::fromLocal8Bit(argv[i]));
        self.start(text("dbus-run-session"), arguments);
        if (self.waitForStarted()) {
            self.waitForFinished(-1);
            return self.exitStatus() == QProcess::NormalExit ? self.exitCode() : 1;
        }
    }
    QCoreApplication application(argc, argv);
    TestDesktopNotifier test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_desktopnotifier.moc"
