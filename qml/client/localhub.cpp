#include "qml/client/localhub.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>
#include <QSslCertificate>
#include <QStandardPaths>

#include <csignal>

namespace hubkeep::desktop {

namespace {

class LocalHub
{
    Q_DECLARE_TR_FUNCTIONS(LocalHub)
};

// Beside this program, as it is installed and built, else wherever the shell would find it.
QString hubProgram()
{
    const QString beside = QCoreApplication::applicationDirPath() + QStringLiteral("/hubkeep");
    return QFileInfo(beside).isExecutable()
        ? beside
        : QStandardPaths::findExecutable(QStringLiteral("hubkeep"));
}

} // namespace

QString localDataFolder()
{
    const QString chosen = qEnvironmentVariable("HUBKEEP_DATA");
    return !chosen.isEmpty() ? QDir(chosen).absolutePath()
                             : QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
            + QStringLiteral("/hubkeep");
}

std::optional<HubAddress> findLocalHub(const QString &dataFolder)
{
    QFile file(dataFolder + QStringLiteral("/data/running.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonObject said = QJsonDocument::fromJson(file.read(64 << 10)).object();
    const qint64 process = said[u"pid"].toInteger();
    if (process <= 0 || (::kill(pid_t(process), 0) != 0 && errno != EPERM))
        return {};
    HubAddress hub { QUrl(said[u"url"].toString()), said[u"token"].toString(), {} };
    if (!hub.url.isValid() || hub.token.isEmpty())
        return {};
    // Its own file says which certificate it shows: nobody else has to vouch for it.
    const QString certificate = said[u"certificate"].toString();
    if (!certificate.isEmpty()) {
        if (const auto chain = QSslCertificate::fromPath(certificate); !chain.isEmpty())
            hub.fingerprint = fingerprintOf(chain.first());
    }
    return hub;
}

QString startLocalHub(const QString &dataFolder)
{
    const QString program = hubProgram();
    if (program.isEmpty())
        return LocalHub::tr("The program hubkeep was found neither beside this one nor on the "
                            "search path. Install it, or sign in to another hub.");
    if (!QProcess::startDetached(
            program, { QStringLiteral("--data"), dataFolder, QStringLiteral("serve") }))
        return LocalHub::tr("%1 could not be started. Try it in a terminal: hubkeep serve")
            .arg(program);
    return {};
}

} // namespace hubkeep::desktop
