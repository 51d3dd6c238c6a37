// The program around the window: languages, the tray, one instance, screenshots.
//
// GUI thread; engine outlives it.

#pragma once

#include "qml/client/hubs.h"
#include "qml/window/preferences.h"

#include <QObject>
#include <QString>
#include <QTranslator>

#include <memory>
#include <optional>

class QQmlApplicationEngine;
class QQuickWindow;

namespace hubkeep::desktop {

class TrayIcon;

class Desktop : public QObject
{
    Q_OBJECT

public:
    explicit Desktop(QQmlApplicationEngine &engine);
    ~Desktop() override;

    // Shows the window until it is closed, and gives the exit status. only: this hub and no other,
    // and nothing is remembered. screenshots: a folder for a PNG of every page instead, after which
    // it ends. measured: it measures itself instead.
    int run(const std::optional<HubAddress> &only, const QString &screenshots, bool measured);

private:
    void translate();
    bool makeWindow();
    void show();

    QQmlApplicationEngine &m_engine;
    Preferences m_preferences;
    QTranslator m_translator;
    std::unique_ptr<Hubs> m_hubs;
    std::unique_ptr<TrayIcon> m_tray;
    QQuickWindow *m_window = nullptr;
};

} // namespace hubkeep::desktop
