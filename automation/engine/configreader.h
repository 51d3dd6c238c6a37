// Reads the keys of one map of an automation, and says which ones nobody asked for.
//
//     ConfigReader reader(value, QStringLiteral("the delay"), problems);
//     const Value *entity = reader.required(QStringLiteral("entity_id"));
//     const QString alias = reader.text(QStringLiteral("alias"));
//     reader.finish();
//
// A key that is there with nothing behind it is one that is not there, as in Home Assistant.
// Lives shorter than the value and the problems.

#pragma once

#include "automation/engine/templatedvalue.h"

#include <QSet>
#include <QStringList>

#include <optional>

namespace hubkeep::automation {

class ConfigReader
{
public:
    // value that is no map is a problem: "the delay must be a mapping, not a list".
    ConfigReader(const Value &value, QString what, Problems &problems);

    bool isMap() const { return m_value.kind() == Value::Kind::Map; }
    const Value &value() const { return m_value; }
    Problems &problems() { return m_problems; }

    // Null where it is not there.
    const Value *find(const QString &key);
    const Value *required(const QString &key); // the same, and a problem
    // The new name of a key, or its old one; both are a problem.
    const Value *findEither(const QString &key, const QString &old);

    // Plain ones: a template, or another kind, is a problem and the default is returned.
    QString text(const QString &key, const QString &byDefault = {});
    QString choice(const QString &key, const QStringList &among, const QString &byDefault);
    bool boolean(const QString &key, bool byDefault);
    std::optional<bool> optionalBoolean(const QString &key);
    std::optional<double> number(const QString &key);
    int integer(const QString &key, int byDefault, int least, int most);
    QStringList texts(const QString &key); // one or a list
    // Entity ids, one, a list, or separated by commas; each checked, templates refused.
    QStringList entityIds(const QString &key);
    void ignore(const QStringList &keys); // known, and of no effect

    void problem(const Place &place, const QString &message);
    // Unknown keys are problems that name the nearest known one.
    void finish();

private:
    bool isPlain(const QString &key, const Value &value);

    const Value &m_value;
    const QString m_what;
    Problems &m_problems;
    QStringList m_known;
};

// Texts of a list or of a single value; what is no scalar is a problem.
QStringList textsOf(const Value &value, const QString &path, Problems &problems);

// "00:05:00", "05:30" (hours and minutes), a number of seconds, {hours: 1, minutes: 30}; any of
// them, or parts of it, may be a template.
class TemplatedPeriod
{
public:
    TemplatedPeriod() = default; // zero
    static TemplatedPeriod parse(const Value &value, const QString &path, Problems &problems);
    // Never negative.
    Result<std::chrono::milliseconds> render(const TemplateScope &scope) const;

private:
    TemplatedValue m_value;
    QString m_path;
};

// The same of something rendered: a text, a number, a dict or a timedelta.
Result<std::chrono::milliseconds> periodOf(const TemplateValue &value);

// `enabled: true`, or a limited template.
class EnabledOption
{
public:
    static EnabledOption parse(ConfigReader &reader);
    // A template that fails counts as enabled: nothing is switched off by mistake.
    bool isEnabled(const TemplateScope &scope) const;

private:
    TemplatedValue m_value;
};

} // namespace hubkeep::automation
