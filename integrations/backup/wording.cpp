#include "integrations/backup/wording.h"

#include <QLocale>

namespace hubkeep::backup {

QString asSentence(const QString &text)
{
    const QString trimmed = text.trimmed();
    const bool hasEnd = trimmed.endsWith(u'.') || trimmed.endsWith(u'!') || trimmed.endsWith(u'?');
    return trimmed.isEmpty() || hasEnd ? trimmed : trimmed + u'.';
}

QString sizeText(qint64 bytes)
{
    return QLocale::c().formattedDataSize(bytes, 1);
}

QString timeText(std::chrono::seconds time)
{
    const auto count = [](qint64 n, const char *one, const char *many) {
        return QStringLiteral("%1 %2").arg(n).arg(QLatin1String(n == 1 ? one : many));
    };
    const qint64 seconds = time.count();
    if (seconds >= 48 * 3600)
        return count(seconds / (24 * 3600), "day", "days");
    if (seconds >= 120 * 60 || seconds == 3600)
        return count(seconds / 3600, "hour", "hours");
    if (seconds >= 60)
        return count(seconds / 60, "minute", "minutes");
    return count(seconds, "second", "seconds");
}

QString momentText(const QDateTime &moment, const QTimeZone &zone)
{
    return moment.toTimeZone(zone).toString(QStringLiteral("yyyy-MM-dd HH:mm t"));
}

} // namespace hubkeep::backup
