#include "app/cli/accountsession.h"

#include "app/datafolder.h"
#include "automation/core/filedescriptor.h"

#include <QFile>
#include <QFileInfo>

#include <cstdio>

namespace hubkeep::cli {

void AccountSession::record(const char *action, const QString &target)
{
    AuditEntry entry;
    entry.action = QString::fromLatin1(action);
    entry.target = target;
    entry.result = QStringLiteral("ok");
    entry.detail = QStringLiteral("On the command line");
    audit->record(entry);
}

Result<AccountSession> openAccounts(const Context &context, MissingFolder missing)
{
    const QString folder = context.dataFolder();
    if (missing == MissingFolder::IsAnError && !QFileInfo(folder).isDir())
        return Error { ErrorCode::NotFound,
            QStringLiteral("There is no hub in %1; name its folder with --data")
                .arg(displayName(QFile::encodeName(folder))) };
    const Result<void> created = DataFolder(folder).create();
    if (!created)
        return created.error();
    Result<std::unique_ptr<StateDatabase>> state
        = StateDatabase::open(DataFolder(folder).stateDatabase());
    if (!state)
        return state.error().in(QStringLiteral("Opening the accounts"));
    if (!(*state)->damagedCopy().isEmpty())
        context.say(QStringLiteral("hubkeep: the accounts were damaged, so they begin anew; what "
                                   "was there is %1")
                        .arg((*state)->damagedCopy()));
    AccountSession session;
    session.clock = std::make_unique<SystemClock>();
    session.state = std::move(*state);
    Result<std::unique_ptr<Accounts>> accounts = Accounts::open(*session.state, *session.clock);
    if (!accounts)
        return accounts.error();
    Result<std::unique_ptr<AuditLog>> audit = AuditLog::open(*session.state, *session.clock);
    if (!audit)
        return audit.error();
    session.accounts = std::move(*accounts);
    session.audit = std::move(*audit);
    return session;
}

int failAccounts(const Context &context, const Error &error)
{
    return context.fail(error.code == ErrorCode::Busy
            ? Error { ErrorCode::InvalidArgument, error.message }
            : error);
}

Result<QString> readPassword()
{
    constexpr qsizetype longest = 4096;
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return Error {
            ErrorCode::Io,
            QStringLiteral("Reading the password from standard input: %1").arg(input.errorString())
        };
    QByteArray bytes;
    while (bytes.size() <= longest) {
        const QByteArray more = input.read(longest);
        if (more.isEmpty())
            break;
        bytes += more;
    }
    if (bytes.endsWith('\n'))
        bytes.chop(bytes.endsWith("\r\n") ? 2 : 1);
    if (bytes.isEmpty() || bytes.size() > longest || !bytes.isValidUtf8() || bytes.contains('\0'))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral(
                "What came on standard input is no password; give 1 to %1 bytes of text, "
                "for instance: printf %s \"$PASSWORD\" | hubkeep user …")
                .arg(longest) };
    return QString::fromUtf8(bytes);
}

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(time.toUTC().toString(Qt::ISODateWithMs))
                          : QJsonValue(QJsonValue::Null);
}

} // namespace hubkeep::cli
