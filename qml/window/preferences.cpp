#include "qml/window/preferences.h"

namespace hubkeep::desktop {

Preferences::Preferences(const QString &settingsFile)
    : m_settings(settingsFile.isEmpty()
            ? std::make_unique<QSettings>()
            : std::make_unique<QSettings>(settingsFile, QSettings::IniFormat))
{
}

QString Preferences::theme() const
{
    const QString theme = m_settings->value(QStringLiteral("theme")).toString();
    return theme == u"light" || theme == u"dark" ? theme : QStringLiteral("system");
}

void Preferences::setTheme(const QString &theme)
{
    if (theme == this->theme())
        return;
    m_settings->setValue(QStringLiteral("theme"), theme);
    emit themeChanged();
}

void Preferences::setLanguage(const QString &language)
{
    if (language == this->language())
        return;
    m_settings->setValue(QStringLiteral("language"), language);
    emit languageChanged();
}

void Preferences::setGeometry(const QRect &geometry)
{
    if (geometry == this->geometry())
        return;
    m_settings->setValue(QStringLiteral("geometry"), geometry);
    emit geometryChanged();
}

void Preferences::setStaysInTray(bool stays)
{
    if (stays == staysInTray())
        return;
    m_settings->setValue(QStringLiteral("tray"), stays);
    emit staysInTrayChanged();
}

} // namespace hubkeep::desktop
