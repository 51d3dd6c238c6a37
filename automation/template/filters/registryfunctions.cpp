// What Home Assistant knows of areas, floors, devices, labels and issues. There are none here: the
// answers are those of a Home Assistant without any.

#include "automation/template/filters/arguments.h"
#include "automation/template/filters/declare.h"

namespace hubkeep::filters {
namespace {

TemplateValue noList(const TemplateCall &)
{
    return TemplateValue::list({});
}

TemplateValue noDict(const TemplateCall &)
{
    return TemplateDict();
}

TemplateValue none(const TemplateCall &)
{
    return {};
}

TemplateValue no(const TemplateCall &)
{
    return false;
}

constexpr TemplateBuiltin lists[] = {
    { "areas", noList, "" },
    { "floors", noList, "" },
};

constexpr TemplateBuiltin functions[] = {
    { "issue", none, "domain issue_id" },
    { "issues", noDict, "" },
    { "labels", noList, "value?" },
};

constexpr TemplateBuiltin both[] = {
    { "area_devices", noList, "value" },
    { "area_entities", noList, "value" },
    { "area_id", none, "value" },
    { "area_name", none, "value" },
    { "config_entry_attr", none, "value attr_name" },
    { "config_entry_id", none, "value" },
    { "device_attr", none, "value attr_name" },
    { "device_entities", noList, "value" },
    { "device_id", none, "value" },
    { "device_name", none, "value" },
    { "entity_name", none, "value" },
    { "floor_areas", noList, "value" },
    { "floor_entities", noList, "value" },
    { "floor_id", none, "value" },
    { "floor_name", none, "value" },
    { "integration_entities", noList, "value" },
    { "is_device_attr", no, "value attr_name attr_value" },
    { "is_hidden_entity", no, "value" },
    { "label_areas", noList, "value" },
    { "label_description", none, "value" },
    { "label_devices", noList, "value" },
    { "label_entities", noList, "value" },
    { "label_id", none, "value" },
    { "label_name", none, "value" },
};

constexpr TemplateBuiltin filters[] = {
    { "labels", noList, "value" },
};

constexpr TemplateBuiltin tests[] = {
    { "is_device_attr", no, "value attr_name attr_value" },
    { "is_hidden_entity", no, "value" },
};

} // namespace

void declareRegistries(TemplateBuiltins &builtins)
{
    builtins.addFunctions(lists);
    builtins.addFunctions(functions);
    builtins.addFunctions(both);
    builtins.addFilters(both);
    builtins.addFilters(filters);
    builtins.addTests(tests);
}

} // namespace hubkeep::filters
