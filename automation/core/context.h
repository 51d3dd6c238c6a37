// Why something happened: the chain from a person or a trigger to an effect.
//
// Whoever acts for somebody passes that one's context on; what happens because of an
// event gets a context whose parentId is the event's. Plain value; any thread.

#pragma once

#include <QJsonObject>
#include <QString>

namespace hubkeep {

struct Context
{
    QString id; // 26 characters of Crockford's base 32, rising with time (ULID)
    QString parentId; // empty: nothing caused it
    QString userId; // empty: nobody, or the hub itself

    // A fresh one.
    static Context make(const QString &userId = {}, const QString &parentId = {});

    bool operator==(const Context &) const = default;
};

QJsonObject toJson(const Context &context); // {"id", "parent_id", "user_id"}, null for nothing

} // namespace hubkeep
