#include "automation/engine/trace.h"

#include "automation/core/state.h"
#include "automation/template/templatedict.h"

#include <QJsonArray>

#include <algorithm>
#include <array>

namespace hubkeep::automation {
namespace {

constexpr qsizetype longestText = 1000; // characters of one
constexpr qsizetype mostCharacters = 4000; // of all texts in a value
constexpr int mostValues = 500; // in a value
constexpr int deepest = 12;

bool isSecretName(const QString &name)
{
    static constexpr std::array words { "password", "passwd", "passphrase", "token", "secret",
        "api_key", "apikey", "authorization", "credential", "private_key", "encryption_key" };
    return name.size() >= 5 && std::any_of(words.begin(), words.end(), [&](const char *word) {
        return name.contains(QLatin1String(word), Qt::CaseInsensitive);
    });
}

// Short ones would be found everywhere: those count only as a whole text.
QString withoutSecrets(QString text, const QStringList &secrets)
{
    constexpr qsizetype shortest = 4;
    for (const QString &secret : secrets) {
        if (secret.size() >= shortest ? text.contains(secret) : text == secret)
            text.replace(secret, QLatin1String(hiddenValue));
    }
    return text;
}

QJsonValue withoutSecrets(const QJsonValue &json, const QStringList &secrets)
{
    if (json.isString())
        return withoutSecrets(json.toString(), secrets);
    if (json.isDouble())
        return secrets.contains(json.toVariant().toString())
            ? QJsonValue(QLatin1String(hiddenValue))
            : json;
    if (json.isArray()) {
        QJsonArray items;
        for (const QJsonValue &item : json.toArray())
            items.append(withoutSecrets(item, secrets));
        return items;
    }
    if (!json.isObject())
        return json;
    QJsonObject object = json.toObject();
    for (auto member = object.begin(); member != object.end(); ++member)
        *member = withoutSecrets(*member, secrets);
    return object;
}

TemplateValue hidden()
{
    return QString::fromLatin1(hiddenValue);
}

// Goes through one value with what may still be kept of it.
class Shortening
{
public:
    explicit Shortening(const QStringList &secrets)
        : m_secrets(secrets)
    {
    }

    TemplateValue shorten(const TemplateValue &value, int depth)
    {
        --m_values;
        switch (value.kind()) {
        case TemplateValue::Kind::String:
            return text(value);
        case TemplateValue::Kind::List:
        case TemplateValue::Kind::Tuple:
        case TemplateValue::Kind::Set:
            return list(value, depth);
        case TemplateValue::Kind::Dict:
            return dict(value, depth);
        default:
            return !m_secrets.isEmpty() && value.isNumber() && m_secrets.contains(value.toText())
                ? hidden()
                : value;
        }
    }

private:
    TemplateValue text(const TemplateValue &value)
    {
        const QString text = withoutSecrets(value.string(), m_secrets);
        const qsizetype allowed = std::clamp<qsizetype>(m_characters, 0, longestText);
        m_characters -= text.size();
        return text.size() <= allowed ? text : text.left(allowed) + u'…';
    }

    bool isFull(int depth) const { return m_values <= 0 || m_characters <= 0 || depth > deepest; }

    TemplateValue list(const TemplateValue &value, int depth)
    {
        TemplateValue::Items kept;
        for (const TemplateValue &item : value.items()) {
            if (isFull(depth)) {
                kept.push_back(QStringLiteral("…"));
                break;
            }
            kept.push_back(shorten(item, depth + 1));
        }
        return TemplateValue::list(std::move(kept));
    }

    TemplateValue dict(const TemplateValue &value, int depth)
    {
        TemplateDict kept;
        for (const auto &[key, member] : value.dict()) {
            if (isFull(depth)) {
                kept.insert(QStringLiteral("…"), QStringLiteral("…"));
                break;
            }
            const bool isText = key.kind() == TemplateValue::Kind::String;
            m_characters -= isText ? key.string().size() : 0;
            const bool hide = isText && isSecretName(key.string()) && !member.isNone();
            kept.insert(key, hide ? hidden() : shorten(member, depth + 1));
        }
        return kept;
    }

