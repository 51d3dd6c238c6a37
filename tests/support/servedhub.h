// `hubkeep serve`, the real program on a folder and a port of its own, and HTTP to ask it.

#pragma once

#include "tests/support/enginecli.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <memory>

class QNetworkAccessManager;
class QProcess;

namespace hubkeep::test {

// hubkeep.yaml of the data folder, text and all.
void writeConfiguration(const QByteArray &dataFolder, const QByteArray &yaml);

class ServedHub
{
public:
    // Starts it; becomesReady() waits. arguments come after `serve --data F --port 0`.
    explicit ServedHub(const QByteArray &dataFolder, const QList<QByteArray> &arguments = {});
    ~ServedHub(); // with SIGKILL where it still runs

    // Until it says so; false where it ends instead.
    bool becomesReady();
    void signal(int number);
    CliResult wait();
    qint64 processId() const;
    bool isRunning() const;

    QByteArray url() const { return m_url; }
    QByteArray password() const; // that it printed; else empty
    QByteArray out(); // what it said so far
    QByteArray err();

    struct Answer
    {
        int status = 0; // 0: none came
        QByteArray body;
        QJsonObject object() const { return QJsonDocument::fromJson(body).object(); }
    };
    // With the token of running.json, or the one given; "-": without one.
    Answer ask(const char *method, const QByteArray &path, const QJsonObject &body = {},
        const QByteArray &token = {});
    Answer get(const QByteArray &path) { return ask("GET", path); }
    QJsonObject running() const; // running.json
    QJsonObject status() { return get("/api/v1/backup/status").object(); }
    QJsonObject finish(); // waits until no operation runs; the last status

private:
    void read();

    const QByteArray m_data;
    std::unique_ptr<QProcess> m_process;
    std::unique_ptr<QNetworkAccessManager> m_network;
    QByteArray m_out;
    QByteArray m_err;
    QByteArray m_url;
};

} // namespace hubkeep::test
