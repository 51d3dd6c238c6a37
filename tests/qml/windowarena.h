// The window of a real hub, both in this process, and somebody who clicks and reads.
//
//     WindowArena arena("backup:\n  sources: […]\n");
//     arena.open();
//     arena.show("backups");
//     arena.click("verify");
//     QTRY_VERIFY(arena.says("verified"));
//
// Each QML warning fails the test that it came in.

#pragma once

#include "qml/client/hubs.h"
#include "qml/window/preferences.h"
#include "qml/window/qmlengine.h"
#include "tests/support/wholehub.h"

#include <QFile>
#include <QQmlApplicationEngine>
#include <QQuickItem>
#include <QQuickWindow>
#include <QTest>

#include <memory>

namespace hubkeep::test {

class WindowArena
{
public:
    explicit WindowArena(const QByteArray &configuration = {})
        : m_hub(configuration)
        , m_preferences(m_settings.filePath(QStringLiteral("preferences.ini")))
        , m_hubs({ m_settings.filePath(QStringLiteral("hubs.ini")), false, false })
    {
        QObject::connect(
            &m_engine, &QQmlEngine::warnings, [this](const QList<QQmlError> &warnings) {
                for (const QQmlError &warning : warnings) {
                    if (m_allowed.isEmpty() || !warning.toString().contains(m_allowed))
                        QTest::qFail(qPrintable(warning.toString()), __FILE__, __LINE__);
                }
            });
        desktop::addHubKeepModule(m_engine);
        m_engine.setInitialProperties({ { QStringLiteral("hubs"), QVariant::fromValue(&m_hubs) },
            { QStringLiteral("preferences"), QVariant::fromValue(&m_preferences) } });
        m_engine.load(QUrl(QStringLiteral("qrc:/HubKeep/Main.qml")));
        m_window.reset(qobject_cast<QQuickWindow *>(m_engine.rootObjects().value(0)));
        if (m_window)
            m_window->show();
    }

    // A warning with that in it is no failure: Qt's own word on what the test feeds it.
    void allowWarning(const QString &part) { m_allowed = part; }

    WholeHub &hub() { return m_hub; }
    desktop::Hubs &hubs() { return m_hubs; }
    QQuickWindow *window() { return m_window.get(); }
    QString source() const { return m_hub.folder() + QStringLiteral("/source"); }

    // Signs in; false where the hub was not seen in time. token: empty for an administrator's.
    bool open(const QByteArray &token = {})
    {
        QFile running(m_hub.dataFolder() + QStringLiteral("/data/running.json"));
        if (!m_window || !running.open(QIODevice::ReadOnly))
            return false;
        const QUrl url(QJsonDocument::fromJson(running.readAll()).object()[u"url"].toString());
        m_hubs.openOnly({ url, QString::fromUtf8(token.isEmpty() ? m_hub.admin() : token), {} });
        return QTest::qWaitFor(
            [this] {
                return m_hubs.current()->isLoaded() && !m_hubs.current()->userName().isEmpty();
            },
            patience);
    }

    void show(const char *page, const QVariantMap &arguments = {})
    {
        QMetaObject::invokeMethod(m_window.get(), "showPage",
            Q_ARG(QVariant, QString::fromLatin1(page)), Q_ARG(QVariant, arguments));
    }

    // What a person sees with that objectName, or nothing.
    QQuickItem *find(const char *name) const
    {
        return find(m_window->contentItem(), QString::fromLatin1(name));
    }

    // Waits until it is there and can be used, and clicks on it; false where that never happened.
    bool click(const char *name)
    {
        QQuickItem *item = nullptr;
        if (!QTest::qWaitFor(
                [&] { return (item = find(name)) && item->isEnabled() && item->width() > 0; },
                patience))
            return false;
        // What was scrolled out of sight is brought in, as a person would.
        for (QQuickItem *parent = item->parentItem(); parent; parent = parent->parentItem()) {
            if (!parent->inherits("QQuickFlickable"))
                continue;
            const QPointF place = item->mapToItem(parent, QPointF(0, item->height()));
            if (place.y() > parent->height())
                parent->setProperty("contentY",
                    parent->property("contentY").toReal() + place.y() - parent->height());
        }
        QTest::qWait(0);
        const QPointF middle = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
        QTest::mouseClick(m_window.get(), Qt::LeftButton, {}, middle.toPoint());
        return true;
    }

    // Types into the field (or what is in it) of that name, in the place of what is there.
    bool type(const char *name, const QString &text)
    {
        QQuickItem *item = find(name);
        QQuickItem *field = item ? editable(item) : nullptr;
        if (!field)
            return false;
        field->forceActiveFocus();
        QMetaObject::invokeMethod(field, "selectAll");
        QTest::keyClick(m_window.get(), Qt::Key_Delete);
        for (const QChar letter : text)
            QTest::sendKeyEvent(QTest::Click, m_window.get(),
                letter == u'\n' ? Qt::Key_Return : Qt::Key_unknown,
                letter == u'\n' ? QStringLiteral("\r") : QString(letter), {});
        return true;
    }

    // Chooses by index, as a person does with the arrow keys.
    bool choose(const char *name, int index)
    {
        QQuickItem *item = find(name);
        if (!item)
            return false;
        item->forceActiveFocus();
        while (item->property("currentIndex").toInt() != index)
            QTest::keyClick(m_window.get(),
                item->property("currentIndex").toInt() < index ? Qt::Key_Down : Qt::Key_Up);
        return true;
    }

    // Somebody can read that there, alone or within more.
    bool says(const QString &text) const { return read(m_window->contentItem()).contains(text); }
    QString everything() const { return read(m_window->contentItem()); }

    static constexpr int patience = 30'000; // milliseconds

private:
    static QQuickItem *find(QQuickItem *in, const QString &name)
    {
        if (!in->isVisible())
            return nullptr;
        if (in->objectName() == name)
            return in;
        for (QQuickItem *child : in->childItems()) {
            if (QQuickItem *found = find(child, name))
                return found;
        }
        return nullptr;
    }

    static QQuickItem *editable(QQuickItem *in)
    {
        if (in->inherits("QQuickTextInput") || in->inherits("QQuickTextEdit"))
            return in;
        for (QQuickItem *child : in->childItems()) {
            if (QQuickItem *found = editable(child))
                return found;
        }
        return nullptr;
    }

    static QString read(QQuickItem *in)
    {
        if (!in->isVisible() || in->opacity() == 0)
            return {};
        QString text;
        if (in->inherits("QQuickText") || in->inherits("QQuickTextEdit")
            || in->inherits("QQuickTextInput"))
            text = in->property("text").toString() + u'\n';
        for (QQuickItem *child : in->childItems())
            text += read(child);
        return text;
    }

    QString m_allowed;
    QTemporaryDir m_settings;
    WholeHub m_hub;
    desktop::Preferences m_preferences;
    desktop::Hubs m_hubs;
    QQmlApplicationEngine m_engine;
    std::unique_ptr<QQuickWindow> m_window; // goes before what it shows
};

} // namespace hubkeep::test
