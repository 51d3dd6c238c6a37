#include "automation/engine/automationfiles.h"

#include "automation/core/yaml.h"

#include <QCryptographicHash>
#include <QDir>

#include <algorithm>

namespace hubkeep::automation {
namespace {

const QString &listKey()
{
    static const QString key = QStringLiteral("automation");
    return key;
}

// "automation", and "automation kitchen" as Home Assistant lets people split theirs.
bool isListKey(const QString &key)
{
    return key == listKey() || key.startsWith(listKey() + u' ');
}

void write(const Value &value, QCryptographicHash &hash)
{
    const char kind = char('a' + int(value.kind()));
    hash.addData(QByteArrayView(&kind, 1));
    const auto add = [&](const QString &text) {
        const QByteArray bytes = text.toUtf8();
        const qint64 size = bytes.size();
        hash.addData(QByteArrayView(reinterpret_cast<const char *>(&size), sizeof size));
        hash.addData(bytes);
    };
    const qint64 count = value.kind() == Value::Kind::Map ? qint64(value.members().size())
                                                          : qint64(value.items().size());
    hash.addData(QByteArrayView(reinterpret_cast<const char *>(&count), sizeof count));
    add(value.text());
    for (const Value &item : value.items())
        write(item, hash);
    for (const Value::Member &member : value.members()) {
        add(member.key);
        write(member.value, hash);
    }
}

// Every file that value or a part of it was written in, its own first.
void collectFiles(const Value &value, QStringList &files)
{
    if (!files.contains(value.place().file))
        files.append(value.place().file);
    for (const Value &item : value.items())
        collectFiles(item, files);
    for (const Value::Member &member : value.members())
        collectFiles(member.value, files);
}

class Reader
{
public:
    Reader(QString file, AutomationFiles &files)
        : m_file(std::move(file))
        , m_files(files)
    {
    }

    void read(const Value &root, QList<ValueProblem> problems)
    {
        if (root.kind() == Value::Kind::Broken) {
            m_files.unreadable.append(m_file);
            m_files.problems += problems;
            return;
        }
        const std::size_t first = m_files.items.size();
        readRoot(root);
        for (std::size_t i = m_files.items.size(); i-- > first && !problems.isEmpty();)
            takeProblems(m_files.items[i], problems);
        m_files.problems += problems; // of what is in none of them
    }

private:
    void readRoot(const Value &root)
    {
        const auto &members = root.members();
        const bool hasLists = std::any_of(members.begin(), members.end(),
            [](const Value::Member &member) { return isListKey(member.key); });
        if (root.kind() == Value::Kind::Map && !hasLists)
            return addOne(root);
        if (root.kind() != Value::Kind::Map)
            return addAll(root);
        for (const Value::Member &member : members) {
            if (isListKey(member.key))
                addAll(member.value);
            else
                m_files.problems.append({ member.place,
                    QStringLiteral("%1 has no place beside 'automation'; this file takes "
                                   "automations alone")
                        .arg(quoted(member.key)) });
        }
    }

    // A list, one automation, or nothing.
    void addAll(const Value &value)
    {
        if (value.kind() == Value::Kind::Null)
            return;
        if (value.kind() != Value::Kind::List)
            return addOne(value);
        for (const Value &item : value.items())
            addOne(item);
    }

    void addOne(const Value &value)
    {
        m_files.items.push_back({ value, m_file, fingerprintOf(value), {} });
    }

    // Those that lie from its first line on, or in a file that it includes.
    void takeProblems(AutomationItem &item, QList<ValueProblem> &problems)
    {
        QStringList files;
        collectFiles(item.value, files);
        const auto isIts = [&](const ValueProblem &problem) {
            if (problem.place.file == item.value.place().file)
                return problem.place.line >= item.value.place().line;
            return problem.place.file != m_file && files.contains(problem.place.file);
        };
        for (const ValueProblem &problem : std::as_const(problems)) {
            if (isIts(problem))
                item.problems.append(problem);
        }
        problems.removeIf(isIts);
    }

    const QString m_file;
    AutomationFiles &m_files;
};

void readInto(YamlLoader &loader, const QString &file, const Value &root, AutomationFiles &files)
{
    Reader(file, files).read(root, loader.problems());
}

} // namespace

QByteArray fingerprintOf(const Value &value)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    write(value, hash);
    return hash.result();
}

QStringList AutomationFiles::names(const QString &configFolder)
{
    QStringList names;
    const QDir folder(configFolder);
    if (folder.exists(QStringLiteral("automations.yaml")))
        names.append(QStringLiteral("automations.yaml"));
    const QStringList more = QDir(configFolder + QLatin1String("/automations"))
                                 .entryList({ QStringLiteral("*.yaml") }, QDir::Files, QDir::Name);
    for (const QString &name : more) {
        if (!name.startsWith(u'.')) // an editor's
            names.append(QLatin1String("automations/") + name);
    }
    return names;
}

AutomationFiles AutomationFiles::load(const QString &configFolder)
{
    AutomationFiles files;
    for (const QString &name : names(configFolder)) {
        YamlLoader loader(configFolder); // with bounds of its own
        const Value root = loader.load(name);
        readInto(loader, name, root, files);
    }
    return files;
}

AutomationFiles AutomationFiles::loadText(
    const QString &configFolder, const QString &file, const QByteArray &text)
{
    AutomationFiles files;
    YamlLoader loader(configFolder);
    const Value root = loader.parse(text, file);
    readInto(loader, file, root, files);
    return files;
}

} // namespace hubkeep::automation
