// What QHttpServer takes for a connection: one whole, checked request after the other, cut
// down to what QHttpServer has to know, and a way back for the answer.
//
// The bytes of the network never reach QHttpServer: it cannot read a message boundary
// differently from the gate, be fed a body that it would hold in memory, or begin a second
// request before the first was answered.
//
// Main thread. QHttpServer deletes it after hangUp().

#pragma once

#include <QPointer>
#include <QTcpSocket>

namespace hubkeep::api {

class GateConnection;

class RequestSocket final : public QTcpSocket
{
    Q_OBJECT

public:
    RequestSocket(GateConnection &connection, const QHostAddress &peer, QObject *parent);
    ~RequestSocket() override;

    GateConnection *connection() const;
    void deliver(const QByteArray &request);
    void hangUp();

    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override { return 0; }
    void disconnectFromHost() override;
    void close() override;

protected:
    qint64 readData(char *data, qint64 size) override;
    qint64 skipData(qint64 size) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    QPointer<GateConnection> m_connection;
    QByteArray m_request;
    qsizetype m_offset = 0;
};

} // namespace hubkeep::api
