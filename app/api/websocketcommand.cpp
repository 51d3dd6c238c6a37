#include "app/api/websocketcommand.h"

#include "app/api/websocketsession.h"
#include "automation/core/nearest.h"
#include "automation/template/templatedict.h"

#include <cmath>

namespace hubkeep::api {

void CommandTable::add(
    const char *type, Access access, std::function<void(WebSocketSession &, const Message &)> run)
{
    Q_ASSERT(access != Access::Open && !find(QString::fromLatin1(type)));
    m_commands.insert(QString::fromLatin1(type), { access, std::move(run) });
}

const Command *CommandTable::find(const QString &type) const
{
    const auto found = m_commands.constFind(type);
    return found == m_commands.constEnd() ? nullptr : &*found;
}

Fields::Fields(const Message &message)
    : m_message(message)
{
}

QString Fields::text(const char *name)
{
    const QJsonValue value = take(name);
    if (!value.isString())
        wrong(name, value.isNull() ? "is missing" : "takes a text");
    return value.toString();
}

QString Fields::text(const char *name, const QString &fallback)
{
    const QJsonValue value = take(name);
    if (value.isNull())
        return fallback;
    if (!value.isString())
        wrong(name, "takes a text");
    return value.toString();
}

bool Fields::boolean(const char *name, bool fallback)
{
    const QJsonValue value = take(name);
    if (!value.isNull() && !value.isBool())
        wrong(name, "takes true or false");
    return value.toBool(fallback);
}

qint64 Fields::number(const char *name)
{
    const QJsonValue value = take(name);
    if (value.isNull())
        wrong(name, "is missing");
    else if (!value.isDouble() || value.toDouble() != std::floor(value.toDouble()))
        wrong(name, "takes a whole number");
    return value.toInteger();
}

QStringList Fields::texts(const char *name)
{
    const std::optional<QStringList> found = optionalTexts(name);
    if (!found)
        wrong(name, "is missing");
    return found.value_or(QStringList());
}

std::optional<QStringList> Fields::optionalTexts(const char *name)
{
    const QJsonValue value = take(name);
    if (value.isNull())
        return {};
    QStringList list;
    if (!value.isArray())
        wrong(name, "takes a list of texts");
    for (const QJsonValue element : value.toArray()) {
        if (!element.isString())
            wrong(name, "takes a list of texts");
        list.append(element.toString());
    }
    return list;
}

QJsonObject Fields::object(const char *name)
{
    const QJsonValue value = take(name);
    if (!value.isNull() && !value.isObject())
        wrong(name, "takes an object");
    return value.toObject();
}

QJsonValue Fields::any(const char *name)
{
    return take(name);
}

TemplateValue Fields::written(const char *name)
{
    const QJsonValue value = take(name);
    if (value.isNull())
        return {};
    if (!m_written) {
        const Result<TemplateValue> all = TemplateValue::fromJson(m_message.source.toUtf8());
        const bool isList = all && m_message.index >= 0;
        m_written = isList
            ? all->items()[size_t(m_message.index)]
            : (all ? *all : TemplateValue::fromVariant(m_message.fields.toVariantMap()));
    }
    const TemplateValue *found = m_written->dict().find(QString::fromLatin1(name));
    return found ? *found : TemplateValue();
}

bool Fields::good(WebSocketSession &session)
{
    if (m_problem.isEmpty()) {
        for (const QString &name : m_message.fields.keys()) {
            if (!m_known.contains(name)) {
                m_problem = QStringLiteral("There is no field '%1' in %2%3")
                                .arg(name, m_message.type, didYouMean(name, m_known.values()));
                break;
            }
        }
    }
    if (m_problem.isEmpty())
        return true;
    session.fail(m_message.id, "invalid_format", m_problem);
    return false;
}

QJsonValue Fields::take(const char *name)
{
    m_known.insert(QString::fromLatin1(name));
    const QJsonValue value = m_message.fields.value(QLatin1String(name));
    return value.isUndefined() ? QJsonValue(QJsonValue::Null) : value;
}

void Fields::wrong(const char *name, const char *what)
{
    if (m_problem.isEmpty())
        m_problem = QStringLiteral("The field '%1' of %2 %3")
                        .arg(QLatin1String(name), m_message.type, QLatin1String(what));
}

} // namespace hubkeep::api
