// What a template computes with: Python's values, as far as Jinja2 shows them.
//
//     TemplateValue(QStringLiteral("on")), TemplateValue(21.5), TemplateValue::fromJson(bytes)
//
// Dictionaries keep the order in which they were written. Nothing can be changed once made, so
// copying is cheap and values may be shared; a namespace is an object and the exception.
//
// Plain values; any thread, but for Object: those belong to the rendering that made them.

#pragma once

#include "automation/core/result.h"
#include "automation/core/state.h"
#include "automation/core/value.h"

#include <QDateTime>
#include <QJsonValue>
#include <QString>
#include <QVariant>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace hubkeep {

class TemplateDict;
class TemplateObject;

// A point of time with Python's microseconds. A naive one has no zone, and its dateTime is in UTC
// for want of another.
struct TemplateTime
{
    QDateTime dateTime;
    int microseconds = 0; // beyond dateTime's milliseconds, 0 to 999
    bool naive = false;
};

class TemplateValue
{
public:
    enum class Kind : unsigned char {
        Undefined, // a name that nobody gave a value; printed as nothing, else mostly an error
        None,
        Boolean,
        Integer, // 64 bits
        Float,
        Date,
        Time,
        Duration, // microseconds: Python's timedelta
        String,
        List,
        Tuple,
        Set, // ordered, each once
        Dict,
        DateTime, // with a zone, or naive
        Object, // functions, states, namespaces, loop, ranges, generators, …
    };
    using Items = std::vector<TemplateValue>;

    TemplateValue() // None
        : m_integer(0)
    {
    }
    TemplateValue(bool value)
        : m_integer(value)
        , m_kind(Kind::Boolean)
    {
    }
    TemplateValue(int value)
        : m_integer(value)
        , m_kind(Kind::Integer)
    {
    }
    TemplateValue(qint64 value)
        : m_integer(value)
        , m_kind(Kind::Integer)
    {
    }
    TemplateValue(double value)
        : m_float(value)
        , m_kind(Kind::Float)
    {
    }
    TemplateValue(QString value);
    TemplateValue(TemplateDict value);
    TemplateValue(const QDateTime &value); // an invalid one is None
    TemplateValue(TemplateTime value);
    TemplateValue(QDate value);
    TemplateValue(QTime value);
    TemplateValue(std::chrono::microseconds value);
    TemplateValue(std::shared_ptr<TemplateObject> value); // requires one
    TemplateValue(const State &state); // an object with .state, .attributes, .last_changed, …
    TemplateValue(const char *) = delete; // would be a boolean
    static TemplateValue undefined(const QString &name); // for the message of its error
    // What a value of that type does not have: "'dict object' has no attribute 'x'".
    static TemplateValue undefinedIn(const QString &typeName, const TemplateValue &key);
    static TemplateValue undefinedBecause(const QString &reason);
    static TemplateValue list(Items items);
    static TemplateValue tuple(Items items);
    static TemplateValue set(const Items &items); // requires hashable ones

    TemplateValue(const TemplateValue &other) { copyFrom(other); }
    TemplateValue(TemplateValue &&other) noexcept { moveFrom(other); }
    TemplateValue &operator=(const TemplateValue &other)
    {
        if (this != &other) {
            TemplateValue copy(other);
            clear();
            moveFrom(copy);
        }
        return *this;
    }
    TemplateValue &operator=(TemplateValue &&other) noexcept
    {
        if (this != &other) {
            clear();
            moveFrom(other);
        }
        return *this;
    }
    ~TemplateValue() { clear(); }

    // Null is None; State, QDateTime and std::chrono::microseconds are understood. The keys of a
    // QVariantMap are sorted: that is all it knows.
    static TemplateValue fromVariant(const QVariant &variant);
    static TemplateValue fromValue(const Value &value); // YAML, in its order
    static Result<TemplateValue> fromJson(const QByteArray &json); // in its order

    Kind kind() const { return m_kind; }
    bool isUndefined() const { return m_kind == Kind::Undefined; }
    bool isNone() const { return m_kind == Kind::None; }
    bool isNumber() const { return m_kind == Kind::Integer || m_kind == Kind::Float; }
    bool isString() const { return m_kind == Kind::String; }
    bool isSequence() const { return m_kind == Kind::List || m_kind == Kind::Tuple; }
    bool isObject() const { return m_kind == Kind::Object; }
    // What a dictionary takes as a key and a set as an item: not what has a list or dict in it.
    bool isHashable() const;

    // What it is; each requires its kind.
    bool toBool() const { return m_integer != 0; }
    qint64 toInteger() const { return m_integer; } // also of a boolean
    double toDouble() const // also of an integer or boolean
    {
        return m_kind == Kind::Float ? m_float : double(toInteger());
    }
    const QString &string() const { return m_string; }
    const Items &items() const; // of a list, tuple or set
    const TemplateDict &dict() const;
    std::chrono::microseconds duration() const { return std::chrono::microseconds(m_integer); }
    QDateTime dateTime() const { return time().dateTime; }
    const TemplateTime &time() const; // of a DateTime
    QDate date() const { return QDate::fromJulianDay(m_integer); }
    QTime timeOfDay() const { return QTime::fromMSecsSinceStartOfDay(int(m_integer)); }
    const std::shared_ptr<TemplateObject> &object() const { return m_object; }
    QString undefinedReason() const; // "'name' is undefined"

    bool isTruthy() const; // as Python's bool()
    QString toText() const; // as Python's str(): "[1, 'a', None]"
    QString toLiteral() const; // as Python's repr()
    QString typeName() const; // as Python's: "str", "list", "datetime.datetime"
    // For actions, states and the API; an object is its text, times are ISO 8601.
    QVariant toVariant() const;
    QByteArray toJson() const; // compact, in order

    // As Python's ==: 1 == 1.0 == true.
    bool operator==(const TemplateValue &other) const;
    size_t hash() const; // of a hashable one; equal values have the same

    // How many collections are in each other here, and how many values in all, each counted as
    // often as it would be printed. What is too much of either is refused (TemplateRendering), so
    // that whoever walks through a value need not count.
    int depth() const;
    qint64 weight() const;

    // An argument that was not given; everywhere else there is none of it.
    static TemplateValue missing();
    bool isMissing() const { return m_kind == Kind::Undefined && !m_shared; }

private:
    struct Undefined;
    struct Sequence;
    static TemplateValue sequence(Kind kind, Items items);
    template <typename T>
    const T &shared() const
    {
        return *static_cast<const T *>(m_shared.get());
    }

    bool isPlain() const { return m_kind >= Kind::None && m_kind <= Kind::Duration; }
    void copyFrom(const TemplateValue &other)
    {
        if (other.isPlain()) {
            m_kind = other.m_kind;
            m_integer = other.m_integer;
        } else {
            copyShared(other);
        }
    }
    void moveFrom(TemplateValue &other) noexcept
    {
        if (other.isPlain()) {
            m_kind = other.m_kind;
            m_integer = other.m_integer;
        } else {
            moveShared(other);
        }
    }
    void clear() noexcept
    {
        if (!isPlain())
            clearShared();
    }
    void copyShared(const TemplateValue &other);
    void moveShared(TemplateValue &other) noexcept;
    void clearShared() noexcept; // leaves it to be constructed anew

    union {
        qint64 m_integer; // also a boolean, a duration, a date's day, a time's milliseconds
        double m_float;
        QString m_string;
        std::shared_ptr<const void> m_shared;
        std::shared_ptr<TemplateObject> m_object;
    };
    Kind m_kind = Kind::None;
};

} // namespace hubkeep
