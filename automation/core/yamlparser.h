// One YAML text as a tree of values; the only place that knows yaml-cpp.
//
// See yaml.h for what reads files.

#pragma once

#include "automation/core/value.h"

#include <functional>

namespace hubkeep {

struct YamlParserHooks
{
    std::function<void(const Place &place, const QString &message)> problem;
    std::function<bool(qsizetype values, const Place &place)> spend; // false: stop
    std::function<Value(const QString &tag, const QString &text, const Place &place)> resolveTag;
};

// text must be UTF-8 without a byte order mark. Broken where it could not be read.
Value parseYaml(const QByteArray &text, const QString &file, const YamlParserHooks &hooks);

} // namespace hubkeep
