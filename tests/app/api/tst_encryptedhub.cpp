// A hub that encrypts its backups, from the key to the restored file, over HTTP.

#include "integrations/backup/archive/agekeys.h"
#include "integrations/backup/keystore.h"
#include "tests/support/wholehub.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTest>

using namespace hubkeep;
using namespace hubkeep::backup;
using namespace hubkeep::test;

namespace {

bool write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return QDir().mkpath(QFileInfo(path).path()) && file.open(QIODevice::WriteOnly)
        && file.write(content) == content.size();
}

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not there");
}

QString text(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString();
}

} // namespace

class TestEncryptedHub : public QObject
{
    Q_OBJECT

private slots:
    void keysAreMadeShownAndConfirmed()
    {
        WholeHub hub;
        const Answer made = hub.post(QStringLiteral("/api/v1/keys"));
        QCOMPARE(made.status, 201);
        QVERIFY(!made.body.contains("SECRET"));
        const QString id = text(made.json(), "id");
        const KeyStore keys(hub.dataFolder());
        const Result<AgeIdentity> identity = keys.identity(id);
        QVERIFY(identity);
        const QString path = QStringLiteral("/api/v1/keys/") + id;
        const Answer kit = hub.get(path + QStringLiteral("/kit"));
        QCOMPARE(kit.status, 200);
        QVERIFY(kit.contentType.startsWith("text/plain"));
        QVERIFY(kit.body.contains(identity->text()));
        const Answer pdf = hub.ask("GET", path + QStringLiteral("/kit"), hub.admin(), {}, {},
            { { "Accept", "application/pdf" } });
        QCOMPARE(pdf.status, 200);
        QVERIFY(pdf.body.startsWith("%PDF-"));
        const QString confirm = path + QStringLiteral("/confirm");
        QCOMPARE(
            hub.post(confirm, { { QStringLiteral("characters"), QStringLiteral("AAAA") } }).status,
            400);
        QByteArray typed;
        for (const QJsonValue &group :
            made.json().value(QStringLiteral("asks_for_groups")).toArray())
            typed += secretGroups(*identity).value(group.toInt() - 1);
        const Answer confirmed
            = hub.post(confirm, { { QStringLiteral("characters"), QString::fromLatin1(typed) } });
        QCOMPARE(confirmed.status, 200);
        QVERIFY(!text(confirmed.json(), "confirmed_at").isEmpty());
        QVERIFY(hub.get(QStringLiteral("/api/v1/audit")).body.contains("key.kit"));
        QCOMPARE(hub.get(QStringLiteral("/api/v1/keys/age1qqqqqqqq/kit")).status, 404);
    }

