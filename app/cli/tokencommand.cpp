#include "app/cli/accountsession.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

struct Options
{
    std::string user;
    std::string name;
    std::string id;
};

Error noSuchUser(const QString &name)
{
    return { ErrorCode::NotFound,
        QStringLiteral("There is no user '%1'; hubkeep user list names them").arg(name) };
}

int runCreate(const Context &context, const Options &options)
{
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const QString name = QString::fromStdString(options.user);
    const Result<std::optional<User>> user = session->accounts->user(name);
    if (!user)
        return failAccounts(context, user.error());
    if (!user->has_value())
        return failAccounts(context, noSuchUser(name));
    const Result<NewToken> made = session->accounts->addToken(
        (*user)->id, QString::fromStdString(options.name), TokenKind::LongLived);
    if (!made)
        return failAccounts(context, made.error());
    session->record("token.create", made->token.name);
    context.print(made->secret);
    context.printJson(
        { { QStringLiteral("id"), made->token.id }, { QStringLiteral("name"), made->token.name },
            { QStringLiteral("user"), name }, { QStringLiteral("token"), made->secret } });
    return Done;
}

QJsonObject toJson(const Token &token, const User &user)
{
    return { { QStringLiteral("id"), token.id }, { QStringLiteral("name"), token.name },
        { QStringLiteral("user"), user.name },
        { QStringLiteral("kind"),
            token.kind == TokenKind::Login ? QStringLiteral("login")
                                           : QStringLiteral("long_lived") },
        { QStringLiteral("created_at"), timeOrNull(token.created) },
        { QStringLiteral("expires_at"), timeOrNull(token.expires) } };
}

int runList(const Context &context, const Options &options)
{
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const Result<QList<User>> users = session->accounts->users();
    if (!users)
        return failAccounts(context, users.error());
    const QString only = QString::fromStdString(options.user);
    bool found = only.isEmpty();
    QJsonArray list;
    for (const User &user : *users) {
        if (!only.isEmpty() && user.name != only)
            continue;
        found = true;
        const Result<QList<Token>> tokens = session->accounts->tokens(user.id);
        if (!tokens)
            return failAccounts(context, tokens.error());
        for (const Token &token : *tokens) {
            context.print(
                QStringLiteral("%1  %2  %3%4")
                    .arg(token.id, user.name, token.name,
                        token.expires.isValid() ? QStringLiteral("  (until %1)")
                                                      .arg(token.expires.toLocalTime().toString(
                                                          QStringLiteral("yyyy-MM-dd HH:mm")))
                                                : QString()));
            list.append(toJson(token, user));
        }
    }
    if (!found)
        return failAccounts(context, noSuchUser(only));
    if (list.isEmpty())
        context.say(QStringLiteral("There are no tokens"));
    context.printJson({ { QStringLiteral("tokens"), list } });
    return Done;
}

int runRevoke(const Context &context, const Options &options)
{
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const QString id = QString::fromStdString(options.id);
    const Result<QList<User>> users = session->accounts->users();
    if (!users)
        return failAccounts(context, users.error());
    for (const User &user : *users) {
        const Result<void> done = session->accounts->revokeToken(user.id, id);
        if (!done && done.error().code == ErrorCode::NotFound)
            continue;
        if (!done)
            return failAccounts(context, done.error());
        session->record("token.revoke", id);
        context.say(QStringLiteral("The token %1 of %2 has ended").arg(id, user.name));
        context.printJson({ { QStringLiteral("id"), id } });
        return Done;
    }
    return failAccounts(context,
        Error { ErrorCode::NotFound,
            QStringLiteral("There is no token %1; hubkeep token list names them").arg(id) });
}

} // namespace

void addTokenCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *token = app.add_subcommand("token",
        "Long-lived tokens, for programs that call the hub: create, list, revoke. Works on a "
        "stopped and on a running hub");
    token->require_subcommand(1);

    CLI::App *create = token->add_subcommand("create", "Make a token and print it, this once");
    create->add_option("--user", options->user, "Whose rights it has")->required();
    create->add_option("--name", options->name, "What it is for")->required();
    create->footer("Example:\n  HUBKEEP_TOKEN=$(hubkeep token create --user anna --name scripts)");
    create->callback([&context, options] {
        context.run = [&context, options] { return runCreate(context, *options); };
    });

    CLI::App *list = token->add_subcommand("list", "List the tokens, without what makes them work");
    list->add_option("--user", options->user, "Only this user's");
    list->callback([&context, options] {
        context.run = [&context, options] { return runList(context, *options); };
    });

    CLI::App *revoke = token->add_subcommand("revoke", "End a token");
    revoke->add_option("ID", options->id, "As hubkeep token list prints it")->required();
    revoke->footer("Example:\n  hubkeep token revoke 0123456789abcdef");
    revoke->callback([&context, options] {
        context.run = [&context, options] { return runRevoke(context, *options); };
    });
}

} // namespace hubkeep::cli
