// What `hubkeep user` and `hubkeep token` work with: the accounts in data/state.db, which a
// running hub may have open as well.
//
// One thread.

#pragma once

#include "app/accounts.h"
#include "app/auditlog.h"
#include "app/cli/command.h"

namespace hubkeep::cli {

struct AccountSession
{
    std::unique_ptr<SystemClock> clock;
    std::unique_ptr<StateDatabase> state;
    std::unique_ptr<AuditLog> audit;
    std::unique_ptr<Accounts> accounts;

    void record(const char *action, const QString &target);
};

enum class MissingFolder { IsAnError, IsCreated };

Result<AccountSession> openAccounts(const Context &context, MissingFolder missing);

// As context.fail(). What stands in the way of an account is no job that ends: never exit
// code 5.
int failAccounts(const Context &context, const Error &error);

// Standard input to its end without its last line break. InvalidArgument where that is empty,
// endless or no text.
Result<QString> readPassword();

// "2026-04-13T14:25:30.123Z", null for an invalid one.
QJsonValue timeOrNull(const QDateTime &time);

} // namespace hubkeep::cli
