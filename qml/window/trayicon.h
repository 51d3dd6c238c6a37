// The worst of all hubs as a coloured icon, its sentence as a tip, and a word when something ended
// badly.
//
// GUI thread; hubs outlives it.

#pragma once

#include "qml/client/hubs.h"

#include <QMenu>
#include <QObject>
#include <QSystemTrayIcon>

namespace hubkeep::desktop {

class TrayIcon : public QObject
{
    Q_OBJECT

public:
    explicit TrayIcon(Hubs &hubs);

    // There is a tray to be in.
    bool isThere() const { return QSystemTrayIcon::isSystemTrayAvailable(); }

signals:
    void activated();

private:
    void follow();
    void update();

    Hubs &m_hubs;
    QSystemTrayIcon m_icon;
    QMenu m_menu;
    Verdict m_shown;
};

// A disc in the verdict's colour, with its symbol; progress from 0 to 1 as a ring, negative for
// none.
QIcon verdictIcon(Verdict::Level level, double progress);

} // namespace hubkeep::desktop