    const QStringList &m_secrets;
    int m_values = mostValues;
    qsizetype m_characters = mostCharacters;
};

QJsonValue timeOrNull(const QDateTime &time)
{
    return time.isValid() ? QJsonValue(toIsoTime(time)) : QJsonValue();
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

QJsonValue jsonOf(const TemplateValue &value)
{
    return QJsonValue::fromVariant(forTrace(value).toVariant());
}

QJsonObject toJson(const TraceStep &step)
{
    QJsonObject json { { QStringLiteral("path"), step.path },
        { QStringLiteral("timestamp"), toIsoTime(step.timestamp) } };
    if (!step.changedVariables.isNone())
        json.insert(QStringLiteral("changed_variables"), jsonOf(step.changedVariables));
    if (!step.result.isNone())
        json.insert(QStringLiteral("result"), jsonOf(step.result));
    if (!step.error.isEmpty())
        json.insert(QStringLiteral("error"), step.error);
    return json;
}

} // namespace

TraceStep &Trace::add(const QString &path, const QDateTime &now)
{
    if (m_steps.size() >= size_t(mostSteps))
        pushOut();
    lastStep = path;
    m_steps.push_back({ .path = path, .timestamp = now, .number = m_next++ });
    return m_steps.back();
}

TraceStep *Trace::find(int number)
{
    const auto found = std::lower_bound(m_steps.begin(), m_steps.end(), number,
        [](const TraceStep &step, int wanted) { return step.number < wanted; });
    return found != m_steps.end() && found->number == number ? &*found : nullptr;
}

// A loop's steps have all the same paths: of each the last ones stay. Where that does not make
// room, the oldest go, but for the very first, which says why all this happens.
void Trace::pushOut()
{
    QHash<QString, int> kept;
    std::vector<TraceStep> steps;
    for (auto step = m_steps.rbegin(); step != m_steps.rend(); ++step) {
        if (++kept[step->path] <= mostOfOnePath)
            steps.push_back(std::move(*step));
    }
    std::reverse(steps.begin(), steps.end());
    constexpr size_t room = size_t(mostSteps) * 3 / 4;
    if (steps.size() > room)
        steps.erase(steps.begin() + 1, steps.begin() + 1 + qsizetype(steps.size() - room));
    m_steps = std::move(steps);
}

QJsonObject Trace::toShortJson() const
{
    QJsonObject json {
        { QStringLiteral("last_step"), textOrNull(lastStep) },
        { QStringLiteral("run_id"), runId },
        { QStringLiteral("state"), state },
        { QStringLiteral("script_execution"), textOrNull(execution) },
        { QStringLiteral("timestamp"),
            QJsonObject { { QStringLiteral("start"), timeOrNull(started) },
                { QStringLiteral("finish"), timeOrNull(finished) } } },
        { QStringLiteral("domain"), domain },
        { QStringLiteral("item_id"), itemId },
        { QStringLiteral("trigger"), textOrNull(triggerDescription) },
    };
    if (!error.isEmpty())
        json.insert(QStringLiteral("error"), error);
    return secrets.isEmpty() ? json : withoutSecrets(json, secrets).toObject();
}

QJsonObject Trace::toJson() const
{
    QHash<QString, QJsonArray> byPath;
    for (const TraceStep &step : m_steps)
        byPath[step.path].append(automation::toJson(step));
    QJsonObject paths;
    for (auto it = byPath.cbegin(); it != byPath.cend(); ++it)
        paths.insert(it.key(), *it);
    QJsonObject json = toShortJson();
    json.insert(QStringLiteral("trace"),
        secrets.isEmpty() ? QJsonValue(paths) : withoutSecrets(paths, secrets));
    json.insert(QStringLiteral("context"), hubkeep::toJson(context));
    return json;
}

TemplateValue forTrace(const TemplateValue &value, const QStringList &secrets)
{
    return Shortening(secrets).shorten(value, 0);
}

QString forTrace(const QString &sentence, const QStringList &secrets)
{
    return withoutSecrets(sentence, secrets);
}

} // namespace hubkeep::automation
