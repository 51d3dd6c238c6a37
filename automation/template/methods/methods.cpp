#include "automation/template/methods/methods.h"

#include "automation/template/valuetext.h"

#include <cmath>

namespace hubkeep::templates {
namespace {

using Kind = TemplateValue::Kind;
using Methods = QHash<QString, std::shared_ptr<const TemplateFunction>>;

struct Tables
{
    Methods text, list, tuple, set, dict, integer, floating, dateTime, date, time, duration;
};

void add(Methods &methods, std::span<const TemplateBuiltin> builtins)
{
    for (const TemplateBuiltin &builtin : builtins)
        methods.insert(QString::fromUtf8(builtin.name), declaredFunction(builtin));
}

const Tables &tables()
{
    static const Tables made = [] {
        Tables tables;
        add(tables.text, textMethods());
        add(tables.text, textSearchMethods());
        add(tables.text, textCaseMethods());
        add(tables.list, listMethods());
        add(tables.tuple, listMethods());
        tables.tuple.remove(QStringLiteral("copy"));
        add(tables.set, setMethods());
        add(tables.dict, dictMethods());
        add(tables.integer, integerMethods());
        add(tables.floating, floatMethods());
        add(tables.dateTime, dateTimeMethods());
        add(tables.date, dateMethods());
        add(tables.time, timeMethods());
        add(tables.duration, durationMethods());
        return tables;
    }();
    return made;
}

const Methods *methodsOf(Kind kind)
{
    switch (kind) {
    case Kind::String:
        return &tables().text;
    case Kind::List:
        return &tables().list;
    case Kind::Tuple:
        return &tables().tuple;
    case Kind::Set:
        return &tables().set;
    case Kind::Dict:
        return &tables().dict;
    case Kind::Boolean:
    case Kind::Integer:
        return &tables().integer;
    case Kind::Float:
        return &tables().floating;
    case Kind::DateTime:
        return &tables().dateTime;
    case Kind::Date:
        return &tables().date;
    case Kind::Time:
        return &tables().time;
    case Kind::Duration:
        return &tables().duration;
    default:
        return nullptr;
    }
}

class BoundMethod final : public TemplateObject
{
public:
    BoundMethod(TemplateValue value, const TemplateFunction &method)
        : m_value(std::move(value))
        , m_method(method)
    {
    }
    QString typeName() const override { return QStringLiteral("builtin_function_or_method"); }
    bool isCallable() const override { return true; }
    TemplateValue call(TemplateRendering &rendering, TemplatePositional positional,
        TemplateKeywords named) override
    {
        TemplateValue::Items arguments { m_value };
        arguments.insert(arguments.end(), positional.begin(), positional.end());
        return callNative(rendering, m_method, arguments, named);
    }
    QString literal() const override
    {
        return QStringLiteral("<built-in method %1 of %2 object>")
            .arg(m_method.name, m_value.typeName());
    }
    int depth() const override { return m_value.depth() + 1; }

private:
    const TemplateValue m_value;
    const TemplateFunction &m_method;
};

TemplateValue zoneOf(const TemplateTime &time)
{
    if (time.naive)
        return {};
    const QDateTime &when = time.dateTime;
    if (when.timeSpec() == Qt::UTC || when.timeZone() == QTimeZone::utc())
        return QStringLiteral("UTC");
    return when.timeSpec() == Qt::OffsetFromUTC
        ? QStringLiteral("UTC") + offsetText(when.offsetFromUtc())
        : QString::fromUtf8(when.timeZone().id());
}

TemplateValue dateMember(QDate date, const QString &name)
{
    if (name == u"year")
        return date.year();
    if (name == u"month")
        return date.month();
    if (name == u"day")
        return date.day();
    return TemplateValue::missing();
}

TemplateValue clockMember(QTime time, int microseconds, const QString &name)
{
    if (name == u"hour")
        return time.hour();
    if (name == u"minute")
        return time.minute();
    if (name == u"second")
        return time.second();
    if (name == u"microsecond")
        return time.msec() * 1000 + microseconds;
    if (name == u"fold")
        return 0;
    return TemplateValue::missing();
}

TemplateValue durationMember(qint64 count, const QString &name)
{
    constexpr qint64 day = 86'400'000'000;
    const qint64 days = count / day - (count % day < 0 ? 1 : 0);
    const qint64 rest = count - days * day;
    if (name == u"days")
        return days;
    if (name == u"seconds")
        return rest / 1'000'000;
    if (name == u"microseconds")
        return rest % 1'000'000;
    return TemplateValue::missing();
}

TemplateValue numberMember(const TemplateValue &value, const QString &name)
{
    const bool isFloat = value.kind() == Kind::Float;
    if (name == u"real")
        return isFloat ? value : TemplateValue(value.toInteger());
    if (name == u"imag")
        return isFloat ? TemplateValue(0.0) : TemplateValue(0);
    if (!isFloat && name == u"numerator")
        return value.toInteger();
    if (!isFloat && name == u"denominator")
        return 1;
    return TemplateValue::missing();
}

} // namespace

const TemplateFunction *methodOf(TemplateValue::Kind kind, const QString &name)
{
    const Methods *methods = methodsOf(kind);
    if (!methods)
        return nullptr;
    const auto found = methods->constFind(name);
    return found == methods->cend() ? nullptr : found->get();
}

TemplateValue memberOf(const TemplateValue &value, const QString &name)
{
    switch (value.kind()) {
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Float:
        return numberMember(value, name);
    case Kind::Date:
        return dateMember(value.date(), name);
    case Kind::Time:
        return name == u"tzinfo" ? TemplateValue() : clockMember(value.timeOfDay(), 0, name);
    case Kind::Duration:
        return durationMember(value.toInteger(), name);
    case Kind::DateTime: {
        const TemplateTime &time = value.time();
        if (name == u"tzinfo")
            return zoneOf(time);
        const TemplateValue member = dateMember(time.dateTime.date(), name);
        return member.isUndefined() ? clockMember(time.dateTime.time(), time.microseconds, name)
                                    : member;
    }
    default:
        return TemplateValue::missing();
    }
}

bool wouldChange(TemplateValue::Kind kind, const QString &name)
{
    static const QStringList ofLists { QStringLiteral("append"), QStringLiteral("clear"),
        QStringLiteral("extend"), QStringLiteral("insert"), QStringLiteral("pop"),
        QStringLiteral("remove"), QStringLiteral("reverse"), QStringLiteral("sort") };
    static const QStringList ofDicts { QStringLiteral("clear"), QStringLiteral("pop"),
        QStringLiteral("popitem"), QStringLiteral("setdefault"), QStringLiteral("update") };
    static const QStringList ofSets { QStringLiteral("add"), QStringLiteral("clear"),
        QStringLiteral("difference_update"), QStringLiteral("discard"), QStringLiteral("pop"),
        QStringLiteral("remove"), QStringLiteral("symmetric_difference_update"),
        QStringLiteral("update") };
    return (kind == Kind::List && ofLists.contains(name))
        || (kind == Kind::Dict && ofDicts.contains(name))
        || (kind == Kind::Set && ofSets.contains(name));
}

TemplateValue boundMethod(const TemplateValue &value, const TemplateFunction &method)
{
    return std::shared_ptr<TemplateObject>(std::make_shared<BoundMethod>(value, method));
}

} // namespace hubkeep::templates
