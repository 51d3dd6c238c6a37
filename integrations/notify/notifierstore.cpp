#include "integrations/notify/notifierstore.h"

#include "automation/core/nearest.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>

namespace hubkeep::notify {
namespace {

const QString setting = QStringLiteral("notify.notifiers");

qsizetype indexOf(const QList<NotifierConfig> &notifiers, const QString &name)
{
    const auto found = std::find_if(notifiers.begin(), notifiers.end(),
        [&name](const NotifierConfig &notifier) { return notifier.name == name; });
    return found == notifiers.end() ? -1 : found - notifiers.begin();
}

} // namespace

Result<void> NotifierStore::load()
{
    const Result<std::optional<QJsonValue>> stored = m_state.setting(setting);
    if (!stored)
        return stored.error();
    for (const QJsonValue &value : stored->value_or(QJsonArray()).toArray()) {
        const QVariantMap options = value.toObject().toVariantMap();
        m_fromApi.append({ options.value(QStringLiteral("name")).toString(),
            options.value(QStringLiteral("type")).toString(), options, false });
    }
    return {};
}

QList<NotifierConfig> NotifierStore::all() const
{
    QList<NotifierConfig> notifiers = m_fromFile;
    for (const NotifierConfig &notifier : m_fromApi) {
        if (indexOf(m_fromFile, notifier.name) < 0)
            notifiers.append(notifier);
    }
    return notifiers;
}

std::optional<NotifierConfig> NotifierStore::find(const QString &name) const
{
    const QList<NotifierConfig> notifiers = all();
    const qsizetype index = indexOf(notifiers, name);
    return index < 0 ? std::nullopt : std::optional(notifiers.at(index));
}

Result<void> NotifierStore::add(const NotifierConfig &notifier)
{
    if (find(notifier.name))
        return Error { ErrorCode::Busy,
            QStringLiteral("There is a notifier %1 already; choose another name, or change that "
                           "one")
                .arg(notifier.name) };
    QList<NotifierConfig> notifiers = m_fromApi;
    notifiers.append(notifier);
    return save(notifiers);
}

Result<void> NotifierStore::replace(const QString &name, const NotifierConfig &notifier)
{
    const Result<qsizetype> index = changeable(name);
    if (!index)
        return index.error();
    QList<NotifierConfig> notifiers = m_fromApi;
    notifiers[*index] = notifier;
    return save(notifiers);
}

Result<void> NotifierStore::remove(const QString &name)
{
    const Result<qsizetype> index = changeable(name);
    if (!index)
        return index.error();
    QList<NotifierConfig> notifiers = m_fromApi;
    notifiers.removeAt(*index);
    return save(notifiers);
}

Result<qsizetype> NotifierStore::changeable(const QString &name) const
{
    if (indexOf(m_fromFile, name) >= 0)
        return Error {
            ErrorCode::Busy,
            QStringLiteral("The notifier %1 is managed by hubkeep.yaml; change it there").arg(name)
        };
    const qsizetype index = indexOf(m_fromApi, name);
    if (index >= 0)
        return index;
    QStringList names;
    for (const NotifierConfig &notifier : all())
        names.append(notifier.name);
    return Error { ErrorCode::NotFound,
        QStringLiteral("There is no notifier %1%2").arg(name, didYouMean(name, names)) };
}

Result<void> NotifierStore::save(const QList<NotifierConfig> &fromApi)
{
    QJsonArray array;
    for (const NotifierConfig &notifier : fromApi)
        array.append(QJsonObject::fromVariantMap(notifier.options));
    const Result<void> saved = m_state.setSetting(setting, array);
    if (saved)
        m_fromApi = fromApi;
    return saved;
}

} // namespace hubkeep::notify
