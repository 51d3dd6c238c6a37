#include "automation/core/actionregistry.h"

#include "automation/core/nearest.h"

#include <cmath>

namespace hubkeep {
namespace {

const char *nameOf(FieldType type)
{
    switch (type) {
    case FieldType::Text:
        return "a text";
    case FieldType::Number:
        return "a number";
    case FieldType::Boolean:
        return "true or false";
    case FieldType::List:
        return "a list";
    case FieldType::Object:
        return "an object";
    case FieldType::Any:
        break;
    }
    return "a value";
}

bool isNumber(const QVariant &value)
{
    switch (value.typeId()) {
    case QMetaType::Int:
    case QMetaType::UInt:
    case QMetaType::LongLong:
    case QMetaType::ULongLong:
    case QMetaType::Double:
    case QMetaType::Float:
        return true;
    default:
        return false;
    }
}

bool isList(const QVariant &value)
{
    return value.typeId() == QMetaType::QVariantList || value.typeId() == QMetaType::QStringList;
}

// Nothing where value is not of that type.
std::optional<QVariant> converted(const QVariant &value, FieldType type)
{
    switch (type) {
    case FieldType::Text:
        if (value.typeId() == QMetaType::QString || isNumber(value))
            return value.toString();
        return {};
    case FieldType::Number: {
        bool ok = isNumber(value) || value.typeId() == QMetaType::QString;
        const double number = ok ? value.toDouble(&ok) : 0;
        return ok && std::isfinite(number) ? std::optional<QVariant>(number) : std::nullopt;
    }
    case FieldType::Boolean:
        return value.typeId() == QMetaType::Bool ? std::optional(value) : std::nullopt;
    case FieldType::List:
        if (isList(value))
            return QVariant(value.toList());
        return value.typeId() == QMetaType::QVariantMap
            ? std::nullopt
            : std::optional<QVariant>(QVariantList { value });
    case FieldType::Object:
        return value.typeId() == QMetaType::QVariantMap ? std::optional(value) : std::nullopt;
    case FieldType::Any:
        break;
    }
    return value;
}

Error wrongArgument(const QString &action, const QString &sentence)
{
    return Error { ErrorCode::InvalidArgument, sentence }.in(
        QStringLiteral("Calling %1").arg(action));
}

} // namespace

ActionResult finishedAction(Result<QVariantMap> result)
{
    QPromise<Result<QVariantMap>> promise;
    promise.start();
    promise.addResult(std::move(result));
    promise.finish();
    return promise.future();
}

Result<QVariantMap> checkArguments(
    const ActionDescription &description, const QVariantMap &arguments)
{
    QVariantMap checked;
    for (auto it = arguments.cbegin(); it != arguments.cend(); ++it) {
        const auto field = description.fields.constFind(it.key());
        if (field == description.fields.constEnd())
            return wrongArgument(description.name,
                QStringLiteral("it has no field '%1'%2")
                    .arg(it.key(), didYouMean(it.key(), description.fields.keys())));
        if (!it->isValid() || it->isNull()) {
            if (field->required)
                return wrongArgument(description.name,
                    QStringLiteral("the field '%1' is null and is required").arg(it.key()));
            continue;
        }
        const std::optional<QVariant> value = converted(*it, field->type);
        if (!value)
            return wrongArgument(description.name,
                QStringLiteral("the field '%1' takes %2")
                    .arg(it.key(), QLatin1String(nameOf(field->type))));
        checked.insert(it.key(), *value);
    }
    for (auto field = description.fields.cbegin(); field != description.fields.cend(); ++field) {
        if (field->required && !checked.contains(field.key()))
            return wrongArgument(
                description.name, QStringLiteral("the field '%1' is missing").arg(field.key()));
    }
    return checked;
}

void ActionRegistry::add(ActionDescription description, Handler handler)
{
    const QString name = description.name;
    Q_ASSERT(name.contains(u'.') && !m_actions.contains(name));
    m_actions.insert(name, { std::move(description), std::move(handler) });
    if (m_listener)
        m_listener(name, true);
}

void ActionRegistry::remove(const QString &name)
{
    if (m_actions.remove(name) > 0 && m_listener)
        m_listener(name, false);
}

ActionResult ActionRegistry::call(const QString &name, ActionCall call)
{
    const auto found = m_actions.constFind(name);
    if (found == m_actions.constEnd())
        return finishedAction(Error { ErrorCode::NotFound,
            QStringLiteral("There is no action %1%2")
                .arg(name, didYouMean(name, m_actions.keys())) });
    Result<QVariantMap> checked = checkArguments(found->description, call.arguments);
    if (!checked)
        return finishedAction(checked.error());
    call.arguments = std::move(*checked);
    const Handler handler = found->handler; // the action may remove itself
    return handler(call);
}

const ActionDescription *ActionRegistry::find(const QString &name) const
{
    const auto found = m_actions.constFind(name);
    return found == m_actions.constEnd() ? nullptr : &found->description;
}

QList<ActionDescription> ActionRegistry::all() const
{
    QList<ActionDescription> descriptions;
    for (const Entry &entry : m_actions)
        descriptions.append(entry.description);
    return descriptions;
}

} // namespace hubkeep
