#include "app/cli/command.h"
#include "app/configuration.h"
#include "app/recoverykit.h"

#include "integrations/backup/keystore.h"

#include <CLI/CLI.hpp>
#include <QFile>
#include <QJsonArray>
#include <QSaveFile>

#include <string>
#include <vector>

namespace hubkeep::cli {
namespace {

using namespace hubkeep::backup;

struct Options
{
    std::string id;
    std::vector<std::string> characters;
    std::string pdf;
};

QString spokenGroups(const StoredKey &key)
{
    QStringList groups;
    for (const int group : key.asked)
        groups.append(QString::number(group));
    return groups.join(QStringLiteral(" and "));
}

int runCreate(const Context &context)
{
    const KeyStore keys(context.dataFolder());
    const Result<StoredKey> key = keys.create(QDateTime::currentDateTimeUtc());
    if (!key)
        return context.fail(key.error());
    context.print(key->recipient);
    context.printJson(toJson(*key));
    context.say(QStringLiteral("The identity is in %1/keys/%2.txt, and in no backup. Now print "
                               "`hubkeep key show-kit %2`, keep it away from this machine, prove "
                               "that you have it with `hubkeep key confirm %2 …` (groups %3), and "
                               "name the recipient above in hubkeep.yaml: backup: {encryption: "
                               "{recipients: [%4]}}")
                    .arg(context.dataFolder(), key->id, spokenGroups(*key), key->recipient));
    return Done;
}

int runList(const Context &context)
{
    const Result<QList<StoredKey>> keys = KeyStore(context.dataFolder()).list();
    if (!keys)
        return context.fail(keys.error());
    QJsonArray list;
    for (const StoredKey &key : *keys) {
        list.append(toJson(key));
        context.print(QStringLiteral("%1  %2  %3")
                          .arg(key.id, key.recipient,
                              key.confirmed.isValid()
                                  ? QStringLiteral("kept")
                                  : QStringLiteral("not confirmed yet, asks for groups %1")
                                        .arg(spokenGroups(key))));
    }
    context.printJson({ { QStringLiteral("keys"), list } });
    return Done;
}

// The key that was named, or the only one.
Result<StoredKey> chosenKey(const KeyStore &keys, const std::string &id)
{
    if (!id.empty())
        return keys.find(QString::fromStdString(id));
    const Result<QList<StoredKey>> all = keys.list();
    if (!all)
        return all.error();
    if (all->isEmpty())
        return Error { ErrorCode::NotFound,
            QStringLiteral("There is no key yet; make one with hubkeep key create") };
    if (all->size() > 1)
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("There are %1 keys; name one of those that hubkeep key list prints")
                .arg(all->size()) };
    return all->first();
}

Result<void> writePdf(const QByteArray &path, const QByteArray &pdf)
{
    QSaveFile file(QFile::decodeName(path));
    const bool written = file.open(QIODevice::WriteOnly)
        && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        && file.write(pdf) == pdf.size() && file.commit();
    if (written)
        return {};
    return Error { ErrorCode::Io,
        QStringLiteral("Writing %1: %2").arg(displayName(path), file.errorString()) };
}

int runShowKit(const Context &context, const Options &options)
{
    const KeyStore keys(context.dataFolder());
    const Result<StoredKey> key = chosenKey(keys, options.id);
    if (!key)
        return context.fail(key.error());
    const Result<AgeIdentity> identity = keys.identity(key->id);
    if (!identity)
        return context.fail(identity.error());
    const QString hub = loadConfiguration(context.dataFolder()).configuration.name;
    const RecoveryKit kit { hub, key->id, key->created, *identity };
    if (options.pdf.empty()) {
        const QByteArray text = kitText(kit);
        context.print(QString::fromUtf8(text).chopped(1));
        context.printJson({ { QStringLiteral("id"), key->id },
            { QStringLiteral("kit"), QString::fromUtf8(text) } });
        return Done;
    }
    const QByteArray path = absolutePath(options.pdf);
    const Result<QByteArray> pdf = kitPdf(kit);
    const Result<void> written = pdf ? writePdf(path, *pdf) : Result<void>(pdf.error());
    if (!written)
        return context.fail(written.error());
    context.say(QStringLiteral("The recovery kit is in %1; print it, then delete the file")
                    .arg(displayName(path)));
    context.printJson(
        { { QStringLiteral("id"), key->id }, { QStringLiteral("path"), QString::fromUtf8(path) } });
    return Done;
}

int runConfirm(const Context &context, const Options &options)
{
    QString characters;
    for (const std::string &word : options.characters)
        characters += QString::fromStdString(word);
    const Result<StoredKey> key = KeyStore(context.dataFolder())
                                      .confirm(QString::fromStdString(options.id), characters,
                                          QDateTime::currentDateTimeUtc());
    if (!key)
        return context.fail(key.error());
    context.say(QStringLiteral("The kit of %1 is kept; nobody asks again").arg(key->id));
    context.printJson(toJson(*key));
    return Done;
}

} // namespace

void addKeyCommand(CLI::App &app, Context &context)
{
    auto options = std::make_shared<Options>();
    CLI::App *key = app.add_subcommand(
        "key", "The keys that open the hub's encrypted backups, and their recovery kits");
    key->require_subcommand(1);

    CLI::App *create = key->add_subcommand("create", "Make an identity, and print its recipient");
    create->callback([&context] { context.run = [&context] { return runCreate(context); }; });

    CLI::App *list = key->add_subcommand("list", "List the keys, without their secrets");
    list->callback([&context] { context.run = [&context] { return runList(context); }; });

    CLI::App *kit = key->add_subcommand("show-kit", "Print the recovery kit, secret and all");
    kit->add_option("ID", options->id, "Which key, where there are several");
    kit->add_option("--pdf", options->pdf, "Write it as a PDF into this file");
    kit->callback([&context, options] {
        context.run = [&context, options] { return runShowKit(context, *options); };
    });

    CLI::App *confirm = key->add_subcommand("confirm", "Prove that the recovery kit is kept");
    confirm->add_option("ID", options->id, "Which key")->required();
    confirm
        ->add_option(
            "CHARACTERS", options->characters, "Those of the groups that key list asks for")
        ->required();
    confirm->callback([&context, options] {
        context.run = [&context, options] { return runConfirm(context, *options); };
    });
}

} // namespace hubkeep::cli
