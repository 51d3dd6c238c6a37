// A hub for a command to ask: the one that runs on the data folder or, where none does, one
// that runs inside the command for as long as it takes, under the folder's lock.
//
//     Result<HubSession> hub = HubSession::open(context);
//     Result<QJsonObject> done = hub->finishOperation("/api/v1/backup", {});

#pragma once

#include "app/application.h"
#include "app/cli/command.h"
#include "app/cli/hubclient.h"

#include <cstdio>

namespace hubkeep::cli {

class HubSession
{
public:
    // Busy: something else holds the data folder. NotFound: there is no hub's folder.
    static Result<HubSession> open(const Context &context);
    ~HubSession();
    HubSession(HubSession &&) noexcept;

    HubClient &client() { return m_client; }

    // Starts an operation and waits for its end, with progress on a terminal. The last
    // status; an operation that failed is an error with its sentence. An interrupted command
    // cancels the operation. backupId: what it works on, once it was started.
    Result<QJsonObject> finishOperation(
        const QString &path, const QJsonObject &body, QString *backupId = nullptr);

    // What the last operation did, as far as it came: the "result" of its status.
    QJsonObject result() const;

private:
    HubSession(const Context &context, std::unique_ptr<Clock> clock,
        std::unique_ptr<Application> hub, HubClient client);
    Result<QJsonObject> watch();

    const Context &m_context;
    std::unique_ptr<Clock> m_clock; // of m_own
    std::unique_ptr<Application> m_own; // null: another process is the hub
    HubClient m_client;
    QJsonObject m_status; // as it was last seen
};

// Whatever the options say: nobody can ask for it again.
void sayFirstPassword(const Application &hub, FILE *to);

// What an operation that failed says of itself in its status.
Error errorOfStatus(const QJsonObject &status);

} // namespace hubkeep::cli
