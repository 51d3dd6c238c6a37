// Numbers and times as people read them, in the language and the manner of their country.
//
// GUI thread.

#pragma once

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace hubkeep::desktop {

// "3 minutes ago", "yesterday at 04:45", "in 2 hours", "on 3 May 2026"; now is the present. Empty
// for an invalid time.
QString inWords(const QDateTime &time, const QDateTime &now = QDateTime::currentDateTime());
// "4.6 MB", in powers of 1,000 as disks are sold.
QString bytesText(double bytes);
// "about 3 minutes", "12 seconds"
QString durationText(double seconds);

// The same for QML: Formats.bytes(size)
class Formats : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON

public:
    using QObject::QObject;

    Q_INVOKABLE static QString bytes(double bytes) { return bytesText(bytes); }
    Q_INVOKABLE static QString duration(double seconds) { return durationText(seconds); }
    // time: as the API writes it. Empty for what is no time.
    Q_INVOKABLE static QString ago(const QString &time);
    // "21 November 2026, 19:30" in this computer's zone.
    Q_INVOKABLE static QString dateTime(const QString &time);
    Q_INVOKABLE static QString day(const QString &time);
    Q_INVOKABLE static QString timeOfDay(const QString &time);
};

} // namespace hubkeep::desktop
