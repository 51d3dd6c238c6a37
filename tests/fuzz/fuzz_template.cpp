// Any bytes as a template: parsed, and rendered within small limits, with names of every kind. It
// ends soon, in a text within its limit or in a sentence with a place.

#include "automation/core/clock.h"
#include "automation/core/eventbus.h"
#include "automation/core/statestore.h"
#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <QCoreApplication>
#include <QTimeZone>

#include <cstdlib>

using namespace hubkeep;

namespace {

class StoppedClock final : public Clock
{
public:
    QDateTime now() const override
    {
        return QDateTime(QDate(2026, 4, 13), QTime(14, 25, 30, 123), QTimeZone::utc());
    }
};

class World
{
public:
    World()
    {
        (void)m_states.set(QStringLiteral("sensor.a"), QStringLiteral("21.5"),
            { { QStringLiteral("unit_of_measurement"), QStringLiteral("°C") } });
        (void)m_states.set(QStringLiteral("light.b"), QStringLiteral("on"));
        m_names.set(QStringLiteral("s"), QStringLiteral("Ä b,c 😀"));
        m_names.set(QStringLiteral("i"), 7);
        m_names.set(QStringLiteral("f"), -2.5);
        m_names.set(QStringLiteral("t"), m_clock.now());
        const auto json = TemplateValue::fromJson(R"({"a":[1,"x",null,{"b":[2,3]}],"n":5})");
        m_names.set(QStringLiteral("d"), *json);
        m_names.set(QStringLiteral("l"), *json->dict().find(u"a"));
    }
    TemplateScope scope() const
    {
        TemplateScope scope;
        scope.states = &m_states;
        scope.clock = &m_clock;
        scope.names = &m_names;
        scope.zone = QTimeZone(QByteArrayLiteral("Europe/Berlin"));
        scope.limits.steps = 5'000;
        scope.limits.output = 5'000;
        scope.limits.items = 1'000;
        scope.limits.recursion = 20;
        return scope;
    }

private:
    StoppedClock m_clock;
    EventBus m_bus { m_clock };
    StateStore m_states { m_bus, m_clock };
    TemplateVariables m_names;
};

bool hasPlace(const TemplateProblem &problem, const QString &source)
{
    return !problem.message.isEmpty() && problem.line >= 0
        && problem.line <= source.count(u'\n') + source.count(u'\r') + 1;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char name[] = "fuzz_template";
    static char *arguments[] = { name, nullptr };
    static int one = 1;
    static const QCoreApplication application(one, arguments);
    static const World world;

    const QString source = QString::fromUtf8(reinterpret_cast<const char *>(data), qsizetype(size));
    TemplateProblem problem;
    const Result<Template> parsed = Template::parse(source, &problem);
    if (!parsed) {
        if (!hasPlace(problem, source))
            std::abort();
        return 0;
    }
    const TemplateScope scope = world.scope();
    TemplateReads reads;
    const Result<QString> text = parsed->renderText(scope, &reads, &problem);
    if (text ? text->size() > scope.limits.output : !hasPlace(problem, source))
        std::abort();
    if (text) {
        const Result<TemplateValue> value = parsed->render(scope);
        (void)value->toJson();
        (void)isTrueResult(*value);
    }
    return 0;
}
