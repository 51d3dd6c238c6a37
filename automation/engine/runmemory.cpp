#include "automation/engine/runmemory.h"

#include "automation/template/templatedict.h"

namespace hubkeep::automation {

qsizetype memoryOf(const TemplateValue &value, qsizetype limit)
{
    qsizetype size = 32;
    switch (value.kind()) {
    case TemplateValue::Kind::String:
        return size + 2 * value.string().size();
    case TemplateValue::Kind::List:
    case TemplateValue::Kind::Tuple:
    case TemplateValue::Kind::Set:
        for (const TemplateValue &item : value.items()) {
            if (size > limit)
                break;
            size += memoryOf(item, limit - size);
        }
        return size;
    case TemplateValue::Kind::Dict:
        for (const auto &[key, member] : value.dict()) {
            if (size > limit)
                break;
            size += memoryOf(key, limit - size);
            size += memoryOf(member, limit - size);
        }
        return size;
    default:
        return size;
    }
}

qsizetype memoryOf(const QHash<QString, TemplateValue> &values)
{
    qsizetype size = 0;
    for (auto it = values.cbegin(); it != values.cend() && size <= RunMemory::most; ++it)
        size += memoryOf(*it, RunMemory::most - size) + 2 * it.key().size();
    return size;
}

} // namespace hubkeep::automation
