// One connection at the gate, from its first byte to its last.
//
//     Head ──> Body ────> Serving ──> Head …           an ordinary request
//      ├────> Upload ───> Serving ──> Head …           its body goes to an UploadTarget
//      ├────> (a WebSocket: the socket is handed on)
//      └────> Closing, Draining                        refused, or the last one
//
// Main thread. Deletes itself once its socket is gone; requests in the hands of others keep a
// QPointer to it.

#pragma once

#include "app/api/chunkeddecoder.h"
#include "app/api/requestgate.h"
#include "app/api/uploadstream.h"

#include <QObject>
#include <QPointer>

namespace hubkeep::api {

class GateConnection final : public QObject
{
    Q_OBJECT

public:
    // Takes the socket. gate must outlive it.
    GateConnection(QTcpSocket *socket, const QHostAddress &peer, RequestGate &gate);
    ~GateConnection() override;

    void start(const std::optional<QSslConfiguration> &tls);
    const QHostAddress &peer() const { return m_peer; }

    // The request that is being served; each has a number of its own.
    quint64 serial() const { return m_serial; }
    bool isServing(quint64 serial) const { return m_state == State::Serving && m_serial == serial; }
    bool isHead() const { return m_head.method == "HEAD"; }
    Admission takeAdmission();
    UploadTarget *upload() const { return m_finishedUpload.get(); }

    // The answer. The connection stays open after it unless the client or closeAfterAnswer()
    // said otherwise.
    bool keepsAlive() const { return m_head.keepAlive; }
    void closeAfterAnswer() { m_head.keepAlive = false; }
    void write(QByteArrayView bytes) { m_out.append(bytes); }
    void flush();
    qint64 backlog() const; // bytes that the client did not take yet
    void finishAnswer();
    // Sends size bytes of the device and finishes.
    void sendDevice(std::unique_ptr<QIODevice> device, qint64 size, std::shared_ptr<void> keep);

    void hangUp(); // at once
    void retire(); // as soon as it can
    void expire(); // looks whether its time is up

private:
    enum class State { Handshake, Head, Body, Upload, Serving, Closing, Draining, Gone };

    void onReadyRead();
    void onBytesWritten();
    bool advance();
    bool readHead();
    bool readBody();
    bool readUpload();
    void drain();
    bool begin(HttpHead head, qsizetype length);
    bool beginUpload();
    void complete();
    void deliver(qsizetype length);
    bool refuse(const HttpError &refusal); // and closes; false
    void writeRefusal(const HttpError &refusal);
    void nextRequest();
    void pump();
    void closeGently();
    void gone();
    void setTime(std::chrono::milliseconds time) { m_deadline.setRemainingTime(time); }

    QTcpSocket *m_socket;
    const QHostAddress m_peer;
    RequestGate &m_gate;
    QPointer<RequestSocket> m_requestSocket;
    State m_state = State::Handshake;
    QDeadlineTimer m_deadline;
    QDeadlineTimer m_bodyDeadline;
    bool m_reading = false;
    bool m_headBegan = false;
    int m_blankLines = 0;

    HeadScanner m_scanner;
    HttpHead m_head;
    Admission m_admission;
    bool m_admitted = false; // nobody took it yet
    quint64 m_serial = 0;
    QByteArray m_body;
    ChunkedDecoder m_decoder;
    std::unique_ptr<UploadStream> m_upload;
    std::unique_ptr<UploadTarget> m_finishedUpload;

    QByteArray m_out;
    std::unique_ptr<QIODevice> m_device;
    qint64 m_deviceLeft = 0;
    std::shared_ptr<void> m_keep;
};

} // namespace hubkeep::api
