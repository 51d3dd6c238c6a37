// A clock that stands still, some states and variables, to render templates with.
//
//     TemplateArena arena;
//     QCOMPARE(arena.text(QStringLiteral("{{ states('sensor.a') }}")), QStringLiteral("1"));

#pragma once

#include "automation/core/clock.h"
#include "automation/core/eventbus.h"
#include "automation/core/statestore.h"
#include "automation/template/template.h"

namespace hubkeep {

class TemplateArena
{
public:
    class FixedClock final : public Clock
    {
    public:
        QDateTime time;
        QDateTime now() const override { return time; }
    };

    TemplateArena() { setNow(QStringLiteral("2026-04-13T12:25:30.123Z")); }

    void setNow(const QString &utc)
    {
        m_clock.time = QDateTime::fromString(utc, Qt::ISODateWithMs).toUTC();
    }
    void setState(const QString &entityId, const QString &state, const QVariantMap &attributes = {})
    {
        if (!m_states.set(entityId, state, attributes))
            qFatal("%s is no entity", qPrintable(entityId));
    }
    void setVariable(const QString &name, TemplateValue value)
    {
        m_names.set(name, std::move(value));
    }

    TemplateScope scope() const
    {
        TemplateScope scope;
        scope.states = &m_states;
        scope.clock = &m_clock;
        scope.zone = zone;
        scope.names = &m_names;
        return scope;
    }

    // What is printed, or "error: …".
    QString text(const QString &source, TemplateReads *reads = nullptr) const
    {
        return text(source, scope(), reads);
    }
    static QString text(
        const QString &source, const TemplateScope &scope, TemplateReads *reads = nullptr)
    {
        const Result<Template> parsed = Template::parse(source);
        if (!parsed)
            return QStringLiteral("error: ") + parsed.error().message;
        const Result<QString> rendered = parsed->renderText(scope, reads);
        return rendered ? *rendered : QStringLiteral("error: ") + rendered.error().message;
    }

    QTimeZone zone { "Europe/Berlin" };

private:
    FixedClock m_clock;
    EventBus m_bus { m_clock };
    StateStore m_states { m_bus, m_clock };
    TemplateVariables m_names;
};

} // namespace hubkeep
