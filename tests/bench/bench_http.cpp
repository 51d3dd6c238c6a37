// Two servers side by side for bench_http.sh: QHttpServer as it is, and the hub's, with its gate,
// its router and its tokens. Both answer with the same small JSON object. Prints
// "<port> <port> <token>" and serves until its standard input ends.

#include "tests/support/apiarena.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <cstdio>
#include <unistd.h>

using namespace hubkeep;
using namespace hubkeep::api;

namespace {

QJsonObject state()
{
    return { { QStringLiteral("entity_id"), QStringLiteral("sensor.backup_backup_manager_state") },
        { QStringLiteral("state"), QStringLiteral("idle") },
        { QStringLiteral("last_changed"), QStringLiteral("2026-04-13T14:25:30.123Z") } };
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QHttpServer bare;
    bare.route(QStringLiteral("/api/states/<arg>"),
        [](const QString &) { return QHttpServerResponse(state()); });
    const quint16 barePort = bare.listen(QHostAddress(QHostAddress::LocalHost));

    test::ApiArena arena;
    // As many routes as the hub has.
    for (int i = 0; i < 60; ++i)
        arena.router().add(
            { Method::Get, QStringLiteral("/api/v1/filler%1/{id}/verify").arg(i), Access::Admin },
            [](const Request &, Responder responder) { responder.empty(204); });
    arena.router().add({ Method::Get, QStringLiteral("/api/states/{entity_id}"), Access::User },
        [](const Request &, Responder responder) { responder.json(200, state()); });
    arena.listen();

    std::printf("%d %d %s\n", barePort, arena.port(), arena.userToken().constData());
    std::fflush(stdout);
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &application, &QCoreApplication::quit);
    return QCoreApplication::exec();
}
