#include "integrations/backup/wording.h"

#include <QLocale>

namespace hubkeep::backup {

QString asSentence(const QString &text)
{
    const QString trimmed = text.trimmed();
    const bool hasEnd = trimmed.endsWith(u'.') || trimmed.endsWith(u'!') || trimmed.endsWith(u'?');
    return trimmed.isEmpty() || hasEnd ? trimmed : trimmed + u'.';
}

QString countText(qint64 count, const char *one, const char *many)
{
    const QString text = QStringLiteral("%1 %2").arg(count);
    if (count == 1)
        return text.arg(QLatin1String(one));
    return text.arg(many ? QLatin1String(many) : QLatin1String(one) + u's');
}

QString sizeText(qint64 bytes)
{
    return QLocale::c().formattedDataSize(bytes, 1);
}

QString timeText(std::chrono::seconds time)
{
    const qint64 seconds = time.count();
    if (seconds >= 48 * 3600)
        return countText(seconds / (24 * 3600), "day");
    if (seconds >= 120 * 60 || seconds == 3600)
        return countText(seconds / 3600, "hour");
    if (seconds >= 60)
        return countText(seconds / 60, "minute");
    return countText(seconds, "second");
}

QString momentText(const QDateTime &moment, const QTimeZone &zone)
{
    return moment.toTimeZone(zone).toString(QStringLiteral("yyyy-MM-dd HH:mm t"));
}

} // namespace hubkeep::backup
