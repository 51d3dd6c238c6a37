// The verbs of the hub: named things automations, the API and the window can do.
//
// An action is registered once by the integration that owns it and called by
// name from anywhere. Arguments are checked against the declared fields before
// the handler sees them, so handlers do not validate types.
//
// Main thread.

#pragma once

#include "automation/core/context.h"
#include "automation/core/result.h"

#include <QFuture>
#include <QList>
#include <QMap>
#include <QVariantMap>

#include <functional>

namespace hubkeep {

enum class FieldType {
    Text,
    Number, // handlers get a double
    Boolean,
    List, // of anything; a single value is taken for a list of one
    Object,
    Any,
};

struct ActionField
{
    QString description;
    FieldType type = FieldType::Text;
    bool required = false;
    QVariant example {}; // shown to people, "backup-20260211-143022-a1b2c3d4"
};

struct ActionDescription
{
    QString name; // "backup.create"
    QString title; // "Create backup"
    QString summary; // a sentence
    QMap<QString, ActionField> fields {};
    bool admin = true; // whether callers need the Admin role; the API asks for it
    bool responds = false; // whether its result is worth returning
};

struct ActionCall
{
    QVariantMap arguments;
    Context context; // who asked for it, and because of what
};

// Fulfilled on the main thread. Cancelling the future asks the action to stop.
using ActionResult = QFuture<Result<QVariantMap>>;

ActionResult finishedAction(Result<QVariantMap> result);

class ActionRegistry
{
public:
    using Handler = std::function<ActionResult(const ActionCall &call)>;

    ActionRegistry() = default;
    ActionRegistry(const ActionRegistry &) = delete;
    ActionRegistry &operator=(const ActionRegistry &) = delete;

    // Requires: no action of that name yet.
    void add(ActionDescription description, Handler handler);

    // Removing what is not there does nothing.
    void remove(const QString &name);

    // Never blocks. NotFound for an unknown name; InvalidArgument names the field that is
    // unknown, missing or of another type. Failures arrive in a future as well.
    ActionResult call(const QString &name, ActionCall call);

    bool has(const QString &name) const { return m_actions.contains(name); }
    const ActionDescription *find(const QString &name) const; // null: unknown
    QList<ActionDescription> all() const; // sorted by name

    // Called when an action came (true) or went (false).
    using Listener = std::function<void(const QString &name, bool added)>;
    void setListener(Listener listener) { m_listener = std::move(listener); }

private:
    struct Entry
    {
        ActionDescription description;
        Handler handler;
    };
    QMap<QString, Entry> m_actions;
    Listener m_listener;
};

// Checks arguments against fields and brings them into the declared types.
Result<QVariantMap> checkArguments(
    const ActionDescription &description, const QVariantMap &arguments);

} // namespace hubkeep
