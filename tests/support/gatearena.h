// A request gate with QHttpServer behind it and a few paths that show what went through:
//
//     /echo     answers with the body             /later    keeps the responder in `later`
//     /count    how often it was called           /file     file() of `file`
//     /upload   takes an upload (`uploads`)       anything else is refused with 404
//
// Without tokens and databases: the gate alone.

#pragma once

#include "app/api/channel.h"
#include "app/api/requestgate.h"

#include <QHttpServer>

namespace hubkeep::test {

qint64 residentMemory(); // of this process, in kB

// What became of one upload.
struct UploadRecord
{
    QByteArray content;
    qint64 size = 0; // also where the content is not kept
    qsizetype largestPiece = 0;
    std::optional<qint64> announced;
    bool finished = false;
    QString dropped;
    std::vector<api::Responder> responder; // where it is answered later
};

class GateArena : private api::Doorkeeper
{
public:
    explicit GateArena(const api::GateLimits &limits = {});
    ~GateArena();

    quint16 port() const { return m_gate->serverPort(); }
    api::RequestGate &gate() { return *m_gate; }
    static api::GateLimits shortLimits(); // times of some 100 ms

    int count = 0;
    std::vector<api::Responder> later;
    api::Responder::File file;
    QList<std::shared_ptr<UploadRecord>> uploads;
    bool keepContent = true; // of uploads
    bool answerUploads = true;
    std::optional<Error> refuseUploads;
    qint64 refuseAfter = -1; // bytes of an upload
    QList<int> refusals; // of the gate's own: their statuses
    QList<QTcpSocket *> webSockets;
    std::optional<api::Responder::Sink> sink;

private:
    api::Admission admit(const api::HttpHead &head, const QHostAddress &peer) override;
    void takeWebSocket(QTcpSocket *socket) override { webSockets.append(socket); }
    void refused(const api::HttpError &refusal, const QHostAddress &peer) override;
    void handle(const api::Request &request, api::Responder responder);

    const api::GateLimits m_limits;
    api::Handler m_handler;
    api::UploadOpener m_opener;
    QHttpServer m_http;
    api::RequestGate *m_gate;
};

} // namespace hubkeep::test
