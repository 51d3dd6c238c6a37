#include "automation/core/context.h"

#include <QDateTime>
#include <QRandomGenerator>

namespace hubkeep {
namespace {

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

void appendBase32(QString &to, quint64 number, int characters)
{
    static constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (int i = characters - 1; i >= 0; --i)
        to += QLatin1Char(digits[(number >> (5 * i)) & 31]);
}

} // namespace

// https://github.com/ulid/spec: 48 bits of milliseconds, 80 bits at random.
Context Context::make(const QString &userId, const QString &parentId)
{
    QString id;
    id.reserve(26);
    appendBase32(id, quint64(QDateTime::currentMSecsSinceEpoch()), 10);
    QRandomGenerator &random = *QRandomGenerator::global();
    appendBase32(id, random.generate64(), 8);
    appendBase32(id, random.generate64(), 8);
    return { id, parentId, userId };
}

QJsonObject toJson(const Context &context)
{
    return { { QStringLiteral("id"), context.id },
        { QStringLiteral("parent_id"), textOrNull(context.parentId) },
        { QStringLiteral("user_id"), textOrNull(context.userId) } };
}

} // namespace hubkeep
