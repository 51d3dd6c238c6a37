#include "qml/text/formats.h"

#include <QLocale>

#include <cmath>

namespace hubkeep::desktop {

namespace {

QDateTime parse(const QString &time)
{
    return QDateTime::fromString(time, Qt::ISODateWithMs).toLocalTime();
}

QString clockTime(const QTime &time)
{
    return QLocale().toString(time, QLocale::ShortFormat);
}

QString past(const QDateTime &time, const QDateTime &now, qint64 seconds)
{
    if (seconds < 60)
        return Formats::tr("just now");
    if (seconds < 3600)
        return Formats::tr("%n minute(s) ago", nullptr, int(seconds / 60));
    if (time.date() == now.date())
        return Formats::tr("today at %1").arg(clockTime(time.time()));
    if (time.date().addDays(1) == now.date())
        return Formats::tr("yesterday at %1").arg(clockTime(time.time()));
    return time.date().daysTo(now.date()) < 30
        ? Formats::tr("%n day(s) ago", nullptr, int(time.date().daysTo(now.date())))
        : Formats::tr("on %1").arg(QLocale().toString(time.date(), QLocale::LongFormat));
}

QString future(const QDateTime &time, const QDateTime &now, qint64 seconds)
{
    if (seconds < 60)
        return Formats::tr("in less than a minute");
    if (seconds < 3600)
        return Formats::tr("in %n minute(s)", nullptr, int(seconds / 60));
    if (time.date() == now.date())
        return Formats::tr("today at %1").arg(clockTime(time.time()));
    if (now.date().addDays(1) == time.date())
        return Formats::tr("tomorrow at %1").arg(clockTime(time.time()));
    return Formats::tr("on %1 at %2")
        .arg(QLocale().toString(time.date(), QLocale::LongFormat), clockTime(time.time()));
}

} // namespace

QString inWords(const QDateTime &time, const QDateTime &now)
{
    if (!time.isValid())
        return {};
    const QDateTime local = time.toLocalTime();
    const QDateTime present = now.toLocalTime();
    const qint64 seconds = local.secsTo(present);
    return seconds >= 0 ? past(local, present, seconds) : future(local, present, -seconds);
}

QString bytesText(double bytes)
{
    return QLocale().formattedDataSize(
        qint64(std::max(bytes, 0.0)), bytes < 1000 ? 0 : 1, QLocale::DataSizeSIFormat);
}

QString durationText(double seconds)
{
    const auto whole = qint64(std::llround(std::max(seconds, 0.0)));
    if (whole < 1)
        return Formats::tr("less than a second");
    if (whole < 60)
        return Formats::tr("%n second(s)", nullptr, int(whole));
    if (whole < 3600)
        return Formats::tr("%n minute(s)", nullptr, int((whole + 30) / 60));
    const auto minutes = int((whole % 3600) / 60);
    const QString hours = Formats::tr("%n hour(s)", nullptr, int(whole / 3600));
    return minutes == 0 ? hours : hours + u' ' + Formats::tr("%n minute(s)", nullptr, minutes);
}

QString Formats::ago(const QString &time)
{
    return inWords(parse(time));
}

QString Formats::dateTime(const QString &time)
{
    const QDateTime local = parse(time);
    if (!local.isValid())
        return {};
    return Formats::day(time) + QStringLiteral(", ") + clockTime(local.time());
}

QString Formats::day(const QString &time)
{
    const QDateTime local = parse(time);
    return local.isValid() ? QLocale().toString(local.date(), QLocale::LongFormat) : QString();
}

QString Formats::timeOfDay(const QString &time)
{
    const QDateTime local = parse(time);
    return local.isValid() ? clockTime(local.time()) : QString();
}

} // namespace hubkeep::desktop
