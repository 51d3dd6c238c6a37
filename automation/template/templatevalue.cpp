#include "automation/template/templatevalue.h"

#include "automation/template/stateobject.h"
#include "automation/template/templatedict.h"
#include "automation/template/valuejson.h"
#include "automation/template/valuetext.h"

#include <algorithm>
#include <limits>

namespace hubkeep {

struct TemplateValue::Undefined
{
    QString name;
    QString reason; // empty: made of the others
    QString owner {}; // a type; empty: there is none
    TemplateValue key {};
};

struct TemplateValue::Sequence
{
    Items items;
    int depth = 1;
    qint64 weight = 1;
};

TemplateValue::TemplateValue(QString value)
    : m_string(std::move(value))
    , m_kind(Kind::String)
{
}

TemplateValue::TemplateValue(TemplateDict value)
    : m_shared(std::make_shared<const TemplateDict>(std::move(value)))
    , m_kind(Kind::Dict)
{
}

TemplateValue::TemplateValue(const QDateTime &value)
{
    if (value.isValid())
        *this = TemplateValue(TemplateTime { value });
}

TemplateValue::TemplateValue(TemplateTime value)
    : m_shared(std::make_shared<const TemplateTime>(std::move(value)))
    , m_kind(Kind::DateTime)
{
}

TemplateValue::TemplateValue(QDate value)
    : m_integer(value.toJulianDay())
    , m_kind(Kind::Date)
{
}

TemplateValue::TemplateValue(QTime value)
    : m_integer(value.msecsSinceStartOfDay())
    , m_kind(Kind::Time)
{
}

TemplateValue::TemplateValue(std::chrono::microseconds value)
    : m_integer(value.count())
    , m_kind(Kind::Duration)
{
}

TemplateValue::TemplateValue(std::shared_ptr<TemplateObject> value)
    : m_object(std::move(value))
    , m_kind(Kind::Object)
{
    Q_ASSERT(m_object);
}

TemplateValue::TemplateValue(const State &state)
    : TemplateValue(std::shared_ptr<TemplateObject>(std::make_shared<StateObject>(state)))
{
}

TemplateValue TemplateValue::missing()
{
    TemplateValue value;
    new (&value.m_shared) std::shared_ptr<const void>();
    value.m_kind = Kind::Undefined;
    return value;
}

TemplateValue TemplateValue::undefined(const QString &name)
{
    TemplateValue value = missing();
    value.m_shared = std::make_shared<const Undefined>(Undefined { name, {} });
    return value;
}

TemplateValue TemplateValue::undefinedIn(const QString &typeName, const TemplateValue &key)
{
    TemplateValue value = missing();
    value.m_shared = std::make_shared<const Undefined>(Undefined { {}, {}, typeName, key });
    return value;
}

TemplateValue TemplateValue::undefinedBecause(const QString &reason)
{
    TemplateValue value = missing();
    value.m_shared = std::make_shared<const Undefined>(Undefined { {}, reason });
    return value;
}

TemplateValue TemplateValue::sequence(Kind kind, Items items)
{
    Sequence made { std::move(items) };
    constexpr qint64 most = std::numeric_limits<qint64>::max() / 4;
    for (const TemplateValue &item : made.items) {
        if (item.m_kind < Kind::List) {
            ++made.weight;
            continue;
        }
        made.depth = std::max(made.depth, item.depth() + 1);
        made.weight = std::min(most, made.weight + item.weight());
    }
    TemplateValue value = missing();
    value.m_shared = std::make_shared<const Sequence>(std::move(made));
    value.m_kind = kind;
    return value;
}

TemplateValue TemplateValue::list(Items items)
{
    return sequence(Kind::List, std::move(items));
}

TemplateValue TemplateValue::tuple(Items items)
{
    return sequence(Kind::Tuple, std::move(items));
}

TemplateValue TemplateValue::set(const Items &items)
{
    TemplateDict seen;
    Items unique;
    for (const TemplateValue &item : items) {
        if (seen.find(item))
            continue;
        seen.insert(item, {});
        unique.push_back(item);
    }
    return sequence(Kind::Set, std::move(unique));
}

void TemplateValue::copyShared(const TemplateValue &other)
{
    if (other.m_kind == Kind::String)
        new (&m_string) QString(other.m_string);
    else if (other.m_kind == Kind::Object)
        new (&m_object) std::shared_ptr<TemplateObject>(other.m_object);
    else
        new (&m_shared) std::shared_ptr<const void>(other.m_shared);
    m_kind = other.m_kind;
}

void TemplateValue::moveShared(TemplateValue &other) noexcept
{
    if (other.m_kind == Kind::String)
        new (&m_string) QString(std::move(other.m_string));
    else if (other.m_kind == Kind::Object)
        new (&m_object) std::shared_ptr<TemplateObject>(std::move(other.m_object));
    else
        new (&m_shared) std::shared_ptr<const void>(std::move(other.m_shared));
    m_kind = other.m_kind;
    other.clear();
    other.m_integer = 0;
    other.m_kind = Kind::None; // an object without one would be a trap
}

void TemplateValue::clearShared() noexcept
{
    if (m_kind == Kind::String)
        m_string.~QString();
    else if (m_kind == Kind::Object)
        m_object.~shared_ptr();
    else
        m_shared.~shared_ptr();
}

const TemplateValue::Items &TemplateValue::items() const
{
    return shared<Sequence>().items;
}

const TemplateDict &TemplateValue::dict() const
{
    return shared<TemplateDict>();
}

const TemplateTime &TemplateValue::time() const
{
    return shared<TemplateTime>();
}

QString TemplateValue::undefinedReason() const
{
    if (!m_shared)
        return QStringLiteral("an argument is missing");
    const auto &undefined = shared<Undefined>();
    if (!undefined.reason.isEmpty())
        return undefined.reason;
    if (undefined.owner.isEmpty())
        return QStringLiteral("'%1' is undefined").arg(undefined.name);
    const QString owner = undefined.owner == u"NoneType"
        ? QStringLiteral("None")
        : undefined.owner + QLatin1String(" object");
    return undefined.key.isString()
        ? QStringLiteral("'%1' has no attribute %2").arg(owner, undefined.key.toLiteral())
        : QStringLiteral("%1 has no element %2").arg(owner, undefined.key.toLiteral());
}

bool TemplateValue::isHashable() const
{
    if (m_kind == Kind::Tuple)
        return std::all_of(items().begin(), items().end(),
            [](const TemplateValue &item) { return item.isHashable(); });
    return m_kind != Kind::List && m_kind != Kind::Dict && m_kind != Kind::Set
        && m_kind != Kind::Undefined;
}

bool TemplateValue::isTruthy() const
{
    switch (m_kind) {
    case Kind::Undefined:
    case Kind::None:
        return false;
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Duration:
        return m_integer != 0;
    case Kind::Float:
        return m_float != 0;
    case Kind::String:
        return !m_string.isEmpty();
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        return !items().empty();
    case Kind::Dict:
        return !dict().isEmpty();
    case Kind::Date:
    case Kind::Time:
    case Kind::DateTime:
        return true;
    case Kind::Object:
        return m_object->isTruthy();
    }
    return false;
}

int TemplateValue::depth() const
{
    switch (m_kind) {
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        return shared<Sequence>().depth;
    case Kind::Dict:
        return dict().depth();
    case Kind::Object:
        return m_object->depth();
    default:
        return 0;
    }
}

qint64 TemplateValue::weight() const
{
    switch (m_kind) {
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set:
        return shared<Sequence>().weight;
    case Kind::Dict:
        return dict().weight();
    default:
        return 1;
    }
}

QString TemplateValue::typeName() const
{
    switch (m_kind) {
    case Kind::Undefined:
        return QStringLiteral("Undefined");
    case Kind::None:
        return QStringLiteral("NoneType");
    case Kind::Boolean:
        return QStringLiteral("bool");
    case Kind::Integer:
        return QStringLiteral("int");
    case Kind::Float:
        return QStringLiteral("float");
    case Kind::String:
        return QStringLiteral("str");
    case Kind::List:
        return QStringLiteral("list");
    case Kind::Tuple:
        return QStringLiteral("tuple");
    case Kind::Set:
        return QStringLiteral("set");
    case Kind::Dict:
        return QStringLiteral("dict");
    case Kind::DateTime:
        return QStringLiteral("datetime");
    case Kind::Date:
        return QStringLiteral("date");
    case Kind::Time:
        return QStringLiteral("time");
    case Kind::Duration:
        return QStringLiteral("timedelta");
    case Kind::Object:
        return m_object->typeName();
    }
    return {};
}

QString TemplateValue::toText() const
{
    QString text;
    appendText(text, *this);
    return text;
}

QString TemplateValue::toLiteral() const
{
    QString text;
    appendLiteral(text, *this);
    return text;
}

QByteArray TemplateValue::toJson() const
{
    return writeJson(*this).toUtf8();
}

Result<TemplateValue> TemplateValue::fromJson(const QByteArray &json)
{
    return readJson(json);
}

TemplateValue TemplateValue::fromValue(const Value &value)
{
    switch (value.kind()) {
    case Value::Kind::List: {
        Items items;
        items.reserve(value.items().size());
        for (const Value &item : value.items())
            items.push_back(fromValue(item));
        return list(std::move(items));
    }
    case Value::Kind::Map: {
        TemplateDict dict;
        for (const Value::Member &member : value.members())
            dict.insert(member.key, fromValue(member.value));
        return dict;
    }
    default:
        return fromVariant(value.toVariant());
    }
}

TemplateValue TemplateValue::fromVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::UnknownType:
    case QMetaType::Nullptr:
        return {};
    case QMetaType::Bool:
        return variant.toBool();
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::Long:
    case QMetaType::Short:
    case QMetaType::LongLong:
        return variant.toLongLong();
    case QMetaType::ULong:
    case QMetaType::ULongLong: {
        const quint64 number = variant.toULongLong();
        return number > quint64(std::numeric_limits<qint64>::max()) ? TemplateValue(double(number))
                                                                    : TemplateValue(qint64(number));
    }
    case QMetaType::Double:
    case QMetaType::Float:
        return variant.toDouble();
    case QMetaType::QDateTime:
        return variant.toDateTime();
    case QMetaType::QDate:
        return variant.toDate();
    case QMetaType::QTime:
        return variant.toTime();
    case QMetaType::QVariantMap: {
        TemplateDict dict;
        const QVariantMap map = variant.toMap();
        for (auto it = map.begin(); it != map.end(); ++it)
            dict.insert(it.key(), fromVariant(it.value()));
        return dict;
    }
    case QMetaType::QVariantList:
    case QMetaType::QStringList: {
        Items items;
        for (const QVariant &item : variant.toList())
            items.push_back(fromVariant(item));
        return list(std::move(items));
    }
    default:
        break;
    }
    if (variant.typeId() == qMetaTypeId<State>())
        return variant.value<State>();
    if (variant.typeId() == qMetaTypeId<std::chrono::microseconds>())
        return variant.value<std::chrono::microseconds>();
    return variant.toString();
}

QVariant TemplateValue::toVariant() const
{
    switch (m_kind) {
    case Kind::Undefined:
    case Kind::None:
        return {};
    case Kind::Boolean:
        return toBool();
    case Kind::Integer:
        return m_integer;
    case Kind::Float:
        return m_float;
    case Kind::List:
    case Kind::Tuple:
    case Kind::Set: {
        QVariantList list;
        for (const TemplateValue &item : items())
            list.append(item.toVariant());
        return list;
    }
    case Kind::Dict: {
        QVariantMap map;
        for (const auto &[key, value] : dict())
            map.insert(key.toText(), value.toVariant());
        return map;
    }
    case Kind::DateTime:
        return isoFormat(time(), u'T');
    default:
        return toText();
    }
}

} // namespace hubkeep
