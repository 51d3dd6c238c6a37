#include "tests/support/enginearena.h"

#include "automation/core/yaml.h"

#include <QtTest>

#include <algorithm>

namespace hubkeep::test {

EngineArena::EngineArena(const char *zone)
    : hub(clock, HubIdentity { QStringLiteral("Arena"), QString::fromLatin1(zone), {}, {} })
    , timers(clock)
    , watch(hub.bus())
    , parts { hub, timers, watch, webhooks, QTimeZone(zone) }
{
}

void EngineArena::advance(std::chrono::milliseconds time)
{
    timers.wake();
    for (;;) {
        const auto next = timers.untilNext();
        if (!next || *next > time)
            break;
        clock.advance(*next);
        time -= *next;
        timers.wake();
    }
    clock.advance(time);
    timers.wake();
}

void EngineArena::advanceTo(const char *time)
{
    const qint64 wait = clock.now().msecsTo(at(time));
    Q_ASSERT(wait >= 0);
    advance(std::chrono::milliseconds(wait));
}

void EngineArena::sleep(std::chrono::milliseconds time)
{
    clock.advance(time);
    timers.wake();
}

void EngineArena::setClock(const char *time)
{
    clock.set(at(time));
    timers.wake();
}

QDateTime EngineArena::at(const char *time) const
{
    QString text = QString::fromLatin1(time);
    const bool utc = text.endsWith(u'Z');
    if (utc)
        text.chop(1);
    text.replace(u' ', u'T');
    QDateTime read = QDateTime::fromString(text, Qt::ISODateWithMs);
    Q_ASSERT(read.isValid());
    if (utc) {
        read.setTimeSpec(Qt::UTC);
        return read;
    }
    // The first of the moments that a clock on the wall shows this, or the end of the gap.
    const QDateTime asUtc(read.date(), read.time(), Qt::UTC);
    QDateTime best;
    for (const int offset : { parts.zone.offsetFromUtc(asUtc.addDays(-1)),
             parts.zone.offsetFromUtc(asUtc.addDays(1)) }) {
        const QDateTime candidate = asUtc.addSecs(-offset);
        if (parts.zone.offsetFromUtc(candidate) == offset && (!best.isValid() || candidate < best))
            best = candidate;
    }
    Q_ASSERT(best.isValid());
    return best;
}

QString EngineArena::localNow() const
{
    return clock.now().toTimeZone(parts.zone).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

void EngineArena::set(
    const char *entityId, const char *state, const QVariantMap &attributes, const Context &context)
{
    const Result<void> done = hub.states().set(
        QString::fromUtf8(entityId), QString::fromUtf8(state), attributes, context);
    QVERIFY2(done.ok(), done.ok() ? "" : qPrintable(done.error().message));
}

void EngineArena::fire(const char *type, const QVariantMap &data, const Context &context)
{
    hub.bus().publish({ QString::fromUtf8(type), data, context });
}

Value EngineArena::yaml(const QByteArray &text)
{
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse(text, QStringLiteral("automations.yaml"));
    if (!loader.problems().isEmpty())
        QTest::qFail(qPrintable(texts(loader.problems()).join(u'\n')), __FILE__, __LINE__);
    return value;
}

QStringList EngineArena::texts(const QList<ValueProblem> &problems)
{
    QStringList texts;
    for (const ValueProblem &problem : problems)
        texts.append(QStringLiteral("%1:%2: %3")
                         .arg(problem.place.line)
                         .arg(problem.place.column)
                         .arg(problem.message));
    return texts;
}

} // namespace hubkeep::test
