// What a WebSocket client can ask for: one entry for each "type" of message.
//
//     table.add("backup/delete", Access::Admin, [](WebSocketSession &session, const Message
//     &message) {
//         Fields fields(message);
//         const QString id = fields.text("backup_id");
//         if (!fields.good(session))
//             return;
//         …
//         session.result(message.id, { … });
//     });
//
// The role is checked before the function runs. Main thread.

#pragma once

#include "app/api/router.h"
#include "automation/template/templatevalue.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QMap>
#include <QSet>

#include <functional>
#include <optional>

namespace hubkeep::api {

class WebSocketSession;

struct Message
{
    qint64 id = 0;
    QString type {};
    QJsonObject fields {}; // id and type included
    QString source {}; // the text that it came in
    int index = -1; // in the list that source is; -1: it is no list
};

struct Command
{
    Access access = Access::Admin; // never Open
    std::function<void(WebSocketSession &session, const Message &message)> run {};
};

class CommandTable
{
public:
    void add(const char *type, Access access,
        std::function<void(WebSocketSession &, const Message &)> run);
    const Command *find(const QString &type) const; // null: unknown
    const QMap<QString, Command> &all() const { return m_commands; }

private:
    QMap<QString, Command> m_commands;
};

// Each topic's.
void addCoreCommands(CommandTable &table); // states, services, registries
void addSubscriptionCommands(CommandTable &table);
void addBackupCommands(CommandTable &table);
void addHistoryCommands(CommandTable &table);
void addTemplateCommands(CommandTable &table);
void addScriptCommands(CommandTable &table);
void addTraceCommands(CommandTable &table);
void addNotificationCommands(CommandTable &table); // persistent ones

// Reads a message's fields and remembers the first that is wrong. Missing and null are the same.
class Fields
{
public:
    explicit Fields(const Message &message);

    QString text(const char *name); // required
    QString text(const char *name, const QString &fallback);
    bool boolean(const char *name, bool fallback);
    qint64 number(const char *name); // required, whole
    QStringList texts(const char *name); // required
    std::optional<QStringList> optionalTexts(const char *name);
    QJsonObject object(const char *name); // an empty one where it is missing
    QJsonValue any(const char *name);
    // Anything, with the keys of objects in the order in which they were written, which matters to
    // people's variables. None where it is missing.
    TemplateValue written(const char *name);

    // Whether all was well and nothing else is in the message; else session was told what not.
    bool good(WebSocketSession &session);

private:
    QJsonValue take(const char *name);
    void wrong(const char *name, const char *what);

    const Message &m_message;
    QSet<QString> m_known { QStringLiteral("id"), QStringLiteral("type") };
    QString m_problem;
    std::optional<TemplateValue> m_written; // the whole message, once somebody asked
};

} // namespace hubkeep::api
