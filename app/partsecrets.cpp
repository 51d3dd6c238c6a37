#include "app/partsecrets.h"

#include "integrations/rclone/rcloneconfig.h"

namespace hubkeep {
namespace {

const QString mask = QStringLiteral("***");
const QString optionsKey = QStringLiteral("options");

} // namespace

QVariantMap maskedOptions(const backup::Part &part)
{
    QVariantMap fields = part.options;
    if (part.type != QLatin1String("rclone") || !fields.contains(optionsKey))
        return fields;
    QVariantMap options = fields.value(optionsKey).toMap();
    for (auto option = options.begin(); option != options.end(); ++option) {
        if (!rclone::isPublicOption(option.key(), option->toString()))
            *option = mask;
    }
    fields[optionsKey] = options;
    return fields;
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

} // namespace hubkeep
