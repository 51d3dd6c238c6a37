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
#include <variant>
#include <vector>

namespace hubkeep {

class TemplateDict;
class TemplateObject;

class TemplateValue
{
public:
    enum class Kind {
        Undefined, // a name that nobody gave a value; printed as nothing, else mostly an error
        None,
        Boolean,
        Integer, // 64 bits
        Float,
        String,
        List,
        Tuple,
        Set, // ordered, each once
        Dict,
        DateTime, // with a zone
        Date,
        Time,
        Duration, // microseconds: Python's timedelta
        Object, // functions, states, namespaces, loop, ranges, generators, …
    };
    using Items = std::vector<TemplateValue>;

    TemplateValue() = default; // None
    TemplateValue(bool value);
    TemplateValue(int value);
    TemplateValue(qint64 value);
    TemplateValue(double value);
    TemplateValue(QString value);
    TemplateValue(TemplateDict value);
    TemplateValue(const QDateTime &value); // an invalid one is None
    TemplateValue(std::chrono::microseconds value);
    TemplateValue(std::shared_ptr<TemplateObject> value); // requires one
    TemplateValue(const State &state); // an object with .state, .attributes, .last_changed, …
    static TemplateValue undefined(const QString &name); // for the message of its error
    static TemplateValue list(Items items);
    static TemplateValue tuple(Items items);

    // Null is None; State, QDateTime and std::chrono::microseconds are understood. The keys of a
    // QVariantMap are sorted: that is all it knows.
    static TemplateValue fromVariant(const QVariant &variant);
    static TemplateValue fromValue(const Value &value); // YAML, in its order
    static Result<TemplateValue> fromJson(const QByteArray &json); // in its order

    Kind kind() const;
    bool isUndefined() const { return kind() == Kind::Undefined; }
    bool isNone() const { return kind() == Kind::None; }
    bool isNumber() const; // not a boolean

    // What it is; each requires its kind.
    bool toBool() const;
    qint64 toInteger() const;
    double toDouble() const; // also of an integer or boolean
    const QString &string() const;
    const Items &items() const; // of a list, tuple or set
    const TemplateDict &dict() const;
    std::chrono::microseconds duration() const;
    QDateTime dateTime() const;
    const std::shared_ptr<TemplateObject> &object() const;

    bool isTruthy() const; // as Python's bool()
    QString toText() const; // as Python's str(): "[1, 'a', None]"
    QString toLiteral() const; // as Python's repr()
    // For actions, states and the API; an object is its text, times are ISO 8601.
    QVariant toVariant() const;
    QByteArray toJson() const; // compact, in order

    // As Python's ==: 1 == 1.0 == true.
    bool operator==(const TemplateValue &other) const;

private:
    struct Undefined
    {
        QString name;
    };
    struct Sequence;
    using Storage = std::variant<std::monostate, std::shared_ptr<const Undefined>, bool, qint64,
        double, QString, std::shared_ptr<const Sequence>, std::shared_ptr<const TemplateDict>,
        std::shared_ptr<const QDateTime>, QDate, QTime, std::chrono::microseconds,
        std::shared_ptr<TemplateObject>>;
    Storage m_storage;
};

} // namespace hubkeep
