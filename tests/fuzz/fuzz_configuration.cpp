// Any bytes as hubkeep.yaml: read, and held against what it may contain. Every problem has a
// place in the text and a sentence.

#include "app/configuration.h"
#include "app/configurationschema.h"
#include "automation/core/yaml.h"

#include <cstdlib>

using namespace hubkeep;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Schema schema = configurationSchema();
    const QByteArray text(reinterpret_cast<const char *>(data), qsizetype(size));
    YamlLoader loader(QStringLiteral("/nonexistent"));
    const Value value = loader.parse(text, QStringLiteral("hubkeep.yaml"));
    QList<ValueProblem> problems = loader.problems();
    if (value.kind() == Value::Kind::Broken && problems.isEmpty())
        std::abort();
    if (value.nodes(10 * YamlLoader::mostValues) > YamlLoader::mostValues + 1)
        std::abort();
    schema.check(value, {}, problems);
    const qsizetype lines = text.count('\n') + 1;
    for (const ValueProblem &problem : problems) {
        if (problem.message.isEmpty() || problem.place.line > lines || problem.place.line < 0)
            std::abort();
    }
    parseDuration(QString::fromUtf8(text));
    parseSize(QString::fromUtf8(text));
    return 0;
}
