#include "app/cli/accountsession.h"

#include <CLI/CLI.hpp>
#include <QJsonArray>

namespace hubkeep::cli {
namespace {

struct Options
{
    std::string name;
    std::string role;
    bool passwordStdin = false; // required, and the only way
};

QString nameOf(const Options &options)
{
    return QString::fromStdString(options.name);
}

int runAdd(const Context &context, const Options &options)
{
    const std::optional<Role> role = roleFromString(QString::fromStdString(options.role));
    const Result<QString> password = readPassword();
    if (!password)
        return failAccounts(context, password.error());
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsCreated);
    if (!session)
        return failAccounts(context, session.error());
    const Result<User> user = session->accounts->addUser(
        nameOf(options), role.value_or(Role::User), hashPassword(*password));
    if (!user)
        return failAccounts(context, user.error().in(QStringLiteral("Adding a user")));
    session->record("user.add", user->name);
    context.say(QStringLiteral("%1 %2 can log in now")
                    .arg(user->role == Role::Admin ? QStringLiteral("The administrator")
                                                   : QStringLiteral("The user"),
                        user->name));
    context.printJson({ { QStringLiteral("username"), user->name },
        { QStringLiteral("role"), toString(user->role) } });
    return Done;
}

int runList(const Context &context)
{
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const Result<QList<User>> users = session->accounts->users();
    if (!users)
        return failAccounts(context, users.error());
    QJsonArray list;
    for (const User &user : *users) {
        context.print(
            QStringLiteral("%1  %2").arg(toString(user.role).leftJustified(5), user.name));
        list.append(QJsonObject { { QStringLiteral("username"), user.name },
            { QStringLiteral("role"), toString(user.role) },
            { QStringLiteral("created_at"), timeOrNull(user.created) } });
    }
    if (users->isEmpty())
        context.say(QStringLiteral("There are no users yet; hubkeep user add makes one"));
    context.printJson({ { QStringLiteral("users"), list } });
    return Done;
}

int runRemove(const Context &context, const Options &options)
{
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const Result<void> done = session->accounts->removeUser(nameOf(options));
    if (!done)
        return failAccounts(context, done.error().in(QStringLiteral("Removing a user")));
    session->record("user.remove", nameOf(options));
    context.say(QStringLiteral("%1 is removed, and every token with them").arg(nameOf(options)));
    context.printJson({ { QStringLiteral("username"), nameOf(options) } });
    return Done;
}

int runPassword(const Context &context, const Options &options)
{
    const Result<QString> password = readPassword();
    if (!password)
        return failAccounts(context, password.error());
    Result<AccountSession> session = openAccounts(context, MissingFolder::IsAnError);
    if (!session)
        return failAccounts(context, session.error());
    const Result<void> done
        = session->accounts->setPassword(nameOf(options), hashPassword(*password));
    if (!done)
        return failAccounts(context, done.error().in(QStringLiteral("Changing a password")));
    session->record("user.password", nameOf(options));
    context.say(QStringLiteral("%1 has a new password; logins made with the old one have ended")
                    .arg(nameOf(options)));
    context.printJson({ { QStringLiteral("username"), nameOf(options) } });
    return Done;
}

void addNameAndPassword(CLI::App &command, Options &options)
{
    command.add_option("NAME", options.name, "The name to log in with")->required();
    command
        .add_flag(
            "--password-stdin", options.passwordStdin, "Read the password from standard input")
        ->required();
}

} // namespace

void addUserCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *user = app.add_subcommand("user",
        "Who may log in to the hub: add, list and remove users, change passwords. Works on a "
        "stopped and on a running hub");
    user->require_subcommand(1);

    CLI::App *add = user->add_subcommand("add", "Add a user");
    addNameAndPassword(*add, *options);
    add->add_option("--role", options->role, "admin: everything; user: sees states and backups")
        ->required()
        ->check(CLI::IsMember({ "admin", "user" }, CLI::ignore_case));
    add->footer("Example:\n  printf %s \"$PASSWORD\" | hubkeep user add anna --role admin "
                "--password-stdin");
    add->callback([&context, options] {
        context.run = [&context, options] { return runAdd(context, *options); };
    });

    CLI::App *list = user->add_subcommand("list", "List the users");
    list->callback([&context] { context.run = [&context] { return runList(context); }; });

    CLI::App *remove = user->add_subcommand("remove", "Remove a user and their tokens");
    remove->add_option("NAME", options->name, "Whom")->required();
    remove->footer(
        "The last administrator cannot be removed.\n\nExample:\n  hubkeep user remove anna");
    remove->callback([&context, options] {
        context.run = [&context, options] { return runRemove(context, *options); };
    });

    CLI::App *password = user->add_subcommand(
        "password", "Give a user another password; logins end, long-lived tokens stay");
    addNameAndPassword(*password, *options);
    password->footer(
        "Example:\n  printf %s \"$PASSWORD\" | hubkeep user password anna --password-stdin");
    password->callback([&context, options] {
        context.run = [&context, options] { return runPassword(context, *options); };
    });
}

} // namespace hubkeep::cli
