// A tree of values that knows where each of them was written: what a YAML file says.
//
//     const Value *port = value.find(QStringLiteral("port"));
//     if (port && port->kind() != Value::Kind::Integer)
//         problems.append({ port->place(), QStringLiteral("port: must be a number") });
//
// Plain scalars are what YAML 1.1 takes them for, as Home Assistant reads them: on, off, yes
// and no are booleans, 12:30 is the number 750, 1e3 is a text. What was written stays beside it.
//
// Plain values, cheap to copy; any thread.

#pragma once

#include <QList>
#include <QString>
#include <QVariant>

#include <memory>
#include <vector>

namespace hubkeep {

// Line and column, in characters, begin at 1; both are 0 where the whole file is meant.
struct Place
{
    QString file; // relative to the folder that was loaded from
    int line = 0;
    int column = 0;
    bool operator==(const Place &) const = default;
};

struct ValueProblem
{
    Place place;
    QString message; // one sentence without a final dot
    bool operator==(const ValueProblem &) const = default;
};

class Value
{
public:
    enum class Kind {
        Null,
        Boolean,
        Integer,
        Float,
        String,
        List,
        Map,
        Broken, // a problem says already what is wrong here
    };
    struct Member;

    Value() = default;
    static Value null(const Place &place);
    static Value broken(const Place &place);
    static Value plain(const QString &text, const Place &place); // by YAML 1.1's rules
    static Value string(const QString &text, const Place &place);
    static Value list(std::vector<Value> items, const Place &place);
    static Value map(std::vector<Member> members, const Place &place);
    static Value fromVariant(const QVariant &variant);

    Kind kind() const { return m_kind; }
    const Place &place() const { return m_place; }
    bool isCollection() const { return m_kind == Kind::List || m_kind == Kind::Map; }

    // A scalar as it was written, "007"; empty for others.
    const QString &text() const { return m_text; }
    // The boolean or number that it is; QVariantList and QVariantMap with all that is in it.
    QVariant toVariant() const;

    // A list's; else empty.
    const std::vector<Value> &items() const;
    // A map's, as they were written; else empty.
    const std::vector<Member> &members() const;
    const Value *find(const QString &key) const; // nullptr where there is no such key

    // This value and all that is in it, none counted more than limit times.
    qsizetype nodes(qsizetype limit) const;

    // The same value, somewhere else.
    Value at(const Place &place) const;
    // The same value, never to be quoted in a message.
    Value asSecret() const;
    bool isSecret() const { return m_secret; }

    // What was found, for messages: "the text 'abc'", "a list", "nothing".
    QString describe() const;

private:
    Kind m_kind = Kind::Null;
    bool m_secret = false;
    Place m_place {};
    QString m_text {};
    QVariant m_scalar {};
    std::shared_ptr<const std::vector<Value>> m_items {};
    std::shared_ptr<const std::vector<Member>> m_members {};
};

struct Value::Member
{
    QString key;
    Place place; // of the key
    Value value;
};

// "'abc'", shortened and with control characters escaped.
QString quoted(const QString &text);

} // namespace hubkeep
