#include "automation/core/state.h"

#include <algorithm>

namespace hubkeep {
namespace {

bool isIdCharacter(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'0' && c <= u'9') || c == u'_';
}

bool isIdPart(QStringView part)
{
    return !part.isEmpty() && part.front() != u'_' && part.back() != u'_'
        && std::all_of(part.begin(), part.end(), isIdCharacter);
}

} // namespace

QJsonObject toJson(const State &state)
{
    const QString updated = toIsoTime(state.lastUpdated);
    return { { QStringLiteral("entity_id"), state.entityId },
        { QStringLiteral("state"), state.value },
        { QStringLiteral("attributes"), QJsonObject::fromVariantMap(state.attributes) },
        { QStringLiteral("last_changed"), toIsoTime(state.lastChanged) },
        { QStringLiteral("last_reported"), updated }, { QStringLiteral("last_updated"), updated },
        { QStringLiteral("context"), toJson(state.context) } };
}

QString toIsoTime(const QDateTime &utc)
{
    return utc.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz")) + QStringLiteral("000+00:00");
}

bool isEntityId(const QString &text)
{
    const qsizetype dot = text.indexOf(u'.');
    return text.size() <= 255 && dot > 0 && isIdPart(QStringView(text).left(dot))
        && isIdPart(QStringView(text).mid(dot + 1));
}

QString domainOf(const QString &entityId)
{
    return entityId.left(entityId.indexOf(u'.'));
}

QString slugify(const QString &text)
{
    QString slug;
    for (const QChar c : text.normalized(QString::NormalizationForm_KD).toLower()) {
        if (isIdCharacter(c) && c != u'_')
            slug += c;
        else if (!c.isMark() && !slug.isEmpty() && !slug.endsWith(u'_'))
            slug += u'_';
    }
    while (slug.endsWith(u'_'))
        slug.chop(1);
    return slug.isEmpty() ? QStringLiteral("unknown") : slug;
}

} // namespace hubkeep
