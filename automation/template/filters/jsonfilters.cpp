// to_json and from_json as Home Assistant has them, tojson as Jinja2 does.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"
#include "automation/template/filters/jsonwriter.h"
#include "automation/template/valuejson.h"

namespace hubkeep::filters {
namespace {

TemplateValue written(const TemplateCall &call, const JsonLayout &layout)
{
    if (!call.rendering().allowValue(call.value()))
        return {};
    const Result<QString> json = toJson(call.rendering(), call.value(), layout);
    if (call.rendering().failed())
        return {};
    return json ? TemplateValue(*json) : call.fail(json.error().message);
}

TemplateValue toJsonFilter(const TemplateCall &call)
{
    JsonLayout layout;
    bool pretty = false;
    if (!call.readFlag(1, layout.ascii) || !call.readFlag(2, pretty)
        || !call.readFlag(3, layout.sorted))
        return {};
    layout.spaced = layout.ascii;
    layout.indent = pretty ? 2 : -1;
    return written(call, layout);
}

TemplateValue tojson(const TemplateCall &call)
{
    JsonLayout layout { true, true, true, -1 };
    qint64 indent = 0;
    if (call.has(1) && !call[1].isNone()) {
        if (!call.read(1, indent) || !call.rendering().allowText(indent))
            return {};
        layout.indent = std::max<qint64>(0, indent);
    }
    TemplateValue json = written(call, layout);
    if (!json.isString())
        return json;
    QString text = json.string();
    static constexpr std::pair<char16_t, const char *> unsafe[]
        = { { u'<', "\\u003c" }, { u'>', "\\u003e" }, { u'&', "\\u0026" }, { u'\'', "\\u0027" } };
    for (const auto &[character, escape] : unsafe)
        text.replace(QChar(character), QLatin1String(escape));
    return text;
}

TemplateValue fromJson(const TemplateCall &call)
{
    if (call.value().isString()) {
        Result<TemplateValue> value = readJson(call.value().string().toUtf8());
        if (value)
            return *std::move(value);
    }
    return defaultOr(call, 1, call.value());
}

constexpr TemplateBuiltin filters[] = {
    { "from_json", fromJson, "value default?" },
    { "to_json", toJsonFilter, "value ensure_ascii? pretty_print? sort_keys?" },
    { "tojson", tojson, "value indent?" },
};

} // namespace

void declareJson(TemplateBuiltins &builtins)
{
    builtins.addFilters(filters);
}

} // namespace hubkeep::filters
