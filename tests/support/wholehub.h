// A real hub in the test's own process, on a folder and a port of its own, and HTTP to ask it.

#pragma once

#include "app/application.h"
#include "automation/core/clock.h"

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <chrono>
#include <memory>

class QNetworkAccessManager;

namespace hubkeep::test {

struct Answer
{
    int status = 0; // 0: no answer came
    QByteArray body;
    QByteArray contentType;
    QMap<QByteArray, QByteArray> headers; // names in lower case

    QJsonObject json() const { return QJsonDocument::fromJson(body).object(); }
    QString message() const { return json().value(QStringLiteral("message")).toString(); }
};

// The system's, moved by as much as somebody said.
class ShiftedClock final : public Clock
{
public:
    QDateTime now() const override { return m_system.now().addMSecs(m_ahead); }
    std::chrono::milliseconds uptime() const override { return m_system.uptime(); }
    void set(const QDateTime &now) { m_ahead = m_system.now().msecsTo(now); }

private:
    SystemClock m_system;
    qint64 m_ahead = 0; // milliseconds
};

class WholeHub
{
public:
    // configuration is hubkeep.yaml's text; "@" in it stands for the test's folder.
    explicit WholeHub(const QByteArray &configuration = {});
    ~WholeHub();

    // Stops it, and starts another on the same folder.
    void restart();
    void stop();

    Application &application() { return *m_application; }
    // Somebody sets the clock; what is due by then is called.
    void setClock(const QDateTime &now);
    QString folder() const { return m_folder.path(); } // beside the hub's
    QString dataFolder() const { return m_folder.path() + QStringLiteral("/hub"); }

    // Tokens of an administrator and of a user, made when first asked for.
    QByteArray admin();
    QByteArray user();

    using Headers = QList<std::pair<QByteArray, QByteArray>>;
    // An empty token: without one. body: JSON unless type says otherwise.
    Answer ask(const QByteArray &method, const QString &path, const QByteArray &token,
        const QByteArray &body = {}, const QByteArray &type = "application/json",
        const Headers &headers = {});
    Answer get(const QString &path) { return ask("GET", path, admin()); }
    Answer post(const QString &path, const QJsonObject &body = {});

    // Waits until no operation runs; its last status.
    QJsonObject finish();

private:
    QByteArray tokenOf(const QString &name, bool isAdmin);

    QTemporaryDir m_folder;
    ShiftedClock m_clock;
    std::unique_ptr<QNetworkAccessManager> m_network;
    std::unique_ptr<Application> m_application;
    QByteArray m_admin;
    QByteArray m_user;
};

} // namespace hubkeep::test
