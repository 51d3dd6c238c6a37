#include "integrations/backup/partstore.h"

#include "automation/core/nearest.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>

namespace hubkeep::backup {
namespace {

QString settingOf(PartKind kind)
{
    return kind == PartKind::Source ? QStringLiteral("backup.sources")
                                    : QStringLiteral("backup.agents");
}

qsizetype indexOf(const QList<Part> &parts, const QString &name)
{
    const auto found = std::find_if(
        parts.begin(), parts.end(), [&name](const Part &part) { return part.name == name; });
    return found == parts.end() ? -1 : found - parts.begin();
}

} // namespace

Result<void> PartStore::load()
{
    for (const PartKind kind : { PartKind::Source, PartKind::Agent }) {
        const Result<std::optional<QJsonValue>> stored = m_state.setting(settingOf(kind));
        if (!stored)
            return stored.error();
        bool isInTheClear = false;
        for (const QJsonValue &value : stored->value_or(QJsonArray()).toArray()) {
            const QVariantMap options = value.toObject().toVariantMap();
            Part part { options.value(QStringLiteral("name")).toString(),
                options.value(QStringLiteral("type")).toString(), options, false };
            isInTheClear = isInTheClear || (m_seal.seal && m_seal.seal(part) != options);
            if (m_seal.open)
                part.options = m_seal.open(options);
            lists(kind).fromApi.append(part);
        }
        const Result<void> sealed = isInTheClear ? sealAll(kind) : Result<void>();
        if (!sealed)
            return sealed;
    }
    return {};
}

// Of a hub from before anything was sealed; its log is emptied, which has the old rows as well.
Result<void> PartStore::sealAll(PartKind kind)
{
    const Result<void> saved = save(kind, QList<Part>(lists(kind).fromApi));
    if (!saved)
        return saved;
    const Result<QSqlQuery> emptied
        = m_state.run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"));
    return emptied ? Result<void>() : Result<void>(emptied.error());
}

void PartStore::setFromFile(PartKind kind, const QList<Part> &parts)
{
    lists(kind).fromFile = parts;
}

QList<Part> PartStore::all(PartKind kind) const
{
    QList<Part> parts = lists(kind).fromFile;
    for (const Part &part : lists(kind).fromApi) {
        if (indexOf(lists(kind).fromFile, part.name) < 0)
            parts.append(part);
    }
    return parts;
}

std::optional<Part> PartStore::find(PartKind kind, const QString &name) const
{
    const QList<Part> parts = all(kind);
    const qsizetype index = indexOf(parts, name);
    return index < 0 ? std::nullopt : std::optional(parts.at(index));
}

Result<void> PartStore::add(PartKind kind, const Part &part)
{
    if (find(kind, part.name))
        return Error { ErrorCode::Busy,
            QStringLiteral("There is %1 %2 already; choose another name, or change that one")
                .arg(
                    kind == PartKind::Agent ? QLatin1String("an agent") : QLatin1String("a source"),
                    part.name) };
    QList<Part> parts = lists(kind).fromApi;
    parts.append(part);
    return save(kind, parts);
}

Result<void> PartStore::replace(PartKind kind, const QString &name, const Part &part)
{
    const Result<qsizetype> index = changeable(kind, name);
    if (!index)
        return index.error();
    QList<Part> parts = lists(kind).fromApi;
    parts[*index] = part;
    return save(kind, parts);
}

Result<void> PartStore::remove(PartKind kind, const QString &name)
{
    const Result<qsizetype> index = changeable(kind, name);
    if (!index)
        return index.error();
    QList<Part> parts = lists(kind).fromApi;
    parts.removeAt(*index);
    return save(kind, parts);
}

Result<qsizetype> PartStore::changeable(PartKind kind, const QString &name) const
{
    const QString what = QLatin1String(nameOf(kind));
    if (indexOf(lists(kind).fromFile, name) >= 0)
        return Error {
            ErrorCode::Busy,
            QStringLiteral("The %1 %2 is managed by hubkeep.yaml; change it there").arg(what, name)
        };
    const qsizetype index = indexOf(lists(kind).fromApi, name);
    if (index >= 0)
        return index;
    QStringList names;
    for (const Part &part : all(kind))
        names.append(part.name);
    return Error { ErrorCode::NotFound,
        QStringLiteral("There is no %1 %2%3").arg(what, name, didYouMean(name, names)) };
}

Result<void> PartStore::save(PartKind kind, const QList<Part> &fromApi)
{
    QJsonArray array;
    for (const Part &part : fromApi)
        array.append(QJsonObject::fromVariantMap(m_seal.seal ? m_seal.seal(part) : part.options));
    const Result<void> saved = m_state.setSetting(settingOf(kind), array);
    if (saved)
        lists(kind).fromApi = fromApi;
    return saved;
}

} // namespace hubkeep::backup
