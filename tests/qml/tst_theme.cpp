// What is written can be read: the contrasts that WCAG 2.1 asks for, in both schemes.

#include "qml/window/qmlengine.h"

#include <QColor>
#include <QGuiApplication>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QTest>

#include <cmath>
#include <memory>

using namespace hubkeep::desktop;

namespace {

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

// https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
double luminance(const QColor &color)
{
    const auto linear = [](double part) {
        return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &one, const QColor &other)
{
    const double a = luminance(one) + 0.05;
    const double b = luminance(other) + 0.05;
    return std::max(a, b) / std::min(a, b);
}

} // namespace

class TestTheme : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        addHubKeepModule(m_engine);
        QQmlComponent component(&m_engine);
        component.setData(
            "import QtQml\nimport HubKeep\nQtObject { property QtObject theme: Theme }", {});
        m_holder.reset(component.create());
        QVERIFY2(m_holder, qPrintable(component.errorString()));
        m_theme = m_holder->property("theme").value<QObject *>();
        QVERIFY(m_theme);
    }

    void textCanBeReadOnItsGround_data()
    {
        QTest::addColumn<QString>("scheme");
        QTest::addColumn<QString>("ink");
        QTest::addColumn<QString>("ground");
        QTest::addColumn<double>("least");
        const auto add = [](const char *ink, const char *ground, double least) {
            for (const char *scheme : { "light", "dark" })
                QTest::addRow("%s on %s, %s", ink, ground, scheme)
                    << text(scheme) << text(ink) << text(ground) << least;
        };
        for (const char *ground : { "window", "card", "sidebar", "field", "hover", "selected" }) {
            add("text", ground, 4.5);
            add("quiet", ground, 4.5);
        }
        for (const char *ground : { "window", "card", "hover", "selected" })
            add("accent", ground, 4.5);
        for (const char *ink : { "safe", "attention", "danger" }) {
            add(ink, "window", 4.5);
            add(ink, "card", 4.5);
            add(ink, qPrintable(text(ink) + text("Ground")), 4.5);
            add("text", qPrintable(text(ink) + text("Ground")), 4.5);
        }
        add("working", "workingGround", 4.5);
        add("quiet", "unknownGround", 4.5);
        add("accentInk", "accent", 4.5);
        // What can be used has an edge that can be seen.
        add("edge", "card", 3);
        add("edge", "field", 3);
        add("edge", "window", 3);
    }
    void textCanBeReadOnItsGround()
    {
        QFETCH(const QString, scheme);
        QFETCH(const QString, ink);
        QFETCH(const QString, ground);
        QFETCH(const double, least);
        m_theme->setProperty("scheme", scheme);
        const auto color = [this](const QString &name) {
            return m_theme->property(name.toUtf8().constData()).value<QColor>();
        };
        QVERIFY(color(ink).isValid() && color(ground).isValid());
        const double measured = contrast(color(ink), color(ground));
        QVERIFY2(measured >= least, qPrintable(text("%1:1").arg(measured)));
    }

private:
    QQmlEngine m_engine;
    std::unique_ptr<QObject> m_holder;
    QObject *m_theme = nullptr;
};

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QGuiApplication application(argc, argv);
    TestTheme test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_theme.moc"
