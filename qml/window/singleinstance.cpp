#include "qml/window/singleinstance.h"

#include <QLocalSocket>
#include <QStandardPaths>

namespace hubkeep::desktop {

SingleInstance::SingleInstance(QString name, QObject *parent)
    : QObject(parent)
    , m_name(std::move(name))
{
    if (m_name.isEmpty())
        m_name = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation)
            + QStringLiteral("/hubkeep-desktop.socket");
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket *other = m_server.nextPendingConnection())
            other->deleteLater();
        emit wokenUp();
    });
}

bool SingleInstance::claim()
{
    QLocalSocket other;
    other.connectToServer(m_name);
    if (other.waitForConnected(500))
        return false;
    // What a killed one left behind answers nobody.
    QLocalServer::removeServer(m_name);
    m_server.listen(m_name);
    return true;
}

} // namespace hubkeep::desktop
