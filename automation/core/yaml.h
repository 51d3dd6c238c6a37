// Reads YAML files as Home Assistant does, and says where what is wrong with them.
//
//     YamlLoader loader(configFolder);
//     const Value value = loader.load(QStringLiteral("hubkeep.yaml"));
//     if (!loader.problems().isEmpty()) …
//
// Understands !secret NAME (from secrets.yaml in the folder), !env_var NAME [default],
// !include FILE and !include_dir_list, _merge_list, _named and _merge_named FOLDER (relative to
// the file that says so), anchors and merge keys. Nothing outside the folder is included.
// Bounded: a file's size, the values in all files together, how deep files include files.
// Where something is wrong the value is Value::Kind::Broken, and reading goes on.
//
// One thread at a time; independent of each other.

#pragma once

#include "automation/core/value.h"

#include <QByteArray>
#include <QStringList>

#include <optional>

namespace hubkeep {

class YamlLoader
{
public:
    static constexpr qint64 largestFile = 1 << 20;
    static constexpr qsizetype mostValues = 200'000;
    static constexpr int mostFiles = 1000;
    static constexpr int deepestInclude = 20;
    static constexpr int mostProblems = 1000;

    // folder need not exist.
    explicit YamlLoader(const QString &folder);

    // Reads a file of the folder. A file that is not there is a problem.
    Value load(const QString &file);
    // Reads text as if it were the folder's file of that name.
    Value parse(const QByteArray &text, const QString &file);

    // Everything wrong in all that was read.
    const QList<ValueProblem> &problems() const { return m_problems; }

private:
    void problem(const Place &place, const QString &message);
    bool spend(qsizetype values, const Place &place); // false: there are too many
    Value resolveTag(const QString &tag, const QString &text, const Place &place);
    Value secret(const QString &name, const Place &place);
    Value environment(const QString &text, const Place &place);
    Value include(const QString &target, const Place &place);
    Value includeFolder(const QString &tag, const QString &target, const Place &place);
    // The path relative to the folder, if it is in it.
    std::optional<QString> resolvePath(const QString &target, const Place &place);
    Value loadFile(const QString &file, const Place &from);

    const QString m_folder; // absolute
    const QString m_canonicalFolder;
    QList<ValueProblem> m_problems;
    QStringList m_open; // files being read, outermost first, canonical
    std::optional<Value> m_secrets;
    qsizetype m_values = 0;
    int m_files = 0;
};

} // namespace hubkeep
