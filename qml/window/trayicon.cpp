#include "qml/window/trayicon.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

#include <array>

namespace hubkeep::desktop {

namespace {

// Unknown is less to worry about than danger, more than safe.
int severity(Verdict::Level level)
{
    switch (level) {
    case Verdict::Danger:
        return 4;
    case Verdict::Attention:
        return 3;
    case Verdict::Unknown:
        return 2;
    case Verdict::Working:
        return 1;
    case Verdict::Safe:
        return 0;
    }
    return 0;
}

double progressOf(const HubConnection &hub)
{
    const double all = hub.job()[u"total_bytes"].toDouble();
    return all > 0 ? hub.job()[u"processed_bytes"].toDouble() / all : -1;
}

} // namespace

QIcon verdictIcon(Verdict::Level level, double progress)
{
    // The panel may be light or dark: the ground is the icon's own.
    static constexpr std::array<QRgb, 5> colors { 0xff545d66, 0xff1a6e35, 0xff0b5cad, 0xff7a5200,
        0xffb3261e };
    static const std::array<QString, 5> symbols { QStringLiteral("…"), QStringLiteral("✓"),
        QStringLiteral("↻"), QStringLiteral("!"), QStringLiteral("✕") };
    QIcon icon;
    for (const int size : { 22, 44 }) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor::fromRgb(colors[size_t(level)]));
        painter.drawEllipse(1, 1, size - 2, size - 2);
        QFont font = painter.font();
        font.setPixelSize(size * 6 / 10);
        font.setBold(true);
        painter.setFont(font);
        painter.setPen(Qt::white);
        painter.drawText(QRect(0, 0, size, size), Qt::AlignCenter, symbols[size_t(level)]);
        if (progress >= 0) {
            const int width = size / 8;
            painter.setPen(QPen(QColor::fromRgb(0xff7db5f2), width));
            painter.setBrush(Qt::NoBrush);
            painter.drawArc(QRect(width / 2, width / 2, size - width, size - width), 90 * 16,
                -int(360 * 16 * progress));
        }
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

TrayIcon::TrayIcon(Hubs &hubs)
    : m_hubs(hubs)
{
    m_menu.addAction(tr("Show HubKeep"), this, &TrayIcon::activated);
    m_menu.addAction(tr("Quit"), this, [] { QCoreApplication::quit(); });
    m_icon.setContextMenu(&m_menu);
    connect(&m_icon, &QSystemTrayIcon::activated, this,
        [this](QSystemTrayIcon::ActivationReason reason) {
            if (reason != QSystemTrayIcon::Context)
                emit activated();
        });
    connect(&m_icon, &QSystemTrayIcon::messageClicked, this, &TrayIcon::activated);
    connect(&m_hubs, &Hubs::countChanged, this, &TrayIcon::follow);
    follow();
    m_icon.show();
}

void TrayIcon::follow()
{
    for (int i = 0; i < m_hubs.count(); ++i) {
        auto *hub = m_hubs.data(m_hubs.index(i), Hubs::HubRole).value<HubConnection *>();
        connect(hub, &HubConnection::verdictChanged, this, &TrayIcon::update, Qt::UniqueConnection);
        connect(hub, &HubConnection::jobChanged, this, &TrayIcon::update, Qt::UniqueConnection);
    }
    update();
}

void TrayIcon::update()
{
    Verdict worst;
    double progress = -1;
    QString name;
    int most = -1;
    for (int i = 0; i < m_hubs.count(); ++i) {
        const auto *hub = m_hubs.data(m_hubs.index(i), Hubs::HubRole).value<HubConnection *>();
        progress = std::max(progress, progressOf(*hub));
        if (severity(hub->verdict().level) > most) {
            most = severity(hub->verdict().level);
            worst = hub->verdict();
            name = hub->name();
        }
    }
    m_icon.setIcon(verdictIcon(worst.level, progress));
    m_icon.setToolTip(
        worst.sentence.isEmpty() ? tr("HubKeep") : name + QStringLiteral(": ") + worst.sentence);
    const bool bad = worst.level == Verdict::Attention || worst.level == Verdict::Danger;
    if (bad && worst.sentence != m_shown.sentence)
        m_icon.showMessage(
            name + QStringLiteral(": ") + worst.sentence, worst.reason, QSystemTrayIcon::Warning);
    m_shown = worst;
}

} // namespace hubkeep::desktop
