#include "qml/window/desktop.h"

#include "qml/window/measurement.h"
#include "qml/window/screenshots.h"
#include "qml/window/singleinstance.h"
#include "qml/window/trayicon.h"

#include <QApplication>
#include <QLocale>
#include <QQmlApplicationEngine>
#include <QQuickWindow>
#include <QScreen>

#include <cstdio>

namespace hubkeep::desktop {

Desktop::Desktop(QQmlApplicationEngine &engine)
    : m_engine(engine)
{
    connect(&m_preferences, &Preferences::languageChanged, this, &Desktop::translate);
}

Desktop::~Desktop()
{
    // The engine would delete it later than what it shows.
    delete m_window;
}

void Desktop::translate()
{
    QCoreApplication::removeTranslator(&m_translator);
    const QString chosen = m_preferences.language();
    const QLocale locale = chosen.isEmpty() ? QLocale::system() : QLocale(chosen);
    // Dates and numbers follow the words, but a person's own country stays where the language is
    // theirs.
    QLocale::setDefault(
        locale.language() == QLocale::system().language() ? QLocale::system() : locale);
    // English has a file as well: for its plurals.
    if (m_translator.load(
            locale, QStringLiteral("hubkeep"), QStringLiteral("_"), QStringLiteral(":/i18n"))
        || m_translator.load(QStringLiteral(":/i18n/hubkeep_en.qm")))
        QCoreApplication::installTranslator(&m_translator);
    m_engine.retranslate();
}

bool Desktop::makeWindow()
{
    m_engine.setInitialProperties({ { QStringLiteral("hubs"), QVariant::fromValue(m_hubs.get()) },
        { QStringLiteral("preferences"), QVariant::fromValue(&m_preferences) } });
    m_engine.load(QUrl(QStringLiteral("qrc:/HubKeep/Main.qml")));
    m_window = m_engine.rootObjects().isEmpty()
        ? nullptr
        : qobject_cast<QQuickWindow *>(m_engine.rootObjects().first());
    return m_window != nullptr;
}

void Desktop::show()
{
    m_window->show();
    m_window->raise();
    m_window->requestActivate();
}

int Desktop::run(const std::optional<HubAddress> &only, const QString &screenshots, bool measured)
{
    SingleInstance instance;
    if (!only && !instance.claim())
        return 0; // the other one shows its window

    translate();
    m_hubs = std::make_unique<Hubs>(Hubs::Options { {}, !only, !only });
    if (!makeWindow()) {
        std::fprintf(stderr,
            "hubkeep-desktop: the window could not be made (above); is HubKeep installed whole?\n");
        return 1;
    }
    if (only)
        m_hubs->openOnly(*only);
    else
        m_hubs->open();

    if (!screenshots.isEmpty())
        return takeScreenshots(*m_window, *m_hubs, screenshots);
    if (measured)
        return measure(*m_window, *m_hubs);

    // A screen that is gone must not take the window with it.
    const QRect remembered = m_preferences.geometry();
    for (const QScreen *screen : QGuiApplication::screens()) {
        if (remembered.isValid() && screen->availableGeometry().contains(remembered.center()))
            m_window->setGeometry(remembered);
    }
    m_tray = std::make_unique<TrayIcon>(*m_hubs);
    connect(m_tray.get(), &TrayIcon::activated, this, &Desktop::show);
    connect(&instance, &SingleInstance::wokenUp, this, &Desktop::show);
    connect(m_window, &QQuickWindow::visibleChanged, this, [this](bool visible) {
        if (visible)
            return;
        m_preferences.setGeometry(m_window->geometry());
        if (!m_tray->isThere() || !m_preferences.staysInTray())
            QCoreApplication::quit();
    });
    QGuiApplication::setQuitOnLastWindowClosed(false);
    show();
    return QCoreApplication::exec();
}

} // namespace hubkeep::desktop
