#include "automation/template/methods/methods.h"
#include "automation/template/pythonformat.h"
namespace hubkeep::templates {
std::span<const TemplateBuiltin> textMethods()
{
    return {};
}
std::span<const TemplateBuiltin> textSearchMethods()
{
    return {};
}
std::span<const TemplateBuiltin> textCaseMethods()
{
    return {};
}
std::span<const TemplateBuiltin> listMethods()
{
    return {};
}
std::span<const TemplateBuiltin> setMethods()
{
    return {};
}
std::span<const TemplateBuiltin> dictMethods()
{
    return {};
}
std::span<const TemplateBuiltin> integerMethods()
{
    return {};
}
std::span<const TemplateBuiltin> floatMethods()
{
    return {};
}
std::span<const TemplateBuiltin> dateTimeMethods()
{
    return {};
}
std::span<const TemplateBuiltin> dateMethods()
{
    return {};
}
std::span<const TemplateBuiltin> timeMethods()
{
    return {};
}
std::span<const TemplateBuiltin> durationMethods()
{
    return {};
}
}
namespace hubkeep {
TemplateValue printfFormatted(TemplateRendering &r, const QString &, const TemplateValue &)
{
    return r.fail(QStringLiteral("no"));
}
}