    void backupsAreEncryptedAndOpenedWithItsOwnKey()
    {
        WholeHub hub;
        const QJsonObject key = hub.post(QStringLiteral("/api/v1/keys")).json();
        QVERIFY(write(hub.folder() + QStringLiteral("/source/a.txt"), "content of a"));
        const QByteArray configuration = "backup:\n  sources: [{name: data, type: "
                                         "files, path: "
            + hub.folder().toUtf8() + "/source}]\n  encryption: {recipients: ["
            + text(key, "recipient").toLatin1() + "]}\n";
        QVERIFY(write(hub.dataFolder() + QStringLiteral("/config/hubkeep.yaml"), configuration));
        hub.restart();
        const Answer started = hub.post(QStringLiteral("/api/v1/backup"));
        QCOMPARE(started.status, 202);
        const QJsonObject done = hub.finish();
        QVERIFY2(text(done, "status") == u"completed", qPrintable(text(done, "error")));
        const QString id = text(started.json(), "backup_id");
        const QString path = QStringLiteral("/api/v1/backup/") + id;
        const Answer summary = hub.get(path);
        QCOMPARE(summary.status, 200);
        QVERIFY(summary.json().value(QStringLiteral("protected")).toBool());
        QCOMPARE(text(summary.json(), "filename"), id + QStringLiteral(".zip.age"));
        const Answer files = hub.get(path + QStringLiteral("/files"));
        QCOMPARE(files.status, 200);
        QVERIFY(files.body.contains("sources/data/a.txt"));
        QVERIFY2(!files.body.contains("keys"), "the key is in what it opens");
        QVERIFY(!files.body.contains(text(key, "id").toLatin1()));
        const Answer file = hub.get(path + QStringLiteral("/file?path=sources/data/a.txt"));
        QCOMPARE(file.body, QByteArray("content of a"));
        const Answer download = hub.get(path + QStringLiteral("/download"));
        QCOMPARE(download.contentType, QByteArray("application/octet-stream"));
        QVERIFY(download.body.startsWith("age-encryption.org/v1\n"));
        QCOMPARE(hub.post(path + QStringLiteral("/verify")).status, 202);
        QVERIFY(text(hub.finish(), "status") == u"completed");
        const QString target = hub.folder() + QStringLiteral("/back");
        QCOMPARE(hub.post(QStringLiteral("/api/v1/backup/restore"),
                        { { QStringLiteral("backup_id"), id }, { QStringLiteral("confirm"), true },
                            { QStringLiteral("target"), target } })
                     .status,
            202);
        QVERIFY(text(hub.finish(), "status") == u"completed");
        QCOMPARE(read(target + QStringLiteral("/data/a.txt")), QByteArray("content of a"));
        // Without the key the hub says so, and 401 is not what it says.
        QVERIFY(QDir(hub.dataFolder() + QStringLiteral("/keys")).removeRecursively());
        const Answer locked = hub.get(path + QStringLiteral("/files"));
        QCOMPARE(locked.status, 400);
        QVERIFY2(locked.message().contains(QStringLiteral("no key for it")),
            qPrintable(locked.message()));
    }

    void oneAgentMayHaveItPlain()
    {
        WholeHub hub;
        const QString id = makeOn(hub, R"({"local.b":{"protected":false}})", { "a", "b" });
        const QString path = QStringLiteral("/api/v1/backup/") + id;
        const QJsonObject agents = hub.get(path).json().value(QStringLiteral("agents")).toObject();
        QVERIFY(agents.value(QStringLiteral("local.a")).toObject().value(u"protected").toBool());
        QVERIFY(
            !agents.value(QStringLiteral("local.b")).toObject().value(u"protected").toBool(true));
        QVERIFY(read(hub.folder() + QStringLiteral("/a/") + id + QStringLiteral(".zip.age"))
                    .startsWith("age-encryption.org/v1\n"));
        QVERIFY(read(hub.folder() + QStringLiteral("/b/") + id + QStringLiteral(".zip"))
                    .startsWith("PK"));
        for (const char *agent : { "a", "b" })
            QCOMPARE(restoredFrom(hub, id, agent), QByteArray("content of a"));
        // Without the key only the plain one opens.
        QVERIFY(QDir(hub.dataFolder() + QStringLiteral("/keys")).removeRecursively());
        QVERIFY(QDir(hub.folder() + QStringLiteral("/back")).removeRecursively());
        QCOMPARE(restoredFrom(hub, id, "a"), QByteArray("not there"));
        QCOMPARE(restoredFrom(hub, id, "b"), QByteArray("content of a"));
    }

    void anEncryptedBackupIsUploadedAndRestored()
    {
        WholeHub hub;
        const QString id = makeOn(hub, "{}", { "a" });
        const QString path = QStringLiteral("/api/v1/backup/") + id;
        const QByteArray archive = hub.get(path + QStringLiteral("/download")).body;
        QVERIFY(archive.startsWith("age-encryption.org/v1\n"));
        QCOMPARE(hub.ask("DELETE", path, hub.admin()).status, 200);
        QCOMPARE(hub.get(path).status, 404);
        QCOMPARE(upload(hub, archive).status, 201);
        const QJsonObject listed = hub.get(QStringLiteral("/api/v1/backup"))
                                       .json()
                                       .value(QStringLiteral("backups"))
                                       .toArray()
                                       .first()
                                       .toObject();
        QCOMPARE(text(listed, "backup_id"), id);
        QVERIFY(listed.value(QStringLiteral("protected")).toBool());
        QVERIFY(read(hub.folder() + QStringLiteral("/a/") + id + QStringLiteral(".zip.age"))
            == archive);
        QCOMPARE(restoredFrom(hub, id, "a"), QByteArray("content of a"));
    }

