// What a person chose for this window on this computer: theme, language, where the window was.
//
// Kept in the user's settings. GUI thread.

#pragma once

#include <QObject>
#include <QRect>
#include <QSettings>
#include <QString>
#include <QtQmlIntegration>

#include <memory>

namespace hubkeep::desktop {

class Preferences : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("The program has one.")
    // "system", "light" or "dark"
    Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY themeChanged)
    // "" is the system's, else "en" or "de"
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY languageChanged)
    // Empty before the first time.
    Q_PROPERTY(QRect geometry READ geometry WRITE setGeometry NOTIFY geometryChanged)
    // Closing the window leaves it in the tray, where there is one.
    Q_PROPERTY(bool staysInTray READ staysInTray WRITE setStaysInTray NOTIFY staysInTrayChanged)

public:
    // settingsFile: empty for the user's own.
    explicit Preferences(const QString &settingsFile = {});

    QString theme() const;
    void setTheme(const QString &theme);
    QString language() const { return m_settings->value(QStringLiteral("language")).toString(); }
    void setLanguage(const QString &language);
    QRect geometry() const { return m_settings->value(QStringLiteral("geometry")).toRect(); }
    void setGeometry(const QRect &geometry);
    bool staysInTray() const { return m_settings->value(QStringLiteral("tray"), true).toBool(); }
    void setStaysInTray(bool stays);

signals:
    void themeChanged();
    void languageChanged();
    void geometryChanged();
    void staysInTrayChanged();

private:
    std::unique_ptr<QSettings> m_settings;
};

} // namespace hubkeep::desktop
