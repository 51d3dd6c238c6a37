#include "app/partsecrets.h"

#include "integrations/rclone/rcloneconfig.h"

#include <functional>

namespace hubkeep {
namespace {

const QString mask = QStringLiteral("***");
const QString optionsKey = QStringLiteral("options");

// The options, with what change makes of each secret.
QVariantMap withSecrets(
    const backup::Part &part, const std::function<QString(const QString &)> &change)
{
    QVariantMap fields = part.options;
    if (part.type != QLatin1String("rclone") || !fields.contains(optionsKey))
        return fields;
    QVariantMap options = fields.value(optionsKey).toMap();
    for (auto option = options.begin(); option != options.end(); ++option) {
        if (SecretBox::isSealed(option->toString())
            || !rclone::isPublicOption(option.key(), option->toString()))
            *option = change(option->toString());
    }
    fields[optionsKey] = options;
    return fields;
}

} // namespace

QVariantMap maskedOptions(const backup::Part &part)
{
    return withSecrets(part, [](const QString &) { return mask; });
}

Result<QVariantMap> unmaskedOptions(QVariantMap fields, const std::optional<backup::Part> &known)
{
    if (fields.value(optionsKey).typeId() != QMetaType::QVariantMap)
        return fields;
    const QVariantMap before = known ? known->options.value(optionsKey).toMap() : QVariantMap();
    QVariantMap options = fields.value(optionsKey).toMap();
    for (auto option = options.begin(); option != options.end(); ++option) {
        if (option->toString() != mask)
            continue;
        if (!before.contains(option.key()))
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("The field 'options.%1' is masked, and there is nothing yet that it "
                               "could keep; write it out")
                    .arg(option.key()) };
        *option = before.value(option.key());
    }
    fields[optionsKey] = options;
    return fields;
}

QVariantMap sealedOptions(const backup::Part &part, const SecretBox &box)
{
    return withSecrets(part, [&box](const QString &secret) {
        return SecretBox::isSealed(secret) ? secret : box.sealed(secret);
    });
}

QVariantMap openedOptions(QVariantMap stored, const SecretBox &box)
{
    const QString type = stored.value(QStringLiteral("type")).toString();
    return withSecrets({ {}, type, stored, false },
        [&box](const QString &secret) { return box.opened(secret).value_or(secret); });
}

QStringList lockedOptions(const backup::Part &part)
{
    QStringList names;
    const QVariantMap options = part.options.value(optionsKey).toMap();
    for (auto option = options.begin(); option != options.end(); ++option) {
        if (SecretBox::isSealed(option->toString()))
            names.append(option.key());
    }
    return names;
}

} // namespace hubkeep