    void anEncryptedBackupThatCannotBeOpenedIsRefused()
    {
        WholeHub hub;
        const QString id = makeOn(hub, "{}", { "a" });
        const QString path = QStringLiteral("/api/v1/backup/") + id;
        const QByteArray archive = hub.get(path + QStringLiteral("/download")).body;
        QCOMPARE(hub.ask("DELETE", path, hub.admin()).status, 200);
        QByteArray damaged = archive;
        damaged[damaged.size() / 2] = char(~damaged[damaged.size() / 2]);
        QCOMPARE(upload(hub, damaged).status, 422);
        QVERIFY(QDir(hub.dataFolder() + QStringLiteral("/keys")).removeRecursively());
        const Answer locked = upload(hub, archive);
        QVERIFY2(locked.status == 400 || locked.status == 422, qPrintable(locked.message()));
        QVERIFY2(!locked.message().isEmpty(), "no sentence");
        QVERIFY2(locked.message().contains(QStringLiteral("key"))
                || locked.message().contains(QStringLiteral("encrypted")),
            qPrintable(locked.message()));
        QVERIFY(hub.get(QStringLiteral("/api/v1/backup"))
                    .json()
                    .value(QStringLiteral("backups"))
                    .toArray()
                    .isEmpty());
        QCOMPARE(QDir(hub.folder() + QStringLiteral("/a"))
                     .entryList({ QStringLiteral("backup-*") }, QDir::Files),
            QStringList());
    }

private:
    // A hub with a key, a source of one file and those agents; the id of a backup on all of them.
    static QString makeOn(WholeHub &hub, const QByteArray &settings, const QByteArrayList &agents)
    {
        const QJsonObject key = hub.post(QStringLiteral("/api/v1/keys")).json();
        (void)write(hub.folder() + QStringLiteral("/source/a.txt"), "content of a");
        QByteArrayList parts;
        QJsonArray ids;
        for (const QByteArray &name : agents) {
            parts.append("{name: " + name + ", type: local, path: " + hub.folder().toUtf8() + '/'
                + name + '}');
            ids.append(QLatin1String("local.") + QLatin1String(name));
        }
        (void)write(hub.dataFolder() + QStringLiteral("/config/hubkeep.yaml"),
            "backup:\n  sources: [{name: data, type: files, path: " + hub.folder().toUtf8()
                + "/source}]\n  agents: [" + parts.join(", ") + "]\n  encryption: {recipients: ["
                + text(key, "recipient").toLatin1() + "]}\n");
        hub.restart();
        const Answer set = hub.ask("PUT", QStringLiteral("/api/v1/backup/settings"), hub.admin(),
            QJsonDocument(QJsonObject { { QStringLiteral("agents"),
                              QJsonDocument::fromJson(settings).object() } })
                .toJson());
        const Answer started
            = hub.post(QStringLiteral("/api/v1/backup"), { { QStringLiteral("agents"), ids } });
        const QJsonObject done = hub.finish();
        if (set.status != 200 || text(done, "status") != u"completed")
            qFatal("%s %s", set.body.constData(), qPrintable(text(done, "error")));
        return text(started.json(), "backup_id");
    }
    static QByteArray restoredFrom(WholeHub &hub, const QString &id, const char *agent)
    {
        const QString target = hub.folder() + QStringLiteral("/back/") + QLatin1String(agent);
        hub.post(QStringLiteral("/api/v1/backup/restore"),
            { { QStringLiteral("backup_id"), id }, { QStringLiteral("confirm"), true },
                { QStringLiteral("agent_id"), QLatin1String("local.") + QLatin1String(agent) },
                { QStringLiteral("target"), target } });
        hub.finish();
        return read(target + QStringLiteral("/data/a.txt"));
    }
    static Answer upload(WholeHub &hub, const QByteArray &archive)
    {
        return hub.ask("POST", QStringLiteral("/api/v1/backup/upload"), hub.admin(),
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.zip.age\"\r\n\r\n"
                + archive + "\r\n--b--\r\n",
            "multipart/form-data; boundary=b");
    }
};

QTEST_GUILESS_MAIN(TestEncryptedHub)
#include "tst_encryptedhub.moc"
