// How long one rendering of each template takes. Reads lines of JSON, {"template": …, "variables":
// {…}}, and prints for each a line {"nanoseconds": …, "text": …}. bench_template.py is the other
// side.

#include "automation/template/template.h"
#include "automation/template/templatedict.h"

#include <QFile>

#include <algorithm>
#include <chrono>

using namespace hubkeep;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

namespace {

// The best of several rounds, each long enough for the clock.
double nanosecondsOf(const Template &ready, const TemplateScope &scope)
{
    double best = 1e18;
    int times = 1;
    for (int round = 0; round < 7;) {
        const auto begin = Steady::now();
        for (int i = 0; i < times; ++i) {
            if (!ready.renderText(scope))
                return -1;
        }
        const auto took = Steady::now() - begin;
        if (took < 20ms) {
            times *= 2;
            continue;
        }
        best = std::min(best, double(std::chrono::nanoseconds(took).count()) / times);
        ++round;
    }
    return best;
}

TemplateDict measured(const TemplateDict &wanted)
{
    TemplateVariables names;
    for (const auto &[name, value] : wanted.find(u"variables")->dict())
        names.set(name.string(), value);
    TemplateScope scope;
    scope.names = &names;
    TemplateDict result;
    const Result<Template> ready = Template::parse(wanted.find(u"template")->string());
    const Result<QString> text = ready ? ready->renderText(scope) : Result<QString>(ready.error());
    result.insert(QStringLiteral("text"), text ? *text : text.error().message);
    if (text)
        result.insert(QStringLiteral("nanoseconds"), nanosecondsOf(*ready, scope));
    return result;
}

} // namespace

int main()
{
    QFile in;
    QFile out;
    if (!in.open(stdin, QIODevice::ReadOnly) || !out.open(stdout, QIODevice::WriteOnly))
        return 1;
    while (true) {
        const QByteArray line = in.readLine();
        if (line.isEmpty())
            return 0;
        const Result<TemplateValue> wanted = TemplateValue::fromJson(line);
        if (!wanted)
            return 1;
        out.write(TemplateValue(measured(wanted->dict())).toJson() + '\n');
        out.flush();
    }
}
