#include "tests/support/storageserver.h"

#include "integrations/rclone/rcloneprocess.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QMessageAuthenticationCode>
#include <QRegularExpression>
#include <QUrl>

#include <csignal>
#include <sys/prctl.h>

namespace hubkeep::test {

using namespace hubkeep::rclone;

namespace {

constexpr int longestStart = 60'000;

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

QString serverScript(const char *name)
{
    return QStringLiteral(HUBKEEP_SERVERS_DIR "/") + QLatin1String(name);
}

bool isInstalled(const char *package)
{
    return QFileInfo::exists(serverScript("node_modules/") + QLatin1String(package));
}

QStringList rcloneServer(const char *protocol, const QByteArray &folder, const QString &port)
{
    return { text("rclone"), text("serve"), text(protocol), QString::fromUtf8(folder),
        text("--addr=127.0.0.1:") + port, text("--user=hub"), text("--pass=secret word"),
        text("--dir-cache-time=0s"), text("--poll-interval=0s") };
}

// The key that every Azurite has.
constexpr const char *account = "devstoreaccount1";
constexpr const char *accountKey
    = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

// An account's shared access signature, as Azure's portal hands them out.
QString sasUrl(const QString &port)
{
    const QString expires = text("2099-01-01T00:00:00Z");
    const QString version = text("2019-12-12");
    const QStringList fields { text(account), text("rwdlac"), text("b"), text("sco"), QString(),
        expires, QString(), QString(), version, QString() };
    const QByteArray signature = QMessageAuthenticationCode::hash(
        fields.join(u'\n').toUtf8(), QByteArray::fromBase64(accountKey), QCryptographicHash::Sha256)
                                     .toBase64();
    return QStringLiteral("http://127.0.0.1:%1/%2?sv=%3&ss=b&srt=sco&sp=rwdlac&se=%4&sig=%5")
        .arg(port, text(account), version, QString::fromLatin1(QUrl::toPercentEncoding(expires)),
            QString::fromLatin1(QUrl::toPercentEncoding(QString::fromLatin1(signature))));
}

} // namespace

StorageServer::StorageServer(const QByteArray &folder, Command command)
    : m_folder(folder.isEmpty() ? m_own.path() : folder)
    , m_command(std::move(command))
{
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    start();
}

StorageServer::~StorageServer()
{
    stop();
}

void StorageServer::stop()
{
    m_process.kill();
    m_process.waitForFinished();
}

// All of them say where they listen.
void StorageServer::start()
{
    static const QRegularExpression listens(QStringLiteral(R"(127\.0\.0\.1:([1-9]\d*))"));
    const QStringList command = m_command(m_folder, m_port);
    m_process.start(command.first(), command.mid(1));
    QByteArray said;
    QElapsedTimer timer;
    for (timer.start(); timer.elapsed() < longestStart;) {
        m_process.waitForReadyRead(100);
        said += m_process.readAll();
        const bool isReady = said.contains("tarted on http") || said.contains("listening on")
            || said.contains("successfully listens");
        const QRegularExpressionMatch port = listens.match(QString::fromUtf8(said));
        if (isReady && port.hasMatch()) {
            m_port = port.captured(1);
            return;
        }
        if (m_process.state() == QProcess::NotRunning)
            break;
    }
    qFatal("%s did not start: %s", qPrintable(command.join(u' ')), said.constData());
}

QByteArray StorageServer::path(const QString &folder) const
{
    return m_isPlain ? m_folder + '/' + folder.toUtf8() : QByteArray();
}

std::unique_ptr<StorageServer> StorageServer::webdav(const QByteArray &folder)
{
    std::unique_ptr<StorageServer> server(
        new StorageServer(folder, [](const QByteArray &served, const QString &port) {
            return rcloneServer("webdav", served, port);
        }));
    server->m_root = text("dav:");
    server->m_options = { { text("type"), text("webdav") },
        { text("url"), text("http://127.0.0.1:") + server->m_port }, { text("user"), text("hub") },
        { text("pass"), text("secret word") } };
    return server;
}

std::unique_ptr<StorageServer> StorageServer::sftp(const QByteArray &folder)
{
    std::unique_ptr<StorageServer> server(
        new StorageServer(folder, [](const QByteArray &served, const QString &port) {
            return rcloneServer("sftp", served, port);
        }));
    server->m_root = text("ssh:");
    server->m_options = { { text("type"), text("sftp") }, { text("host"), text("127.0.0.1") },
        { text("port"), server->m_port }, { text("user"), text("hub") },
        { text("pass"), text("secret word") } };
    return server;
}

std::unique_ptr<StorageServer> StorageServer::s3()
{
    if (!isInstalled("s3rver") || !QFileInfo::exists(serverScript("s3.cjs")))
        return {};
    std::unique_ptr<StorageServer> server(
        new StorageServer({}, [](const QByteArray &folder, const QString &port) {
            return QStringList { text("node"), serverScript("s3.cjs"), QString::fromUtf8(folder),
                port };
        }));
    server->m_isPlain = false;
    server->m_root = text("cloud:bucket/");
    server->m_options = { { text("type"), text("s3") }, { text("provider"), text("Other") },
        { text("endpoint"), text("http://127.0.0.1:") + server->m_port },
        { text("access_key_id"), text("S3RVER") }, { text("secret_access_key"), text("S3RVER") },
        { text("force_path_style"), text("true") } };
    return server;
}

std::unique_ptr<StorageServer> StorageServer::azure()
{
    if (!isInstalled("azurite"))
        return {};
    std::unique_ptr<StorageServer> server(
        new StorageServer({}, [](const QByteArray &folder, const QString &port) {
            return QStringList { text("node"), serverScript("node_modules/.bin/azurite-blob"),
                text("--silent"), text("--location"), QString::fromUtf8(folder), text("--blobHost"),
                text("127.0.0.1"), text("--blobPort"), port };
        }));
    server->m_isPlain = false;
    server->m_root = text("blob:container/");
    server->m_options
        = { { text("type"), text("azureblob") }, { text("sas_url"), sasUrl(server->m_port) } };
    RcloneConfig config { text("blob"), server->m_root };
    config.options = server->m_options;
    askRclone(config, { text("mkdir"), text("blob:container") });
    return server;
}

QByteArray askRclone(const RcloneConfig &config, const QStringList &arguments)
{
    RcloneProcess rclone(config);
    JobControl control;
    const Result<QByteArray> answer = rclone.run({ arguments }, control);
    if (!answer)
        qFatal(
            "rclone %s: %s", qPrintable(arguments.join(u' ')), qPrintable(answer.error().message));
    return *answer;
}

} // namespace hubkeep::test
