#include "tests/support/servedhub.h"

#include "tests/support/enginetree.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QProcess>
#include <QTest>

#include <csignal>

namespace hubkeep::test {
namespace {

constexpr int patience = 60'000;

} // namespace

void writeConfiguration(const QByteArray &dataFolder, const QByteArray &yaml)
{
    writeFile(dataFolder + "/config/hubkeep.yaml", yaml);
}

ServedHub::ServedHub(const QByteArray &dataFolder, const QList<QByteArray> &arguments)
    : m_data(dataFolder)
    , m_process(std::make_unique<QProcess>())
    , m_network(std::make_unique<QNetworkAccessManager>())
{
    m_network->setProxy(QNetworkProxy::NoProxy);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("HUBKEEP_DATA"));
    m_process->setProcessEnvironment(environment);
    QStringList list { QStringLiteral("serve"), QStringLiteral("--data"),
        QFile::decodeName(dataFolder), QStringLiteral("--port"), QStringLiteral("0") };
    for (const QByteArray &argument : arguments)
        list.append(QString::fromUtf8(argument));
    m_process->start(QStringLiteral(HUBKEEP_BINARY), list, QIODevice::ReadOnly);
    if (!m_process->waitForStarted(patience))
        qFatal("Starting %s: %s", HUBKEEP_BINARY, qPrintable(m_process->errorString()));
}

ServedHub::~ServedHub()
{
    if (isRunning()) {
        m_process->kill();
        m_process->waitForFinished();
    }
}

bool ServedHub::becomesReady()
{
    static const QByteArray words = "HubKeep is ready on ";
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < patience) {
        read();
        const qsizetype at = m_out.lastIndexOf(words);
        if (at >= 0 && m_out.endsWith('\n')) {
            m_url = m_out.mid(at + words.size()).split('\n').first();
            return true;
        }
        if (!isRunning())
            return false;
        m_process->waitForReadyRead(50);
    }
    return false;
}

void ServedHub::signal(int number)
{
    if (isRunning())
        ::kill(pid_t(processId()), number);
}

CliResult ServedHub::wait()
{
    if (isRunning() && !m_process->waitForFinished(patience))
        qFatal("hubkeep serve did not end");
    read();
    return { m_process->exitStatus() == QProcess::CrashExit ? 128 + m_process->exitCode()
                                                            : m_process->exitCode(),
        m_out, m_err };
}

qint64 ServedHub::processId() const
{
    return m_process->processId();
}

bool ServedHub::isRunning() const
{
    return m_process->state() != QProcess::NotRunning;
}

QByteArray ServedHub::password() const
{
    const qsizetype at = m_out.indexOf("with the password ");
    return at < 0 ? QByteArray() : m_out.mid(at + 18).split(' ').first();
}

QByteArray ServedHub::out()
{
    read();
    return m_out;
}

QByteArray ServedHub::err()
{
    read();
    return m_err;
}

void ServedHub::read()
{
    m_out += m_process->readAllStandardOutput();
    m_err += m_process->readAllStandardError();
}

QJsonObject ServedHub::running() const
{
    return QJsonDocument::fromJson(readFile(m_data + "/data/running.json")).object();
}

ServedHub::Answer ServedHub::ask(
    const char *method, const QByteArray &path, const QJsonObject &body, const QByteArray &token)
{
    QNetworkRequest request(QUrl(QString::fromUtf8(m_url + path), QUrl::StrictMode));
    const QByteArray used
        = token.isEmpty() ? running()[QStringLiteral("token")].toString().toLatin1() : token;
    if (used != "-")
        request.setRawHeader("Authorization", "Bearer " + used);
    const QByteArray content
        = body.isEmpty() ? QByteArray() : QJsonDocument(body).toJson(QJsonDocument::Compact);
    if (!content.isEmpty())
        request.setRawHeader("Content-Type", "application/json");
    const std::unique_ptr<QNetworkReply> reply(
        m_network->sendCustomRequest(request, method, content));
    reply->ignoreSslErrors();
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply->isFinished())
        loop.exec();
    return { reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt(), reply->readAll() };
}

QJsonObject ServedHub::finish()
{
    QJsonObject last;
    const bool ended = QTest::qWaitFor(
        [&] {
            last = status();
            return last[QStringLiteral("status")].toString() != u"running";
        },
        patience);
    if (!ended)
        qFatal("the operation did not end");
    return last;
}

} // namespace hubkeep::test
