#include "automation/core/yaml.h"

#include "automation/core/filedescriptor.h"
#include "automation/core/nearest.h"
#include "automation/core/yamlparser.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QProcessEnvironment>
#include <QRegularExpression>

namespace hubkeep {
namespace {

const QString secretsFile = QStringLiteral("secrets.yaml");

// What is wrong with the bytes themselves, if anything.
std::optional<ValueProblem> badBytes(const QByteArray &text, const QString &file)
{
    int number = 0;
    for (const QByteArray &line : text.split('\n')) {
        ++number;
        if (!line.isValidUtf8())
            return ValueProblem { { file, number, 1 },
                QStringLiteral("this line is not UTF-8; save the file with that encoding") };
        for (qsizetype i = 0; i < line.size(); ++i) {
            const auto byte = uchar(line[i]);
            if (byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\r'))
                return ValueProblem { { file, number,
                                          int(QString::fromUtf8(line.left(i)).size()) + 1 },
                    QStringLiteral("the control character 0x%1 cannot be in a YAML file")
                        .arg(byte, 2, 16, QLatin1Char('0')) };
        }
    }
    return {};
}

QStringList keysOf(const Value &map)
{
    QStringList keys;
    for (const Value::Member &member : map.members())
        keys.append(member.key);
    return keys;
}

} // namespace

YamlLoader::YamlLoader(const QString &folder)
    : m_folder(QDir(folder).absolutePath())
    , m_canonicalFolder(QFileInfo(folder).canonicalFilePath())
{
}

Value YamlLoader::load(const QString &file)
{
    return loadFile(file, { file, 0, 0 });
}

Value YamlLoader::parse(const QByteArray &text, const QString &file)
{
    QByteArray content = text;
    if (content.startsWith("\xef\xbb\xbf"))
        content.remove(0, 3);
    if (const std::optional<ValueProblem> bad = badBytes(content, file)) {
        m_problems.append(*bad);
        return Value::broken({ file, 0, 0 });
    }
    return parseYaml(content, file,
        { [this](const Place &place, const QString &message) { problem(place, message); },
            [this](qsizetype values, const Place &place) { return spend(values, place); },
            [this](const QString &tag, const QString &content_, const Place &place) {
                return resolveTag(tag, content_, place);
            } });
}

void YamlLoader::problem(const Place &place, const QString &message)
{
    const ValueProblem problem { place, message };
    if (m_problems.size() < mostProblems && !m_problems.contains(problem))
        m_problems.append(problem);
}

bool YamlLoader::spend(qsizetype values, const Place &place)
{
    const bool fits = m_values <= mostValues;
    m_values += values;
    if (fits && m_values > mostValues)
        problem(place,
            QStringLiteral("this makes more than %1 values, those of aliases and included files "
                           "counted each time")
                .arg(mostValues));
    return m_values <= mostValues;
}

Value YamlLoader::resolveTag(const QString &tag, const QString &text, const Place &place)
{
    static const QStringList known { QStringLiteral("!secret"), QStringLiteral("!env_var"),
        QStringLiteral("!include"), QStringLiteral("!include_dir_list"),
        QStringLiteral("!include_dir_merge_list"), QStringLiteral("!include_dir_named"),
        QStringLiteral("!include_dir_merge_named") };
    if (!known.contains(tag)) {
        QString shown = tag;
        shown.replace(QLatin1String("tag:yaml.org,2002:"), QLatin1String("!!"));
        problem(
            place, QStringLiteral("unknown tag %1%2").arg(quoted(shown), didYouMean(shown, known)));
        return Value::broken(place);
    }
    const QString target = text.trimmed();
    if (target.isEmpty()) {
        problem(place, QStringLiteral("%1 needs a name after it").arg(tag));
        return Value::broken(place);
    }
    if (tag == QLatin1String("!secret"))
        return secret(target, place);
    if (tag == QLatin1String("!env_var"))
        return environment(target, place);
    if (tag == QLatin1String("!include"))
        return include(target, place);
    return includeFolder(tag, target, place);
}

Value YamlLoader::secret(const QString &name, const Place &place)
{
    if (place.file == secretsFile) {
        problem(place, QStringLiteral("%1 cannot use !secret itself").arg(secretsFile));
        return Value::broken(place);
    }
    if (!m_secrets) {
        if (!QFileInfo::exists(m_folder + u'/' + secretsFile)) {
            problem(place,
                QStringLiteral("there is no secret %1, because there is no %2; write it there")
                    .arg(quoted(name), secretsFile));
            return Value::broken(place);
        }
        m_secrets = loadFile(secretsFile, place);
        if (m_secrets->kind() != Value::Kind::Map && m_secrets->kind() != Value::Kind::Broken
            && m_secrets->kind() != Value::Kind::Null) {
            problem(m_secrets->place(), QStringLiteral("must be a mapping of names to secrets"));
            m_secrets = Value::broken(m_secrets->place());
        }
    }
    if (m_secrets->kind() == Value::Kind::Broken)
        return Value::broken(place);
    if (const Value *found = m_secrets->find(name))
        return found->at(place).asSecret();
    problem(place,
        QStringLiteral("there is no secret %1 in %2%3")
            .arg(quoted(name), secretsFile, didYouMean(name, keysOf(*m_secrets))));
    return Value::broken(place);
}

Value YamlLoader::environment(const QString &text, const Place &place)
{
    static const QRegularExpression spaces(QStringLiteral("\\s+"));
    const qsizetype space = text.indexOf(spaces);
    const QString name = text.left(space);
    if (qEnvironmentVariableIsSet(name.toUtf8().constData()))
        return Value::string(qEnvironmentVariable(name.toUtf8().constData()), place).asSecret();
    if (space >= 0)
        return Value::string(text.mid(space).split(spaces, Qt::SkipEmptyParts).join(u' '), place);
    const QStringList known = QProcessEnvironment::systemEnvironment().keys();
    problem(place,
        QStringLiteral("the environment variable %1 is not set%2; set it, or write a default after "
                       "its name")
            .arg(quoted(name), didYouMean(name, known).remove(u'?')));
    return Value::broken(place);
}

std::optional<QString> YamlLoader::resolvePath(const QString &target, const Place &place)
{
    const QDir base(QFileInfo(m_folder + u'/' + place.file).path());
    const QString path = QDir::cleanPath(base.absoluteFilePath(target));
    const QString canonical = QFileInfo(path).canonicalFilePath();
    const bool inside = path.startsWith(m_folder + u'/')
        && (canonical.isEmpty() || canonical.startsWith(m_canonicalFolder + u'/'));
    if (!inside)
        problem(place,
            QStringLiteral("%1 is outside the configuration folder, from where nothing is included")
                .arg(quoted(target)));
    else if (canonical.isEmpty())
        problem(place, QStringLiteral("there is no %1 to include").arg(quoted(target)));
    else
        return path.mid(m_folder.size() + 1);
    return {};
}

Value YamlLoader::include(const QString &target, const Place &place)
{
    const std::optional<QString> file = resolvePath(target, place);
    return file ? loadFile(*file, place) : Value::broken(place);
}

Value YamlLoader::includeFolder(const QString &tag, const QString &target, const Place &place)
{
    const std::optional<QString> folder = resolvePath(target, place);
    if (!folder)
        return Value::broken(place);
    const QString path = m_folder + u'/' + *folder;
    if (!QFileInfo(path).isDir()) {
        problem(place, QStringLiteral("%1 is no folder").arg(quoted(target)));
        return Value::broken(place);
    }
    QStringList files;
    QDirIterator entries(path, { QStringLiteral("*.yaml") }, QDir::Files,
        QDirIterator::Subdirectories); // hidden ones and links to folders are left out
    while (entries.hasNext() && files.size() <= mostFiles) {
        const QString file = entries.next();
        if (entries.fileName() != secretsFile)
            files.append(file.mid(m_folder.size() + 1));
    }
    files.sort();

    const bool merges = tag.contains(QLatin1String("_merge_"));
    std::vector<Value> items;
    std::vector<Value::Member> members;
    QHash<QString, QString> seen; // key and file
    const auto addMember = [&](const Value::Member &member) {
        if (seen.contains(member.key)) {
            problem(member.place,
                QStringLiteral("the key %1 is there already, in %2")
                    .arg(quoted(member.key), seen.value(member.key)));
            return;
        }
        seen.insert(member.key, member.place.file);
        members.push_back(member);
    };
    for (const QString &file : files) {
        const Value value = loadFile(file, place);
        if (value.kind() == Value::Kind::Broken || value.kind() == Value::Kind::Null)
            continue;
        if (tag == QLatin1String("!include_dir_list")) {
            items.push_back(value);
        } else if (!merges) {
            addMember({ QFileInfo(file).completeBaseName(), value.place(), value });
        } else if (tag.endsWith(QLatin1String("_list")) && value.kind() == Value::Kind::List) {
            items.insert(items.end(), value.items().begin(), value.items().end());
        } else if (tag.endsWith(QLatin1String("_named")) && value.kind() == Value::Kind::Map) {
            for (const Value::Member &member : value.members())
                addMember(member);
        } else {
            problem(value.place(),
                QStringLiteral("must be a %1 to be merged by %2, not %3")
                    .arg(tag.endsWith(QLatin1String("_list")) ? QStringLiteral("list")
                                                              : QStringLiteral("mapping"),
                        tag, value.describe()));
        }
    }
    return tag.endsWith(QLatin1String("_list")) ? Value::list(std::move(items), place)
                                                : Value::map(std::move(members), place);
}

Value YamlLoader::loadFile(const QString &file, const Place &from)
{
    const auto failed = [&](const QString &message) {
        problem(from, from.file == file ? message : QStringLiteral("%1: %2").arg(file, message));
        return Value::broken(from);
    };
    const QString path = m_folder + u'/' + file;
    const QFileInfo info(path);
    if (!info.exists())
        return failed(QStringLiteral("there is no such file"));
    if (!info.isFile())
        return failed(QStringLiteral("is no file"));
    const QString canonical = info.canonicalFilePath();
    if (m_open.contains(canonical))
        return failed(QStringLiteral("includes itself, by way of what it includes"));
    if (m_open.size() > deepestInclude)
        return failed(QStringLiteral("files include files more than %1 deep").arg(deepestInclude));
    if (++m_files > mostFiles)
        return failed(QStringLiteral("more than %1 files are included").arg(mostFiles));
    QFile content(path);
    if (!content.open(QIODevice::ReadOnly))
        return failed(QStringLiteral("cannot be read: %1").arg(content.errorString()));
    const QByteArray text = content.read(largestFile + 1);
    if (content.error() != QFileDevice::NoError)
        return failed(QStringLiteral("cannot be read: %1").arg(content.errorString()));
    if (text.size() > largestFile)
        return failed(QStringLiteral("is larger than %1 MiB").arg(largestFile >> 20));
    m_open.append(canonical);
    const Value value = parse(text, file);
    m_open.removeLast();
    return value;
}

} // namespace hubkeep
