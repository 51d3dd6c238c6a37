#include "app/api/timetext.h"

#include <QRegularExpression>

namespace hubkeep::api {

std::optional<QDateTime> parseTime(const QString &text, const QTimeZone &zone)
{
    static const QRegularExpression form(
        QStringLiteral("\\A(\\d{4})-(\\d{1,2})-(\\d{1,2})"
                       "(?:[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?"
                       "\\s?(?:(Z|z)|([+-]|(?<=\\s))(\\d{2}):?(\\d{2})?)?)?\\z"));
    const QRegularExpressionMatch match = form.match(text.trimmed());
    if (!match.hasMatch())
        return {};
    const auto number = [&match](int group) { return match.captured(group).toInt(); };
    const QDate date(number(1), number(2), number(3));
    const int milliseconds = match.captured(7).left(3).leftJustified(3, u'0').toInt();
    const QTime time(
        number(4), number(5), number(6), match.captured(7).isEmpty() ? 0 : milliseconds);
    if (!date.isValid() || !time.isValid())
        return {};
    if (match.captured(8).isEmpty() && match.captured(10).isEmpty())
        return QDateTime(date, time, zone).toUTC();
    const int minutes = number(10) * 60 + number(11);
    if (minutes >= 24 * 60 || number(11) >= 60)
        return {};
    const int seconds = (match.captured(9) == u"-" ? -60 : 60) * minutes;
    return QDateTime(date, time, Qt::UTC).addSecs(-seconds);
}

QTimeZone zoneNamed(const QString &name)
{
    const QByteArray id = name.toUtf8();
    return QTimeZone::isTimeZoneIdAvailable(id) ? QTimeZone(id) : QTimeZone::systemTimeZone();
}

} // namespace hubkeep::api
