#include "app/api/jsonfields.h"

#include <QJsonArray>

namespace hubkeep::api {

bool JsonFields::has(const char *name) const
{
    const QJsonValue value = m_object.value(QLatin1String(name));
    return !value.isUndefined() && !value.isNull();
}

QString JsonFields::text(const char *name, const QString &fallback)
{
    if (!has(name))
        return fallback;
    const QJsonValue value = m_object.value(QLatin1String(name));
    if (!value.isString())
        refuse(name, "a text");
    return value.toString();
}

QString JsonFields::requiredText(const char *name)
{
    const QString value = text(name);
    if (value.isEmpty())
        refuse(name, "a text, and cannot be left out or empty");
    return value;
}

QStringList JsonFields::texts(const char *name)
{
    QStringList list;
    if (!has(name))
        return list;
    const QJsonValue value = m_object.value(QLatin1String(name));
    bool good = value.isArray();
    for (const QJsonValue &element : value.toArray()) {
        good = good && element.isString() && !element.toString().isEmpty();
        list.append(element.toString());
    }
    if (!good)
        refuse(name, "a list of texts");
    return list;
}

bool JsonFields::boolean(const char *name, bool fallback)
{
    if (!has(name))
        return fallback;
    const QJsonValue value = m_object.value(QLatin1String(name));
    if (!value.isBool())
        refuse(name, "true or false");
    return value.toBool();
}

void JsonFields::refuse(const char *name, const char *wanted)
{
    if (ok())
        m_error.message = QStringLiteral("The field '%1' takes %2")
                              .arg(QLatin1String(name), QLatin1String(wanted));
}

} // namespace hubkeep::api
