#include "automation/engine/configreader.h"

#include "automation/core/nearest.h"
#include "automation/core/schema.h"
#include "automation/template/templatedict.h"

#include <QRegularExpression>

#include <cmath>

namespace hubkeep::automation {

ConfigReader::ConfigReader(const Value &value, QString what, Problems &problems)
    : m_value(value)
    , m_what(std::move(what))
    , m_problems(problems)
{
    if (!isMap() && value.kind() != Value::Kind::Broken)
        problem(value.place(),
            QStringLiteral("%1 must be a mapping, not %2").arg(m_what, value.describe()));
}

const Value *ConfigReader::find(const QString &key)
{
    m_known.append(key);
    const Value *found = m_value.find(key);
    return found && found->kind() != Value::Kind::Null ? found : nullptr;
}

const Value *ConfigReader::required(const QString &key)
{
    const Value *found = find(key);
    if (!found && isMap())
        problem(m_value.place(), QStringLiteral("%1 needs '%2'").arg(m_what, key));
    return found;
}

const Value *ConfigReader::findEither(const QString &key, const QString &old)
{
    const Value *found = find(key);
    const Value *other = find(old);
    if (found && other)
        problem(other->place(),
            QStringLiteral("'%1' is the old name of '%2'; %3 takes one of them")
                .arg(old, key, m_what));
    return found ? found : other;
}

bool ConfigReader::isPlain(const QString &key, const Value &value)
{
    if (value.kind() == Value::Kind::Broken)
        return false;
    if (value.isCollection()) {
        problem(value.place(),
            atPath(key, QStringLiteral("must be one value, not %1").arg(value.describe())));
        return false;
    }
    if (value.kind() == Value::Kind::String && Template::isTemplate(value.text())) {
        problem(value.place(), atPath(key, QStringLiteral("takes no template")));
        return false;
    }
    return true;
}

QString ConfigReader::text(const QString &key, const QString &byDefault)
{
    const Value *found = find(key);
    return found && isPlain(key, *found) ? found->text() : byDefault;
}

QString ConfigReader::choice(const QString &key, const QStringList &among, const QString &byDefault)
{
    const Value *found = find(key);
    if (!found || !isPlain(key, *found))
        return byDefault;
    if (among.contains(found->text()))
        return found->text();
    problem(found->place(),
        atPath(key,
            QStringLiteral("must be one of %1, not %2%3")
                .arg(among.join(QLatin1String(", ")), found->describe(),
                    didYouMean(found->text(), among))));
    return byDefault;
}

std::optional<bool> ConfigReader::optionalBoolean(const QString &key)
{
    const Value *found = find(key);
    if (!found || !isPlain(key, *found))
        return {};
    if (found->kind() == Value::Kind::Boolean)
        return found->toVariant().toBool();
    const QString word = found->text().toLower();
    for (const char *yes : { "true", "yes", "on", "enable", "1" }) {
        if (word == QLatin1String(yes))
            return true;
    }
    for (const char *no : { "false", "no", "off", "disable", "0" }) {
        if (word == QLatin1String(no))
            return false;
    }
    problem(found->place(),
        atPath(key, QStringLiteral("must be true or false, not %1").arg(found->describe())));
    return {};
}

bool ConfigReader::boolean(const QString &key, bool byDefault)
{
    return optionalBoolean(key).value_or(byDefault);
}

std::optional<double> ConfigReader::number(const QString &key)
{
    const Value *found = find(key);
    if (!found || !isPlain(key, *found))
        return {};
    bool ok = false;
    const double number = found->kind() == Value::Kind::String
        ? found->text().trimmed().toDouble(&ok)
        : found->toVariant().toDouble(&ok);
    if (ok && std::isfinite(number) && found->kind() != Value::Kind::Boolean)
        return number;
    problem(found->place(),
        atPath(key, QStringLiteral("must be a number, not %1").arg(found->describe())));
    return {};
}

int ConfigReader::integer(const QString &key, int byDefault, int least, int most)
{
    const Value *found = m_value.find(key);
    const std::optional<double> written = number(key);
    if (!written)
        return byDefault;
    if (*written == std::floor(*written) && *written >= least && *written <= most)
        return int(*written);
    problem(found->place(),
        atPath(key,
            QStringLiteral("must be a whole number from %1 to %2, not %3")
                .arg(least)
                .arg(most)
                .arg(found->describe())));
    return byDefault;
}

QStringList ConfigReader::texts(const QString &key)
{
    const Value *found = find(key);
    return found ? textsOf(*found, key, m_problems) : QStringList();
}

QStringList ConfigReader::entityIds(const QString &key)
{
    const Value *found = find(key);
    if (!found)
        return {};
    QStringList ids;
    const auto add = [&](const Value &value) {
        if (!isPlain(key, value))
            return;
        for (const QString &part : value.text().split(u',')) {
            const QString id = part.trimmed().toLower();
            if (isEntityId(id))
                ids.append(id);
            else
                problem(value.place(),
                    atPath(key,
                        QStringLiteral("%1 is no entity id, such as sensor.backup_count")
                            .arg(quoted(part.trimmed()))));
        }
    };
    if (found->kind() != Value::Kind::List)
        add(*found);
    for (const Value &item : found->items())
        add(item);
    ids.removeDuplicates();
    return ids;
}

void ConfigReader::ignore(const QStringList &keys)
{
    m_known += keys;
}

void ConfigReader::problem(const Place &place, const QString &message)
{
    m_problems.append({ place, message });
}

void ConfigReader::finish()
{
    for (const Value::Member &member : m_value.members()) {
        if (!m_known.contains(member.key))
            problem(member.place,
                QStringLiteral("%1 has no key %2%3")
                    .arg(m_what, quoted(member.key), didYouMean(member.key, m_known)));
    }
}

QStringList textsOf(const Value &value, const QString &path, Problems &problems)
{
    QStringList texts;
    const auto add = [&](const Value &one) {
        if (one.kind() == Value::Kind::Broken)
            return;
        if (one.isCollection() || one.kind() == Value::Kind::Null)
            problems.append({ one.place(),
                atPath(path, QStringLiteral("must be a text, not %1").arg(one.describe())) });
        else
            texts.append(one.text());
    };
    if (value.kind() != Value::Kind::List)
        add(value);
    for (const Value &item : value.items())
        add(item);
    return texts;
}

// --- Periods.

namespace {

struct PeriodUnit
{
    const char *name;
    double seconds;
};
constexpr PeriodUnit periodUnits[] { { "weeks", 604800 }, { "days", 86400 }, { "hours", 3600 },
    { "minutes", 60 }, { "seconds", 1 }, { "milliseconds", 0.001 }, { "microseconds", 1e-6 } };

QStringList unitNames()
{
    QStringList names;
    for (const PeriodUnit &unit : periodUnits)
        names.append(QLatin1String(unit.name));
    return names;
}

Error noPeriod(const TemplateValue &value)
{
    return { ErrorCode::InvalidArgument,
        QStringLiteral("%1 is no period; write \"HH:MM:SS\", a number of seconds or a mapping such "
                       "as {minutes: 5}")
            .arg(value.toLiteral()) };
}

std::optional<double> numberOf(const TemplateValue &value)
{
    if (value.isNumber())
        return value.toDouble();
    if (value.kind() != TemplateValue::Kind::String)
        return {};
    bool ok = false;
    const double number = value.string().trimmed().toDouble(&ok);
    return ok ? std::optional(number) : std::nullopt;
}

std::optional<double> secondsOfText(const QString &text)
{
    static const QRegularExpression clock(
        QStringLiteral("\\A\\+?(\\d{1,6}):(\\d{1,2})(?::(\\d{1,2}(?:\\.\\d{1,6})?))?\\z"));
    const QRegularExpressionMatch match = clock.match(text.trimmed());
    if (!match.hasMatch() || match.captured(2).toInt() > 59 || match.captured(3).toDouble() >= 60)
        return {};
    return match.captured(1).toDouble() * 3600 + match.captured(2).toDouble() * 60
        + match.captured(3).toDouble();
}

std::optional<double> secondsOfDict(const TemplateDict &dict)
{
    double seconds = 0;
    for (const auto &[key, value] : dict) {
        const QString name = key.toText();
        const auto *unit = std::find_if(std::begin(periodUnits), std::end(periodUnits),
            [&](const PeriodUnit &one) { return name == QLatin1String(one.name); });
        const std::optional<double> number = numberOf(value);
        if (unit == std::end(periodUnits) || !number)
            return {};
        seconds += *number * unit->seconds;
    }
    return seconds;
}

} // namespace

Result<std::chrono::milliseconds> periodOf(const TemplateValue &value)
{
    std::optional<double> seconds;
    if (value.kind() == TemplateValue::Kind::Duration)
        seconds = double(value.duration().count()) / 1e6;
    else if (value.kind() == TemplateValue::Kind::Dict)
        seconds = secondsOfDict(value.dict());
    else
        seconds = numberOf(value);
    if (!seconds && value.kind() == TemplateValue::Kind::String)
        seconds = secondsOfText(value.string());
    constexpr double longest = 100.0 * 366 * 86400; // a century
    if (!seconds || !(*seconds >= 0 && *seconds <= longest))
        return noPeriod(value);
    return std::chrono::milliseconds(std::llround(*seconds * 1000));
}

TemplatedPeriod TemplatedPeriod::parse(const Value &value, const QString &path, Problems &problems)
{
    TemplatedPeriod period;
    period.m_path = path;
    for (const Value::Member &member : value.members()) {
        if (!unitNames().contains(member.key))
            problems.append({ member.place,
                atPath(path,
                    QStringLiteral("has no unit %1%2")
                        .arg(quoted(member.key), didYouMean(member.key, unitNames()))) });
    }
    // 00:05:00 without quotes is a number to YAML 1.1, and a text to those who wrote it.
    const bool isClock = value.kind() == Value::Kind::Integer && value.text().contains(u':');
    const Value &meant = isClock ? Value::string(value.text(), value.place()) : value;
    const qsizetype before = problems.size();
    period.m_value = TemplatedValue::parse(meant, problems);
    if (period.m_value.isConstant() && problems.size() == before
        && value.kind() != Value::Kind::Broken) {
        const Result<std::chrono::milliseconds> fixed = periodOf(period.m_value.constant());
        if (!fixed)
            problems.append({ value.place(), atPath(path, fixed.error().message) });
    }
    return period;
}

Result<std::chrono::milliseconds> TemplatedPeriod::render(const TemplateScope &scope) const
{
    if (m_value.isNone())
        return std::chrono::milliseconds(0);
    const Result<TemplateValue> rendered = m_value.render(scope);
    if (!rendered)
        return rendered.error().in(m_path);
    const Result<std::chrono::milliseconds> period = periodOf(*rendered);
    return period ? period : Result<std::chrono::milliseconds>(period.error().in(m_path));
}

// --- `enabled`.

EnabledOption EnabledOption::parse(ConfigReader &reader)
{
    const QString key = QStringLiteral("enabled");
    EnabledOption option;
    const Value *found = reader.value().find(key);
    if (found && found->kind() == Value::Kind::String && Template::isTemplate(found->text())) {
        reader.ignore({ key });
        option.m_value = TemplatedValue::parse(*found, reader.problems());
    } else if (const std::optional<bool> written = reader.optionalBoolean(key)) {
        Problems none;
        option.m_value = TemplatedValue::parse(Value::fromVariant(*written), none);
    }
    return option;
}

bool EnabledOption::isEnabled(const TemplateScope &scope) const
{
    if (m_value.isNone())
        return true;
    const Result<TemplateValue> rendered = m_value.render(scope);
    return !rendered || isTrueResult(*rendered);
}

} // namespace hubkeep::automation
