// ctest: slow
#include "tests/support/samplehub.h"

#include <QDir>
#include <QJsonArray>
#include <QTest>
#include <QUrl>

#include <fcntl.h>

using namespace hubkeep;
using namespace hubkeep::test;

class TestBackupContent : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_hub = std::make_unique<SampleHub>();
        // A name that is Latin-1, not UTF-8, and its neighbours.
        for (const char *name : { "site/l\xe8", "site/l\xe9", "site/l\xea" }) {
            QFile file;
            const QByteArray path = m_hub->folder().toUtf8() + '/' + name;
            const int fd = ::open(path.constData(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
            QVERIFY(fd >= 0);
            QVERIFY(file.open(fd, QIODevice::WriteOnly, QFileDevice::AutoCloseHandle));
            file.write(name + qstrlen(name) - 1);
        }
        m_older = m_hub->backUp();
        m_hub->write(text("site/one.txt"), "one, changed");
        m_hub->write(text("site/new.txt"), "new");
        QVERIFY(QFile::remove(m_hub->path(text("site/two.txt"))));
        m_id = m_hub->backUp();
    }
    void cleanupTestCase() { m_hub.reset(); }

    void theSummaryNamesSourcesCountsAndDigests()
    {
        const QJsonObject summary = get({}).json();
        QStringList sources;
        for (const QJsonValue &source : summary.value(text("sources")).toArray())
            sources.append(source[text("name")].toString());
        for (const char *name : { "site", "shop", "ledger" })
            QVERIFY2(sources.contains(text(name)), name);
        QCOMPARE(summary.value(text("databases")).toInt(), 3);
        QVERIFY(summary.value(text("files")).toInt() >= 10);
        QVERIFY(summary.value(text("warnings")).isArray());
        const QJsonObject copy = summary[text("agents")][text("local.local")].toObject();
        QCOMPARE(copy.value(text("sha256")).toString().size(), 64);
        QCOMPARE(copy.value(text("size")), summary.value(text("size")));
        // A user reads the summary, and no list of files.
        QCOMPARE(m_hub->ask("GET", path({}), m_hub->user()).status, 200);
        QCOMPARE(m_hub->ask("GET", path(text("/files")), m_hub->user()).status, 403);
    }

    void filesComeInPagesThatMissNothing_data()
    {
        QTest::addColumn<int>("limit");
        QTest::newRow("one at a time") << 1;
        QTest::newRow("three") << 3;
        QTest::newRow("all at once") << 1000;
    }
    void filesComeInPagesThatMissNothing()
    {
        QFETCH(const int, limit);
        QList<QByteArray> names;
        QString after;
        for (int pages = 0; pages < 100; ++pages) {
            const Answer answer
                = get(text("/files?prefix=sources/site&limit=%1").arg(limit) + after);
            QCOMPARE(answer.status, 200);
            const QJsonObject page = answer.json();
            for (const QJsonValue &entry : page.value(text("entries")).toArray())
                names.append(entry.toObject().contains(text("path_base64"))
                        ? QByteArray::fromBase64(entry[text("path_base64")].toString().toLatin1())
                        : entry[text("path")].toString().toUtf8());
            if (page.value(text("next_after")).isNull())
                break;
            after = page.contains(text("next_after_base64"))
                ? text("&after_base64=") + encoded(page.value(text("next_after_base64")).toString())
                : text("&after=") + encoded(page.value(text("next_after")).toString());
        }
        QCOMPARE(names,
            (QList<QByteArray> { "sources/site", "sources/site/large.bin", "sources/site/l\xe8",
                "sources/site/l\xe9", "sources/site/l\xea", "sources/site/new.txt",
                "sources/site/one.txt", "sources/site/sub",
                "sources/site/sub/a b+c%20\303\274.txt" }));
    }

    void aFoldersOwnEntriesComeWithoutThoseBelow()
    {
        const auto namesIn = [this](const QString &query) {
            QStringList names;
            for (const QJsonValue &entry :
                get(text("/files?") + query).json().value(text("entries")).toArray())
                names.append(entry[text("path")].toString());
            return names;
        };
        QCOMPARE(namesIn(text("folder=sources/site/sub")),
            QStringList { text("sources/site/sub/a b+c%20\303\274.txt") });
        const QStringList site = namesIn(text("folder=sources/site"));
        QVERIFY(site.contains(text("sources/site/sub")));
        QCOMPARE(site.size(), 7);
        QCOMPARE(namesIn(text("folder=sources/site&limit=1&after=sources/site/new.txt")),
            QStringList { text("sources/site/one.txt") });
        QCOMPARE(namesIn(text("folder=sources/sit")), QStringList());
        QCOMPARE(get(text("/files?folder_base64=*")).status, 400);
    }

    void aFilesBytesComeAsTheyWere()
    {
        QCOMPARE(file(text("sources/site/one.txt")).body, QByteArray("one, changed"));
        QCOMPARE(file(text("sources/site/large.bin")).body, QByteArray(3'000'000, 'x'));
        QCOMPARE(file(text("sources/ledger/ledger.dump")).body, QByteArray("the ledger\n"));
        const QString odd = text("sources/site/sub/a b+c%20\303\274.txt");
        QCOMPARE(file(odd).body, QByteArray("odd name"));
        // As forms encode it.
        QCOMPARE(get(text("/file?path=") + encoded(odd).replace(text("%20"), text("+"))).body,
            QByteArray("odd name"));
        const QByteArray latin = QByteArray("sources/site/l\xe9").toBase64();
        QCOMPARE(get(text("/file?path_base64=") + encoded(QString::fromLatin1(latin))).body,
            QByteArray("\xe9"));
        QVERIFY(file(text("sources/shop/shop.db")).body.startsWith("SQLite format 3"));
        for (const char *none : { "sources/site", "sources/site/nothing", "../../etc/passwd",
                 "/etc/passwd", "sources/site/../../etc/passwd", "sources%2fsite%2fone.txt" })
            QCOMPARE(file(text(none)).status, 404);
        QCOMPARE(get(text("/file?path=sources/site/one.txt%00")).status, 404);
        QCOMPARE(get(text("/file?path_base64=%2a")).status, 400);
        QCOMPARE(get(text("/file")).status, 400);
    }

    void aDownloadKnowsItsLengthTypeAndTag()
    {
        const Answer whole = get(text("/download"));
        QCOMPARE(whole.status, 200);
        QCOMPARE(whole.contentType, QByteArray("application/zip"));
        QCOMPARE(whole.headers.value("content-length").toLongLong(), whole.body.size());
        QVERIFY(whole.headers.value("etag").startsWith('"'));
        const Answer head = m_hub->ask("HEAD", path(text("/download")), m_hub->admin());
        QCOMPARE(head.status, 200);
        QCOMPARE(head.headers.value("etag"), whole.headers.value("etag"));
        QCOMPARE(head.headers.value("content-length"), whole.headers.value("content-length"));
        QVERIFY(head.body.isEmpty());
        QCOMPARE(get(text(".zip/download")).body, whole.body); // by its file name
    }

    void aDifferenceSaysWhatCameWentAndChanged()
    {
        const QString against = text("/diff?against=") + m_older;
        const QJsonObject diff = get(against).json();
        QCOMPARE(paths(diff, "added"), text("sources/site/new.txt"));
        QCOMPARE(paths(diff, "removed"), text("sources/site/two.txt"));
        QVERIFY(paths(diff, "changed").contains(text("sources/site/one.txt")));
        QVERIFY(diff.value(text("next_after")).isNull());
        QVERIFY(!get(against + text("&limit=1")).json().value(text("next_after")).isNull());
        QCOMPARE(get(text("/diff")).status, 400);
        QCOMPARE(get(text("/diff?against=..%2f..")).status, 404);
    }

    void aDatabaseHasNoFilesInIt()
    {
        const QString file = m_hub->post(text("/api/v1/backup?database=shop"))
                                 .json()
                                 .value(text("filename"))
                                 .toString();
        for (const QString &asked : { file + text("/files"), file + text("/file?path=x"),
                 file + text("/diff?against=") + m_id, m_id + text("/diff?against=") + file })
            QCOMPARE(m_hub->get(text("/api/v1/backup/") + asked).status, 400);
        QCOMPARE(m_hub->get(text("/api/v1/backup/") + file).status, 200);
    }

    void whatLeavesItsFolderIsNotThere_data()
    {
        QTest::addColumn<QString>("id");
        for (const char *id : { "..%2f..%2fetc%2fpasswd", "..%252f..%252fetc", "..%5c..", "a%00b",
                 ".hubkeep", "%ff", "%2fetc%2fpasswd", "staging" })
            QTest::newRow(id) << text(id);
        QTest::newRow("NUL behind") << m_id + text("%00");
        QTest::newRow("around") << m_id + text("%2f..%2f") + m_id;
        QTest::newRow("its document") << m_id + text(".json");
    }
    void whatLeavesItsFolderIsNotThere()
    {
        QFETCH(const QString, id);
        const QString one = text("/api/v1/backup/") + id;
        for (const char *below :
            { "", "/files", "/file?path=hub/config/hubkeep.yaml", "/download" })
            QCOMPARE(m_hub->get(one + text(below)).status, 404);
        QCOMPARE(m_hub->get(one + text("/diff?against=") + m_id).status, 404);
        QCOMPARE(m_hub->post(one + text("/verify")).status, 404);
        QCOMPARE(m_hub->post(one + text("/restore")).status, 404);
        QCOMPARE(m_hub->ask("DELETE", one, m_hub->admin()).status, 404);
        QCOMPARE(m_hub->get(path({})).status, 200);
    }

    void aBackupMadeElsewhereComesIn()
    {
        const QByteArray archive = m_hub->get(text("/api/v1/backup/%1/download").arg(m_older)).body;
        SampleHub other;
        const QJsonObject stored { { text("backup_id"), m_older } };
        const Answer raw = upload(other, archive, "application/x-whatever");
        QCOMPARE(raw.status, 201);
        QCOMPARE(raw.json(), stored);
        QCOMPARE(upload(other, archive, "application/zip").json(), stored); // once more
        QCOMPARE(other.backups().size(), 1);
        QCOMPARE(other.ask("DELETE", text("/api/v1/backup/") + m_older, other.admin()).status, 200);
        const QByteArray form = "--b\r\nContent-Disposition: form-data; name=\"file\"; "
                                "filename=\"../../x.zip\"\r\n\r\n"
            + archive + "\r\n--b--\r\n";
        QCOMPARE(upload(other, form, "multipart/form-data; boundary=b").json(), stored);
        const QJsonObject listed = other.backups().first().toObject();
        QCOMPARE(listed.value(text("filename")).toString(), m_older + text(".zip"));
    }

    void aDamagedUploadIsKeptNowhere()
    {
        QByteArray damaged = get(text("/download")).body;
        damaged[damaged.size() / 3] = char(damaged[damaged.size() / 3] ^ 0x55);
        SampleHub other;
        for (const QByteArray &bytes : { damaged, damaged.left(damaged.size() - 700),
                 QByteArray("no zip at all"), QByteArray("PK\x03\x04") }) {
            const Answer answer = upload(other, bytes, "application/zip");
            QCOMPARE(answer.status, 422);
            QVERIFY(!answer.message().isEmpty());
        }
        QVERIFY(other.backups().isEmpty());
        QVERIFY(QDir(other.dataFolder() + text("/backups")).entryList(QDir::Files).isEmpty());
        QTRY_VERIFY(QDir(other.dataFolder() + text("/staging")).entryList(QDir::Files).isEmpty());
        QCOMPARE(upload(other, "--b--", "multipart/form-data; boundary=b").status, 400);
        QCOMPARE(upload(other, "x", "multipart/form-data").status, 400);
    }

private:
    QString path(const QString &below) const { return text("/api/v1/backup/") + m_id + below; }
    Answer get(const QString &below) { return m_hub->get(path(below)); }
    static QString encoded(const QString &value)
    {
        return QString::fromLatin1(QUrl::toPercentEncoding(value));
    }
    Answer file(const QString &name) { return get(text("/file?path=") + encoded(name)); }
    static Answer upload(SampleHub &hub, const QByteArray &bytes, const QByteArray &type)
    {
        return hub.ask("POST", text("/api/v1/backup/upload"), hub.admin(), bytes, type);
    }
    static QString paths(const QJsonObject &diff, const char *list)
    {
        QStringList found;
        for (const QJsonValue &entry : diff.value(text(list)).toArray())
            found.append(entry[text("path")].toString());
        return found.join(u' ');
    }

    std::unique_ptr<SampleHub> m_hub;
    QString m_older;
    QString m_id;
};

QTEST_GUILESS_MAIN(TestBackupContent)
#include "tst_backupcontent.moc"
