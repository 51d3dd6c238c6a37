// The server's side of a Responder: which request of which connection it answers.
//
// Main thread. For responder.cpp and apiserver.cpp alone.

#pragma once

#include "app/api/gateconnection.h"

#include <QHttpServerResponder>

namespace hubkeep::api {

struct Responder::Channel
{
    QPointer<GateConnection> connection;
    quint64 serial = 0;
    QHttpServerResponder http; // keeps a bare pointer to its socket: not after the connection

    bool isOpen() const { return connection && connection->isServing(serial); }
};

} // namespace hubkeep::api
