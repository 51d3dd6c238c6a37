#include "automation/core/schema.h"

#include "automation/core/nearest.h"

#include <QStringList>

namespace hubkeep {
namespace {

using Kind = Value::Kind;

void wrong(
    const Value &value, const QString &path, const QString &expected, QList<ValueProblem> &problems)
{
    problems.append({ value.place(),
        atPath(path, QStringLiteral("must be %1, not %2").arg(expected, value.describe())) });
}

// Nothing there, or nothing that anybody can say more about.
bool saysNothing(const Value &value)
{
    return value.kind() == Kind::Null || value.kind() == Kind::Broken;
}

} // namespace

struct Schema::Details
{
    Type type = Type::Text;
    TextCheck textCheck {};
    qint64 least = 0;
    qint64 most = 0;
    bool orOne = false;
    bool anyKeys = false;
    bool orBoolean = false;
    QList<Schema> item {}; // one
    QList<Key> keys {};
    QString selector {};
    QList<std::pair<QString, QList<Key>>> kinds {};
};

Schema::Schema(Details details)
    : m_details(std::make_shared<const Details>(std::move(details)))
{
}

Schema Schema::text(TextCheck check)
{
    return Schema({ .type = Type::Text, .textCheck = std::move(check) });
}

Schema Schema::boolean()
{
    return Schema({ .type = Type::Boolean });
}

Schema Schema::integer(qint64 least, qint64 most)
{
    return Schema({ .type = Type::Integer, .least = least, .most = most });
}

Schema Schema::choice(const QStringList &texts)
{
    return text([texts](const QString &text) {
        return texts.contains(text)
            ? QString()
            : QStringLiteral("must be one of %1%2")
                  .arg(texts.join(QLatin1String(", ")), didYouMean(text, texts));
    });
}

Schema Schema::texts(TextCheck check, bool orOne, qsizetype least)
{
    return Schema({ .type = Type::Texts,
        .least = least,
        .orOne = orOne,
        .item = { text(std::move(check)) } });
}

Schema Schema::list(const Schema &item)
{
    return Schema({ .type = Type::List, .item = { item } });
}

Schema Schema::map(const QList<Key> &keys)
{
    return Schema({ .type = Type::Map, .keys = keys });
}

Schema Schema::mapOfTexts()
{
    return Schema({ .type = Type::Map, .anyKeys = true, .item = { text() } });
}

Schema Schema::mapOfOptions()
{
    return Schema({ .type = Type::Map,
        .anyKeys = true,
        .item = { Schema({ .type = Type::Text, .orBoolean = true }) } });
}

Schema Schema::anything()
{
    return Schema({ .type = Type::Anything });
}

Schema Schema::variant(const QString &selector, const QList<Key> &common,
    const QList<std::pair<QString, QList<Key>>> &kinds)
{
    return Schema({ .type = Type::Variant, .keys = common, .selector = selector, .kinds = kinds });
}

QVariant Schema::check(const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    if (saysNothing(value))
        return {};
    switch (m_details->type) {
    case Type::Text:
        return checkText(value, path, problems);
    case Type::Boolean:
        return checkBoolean(value, path, problems);
    case Type::Integer:
        return checkInteger(value, path, problems);
    case Type::Texts:
    case Type::List:
        return checkList(value, path, problems);
    case Type::Map:
        return checkMap(value, path, problems);
    case Type::Variant:
        return checkVariant(value, path, problems);
    case Type::Anything:
        return value.toVariant();
    }
    return {};
}

QVariant Schema::checkText(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    const bool isText = value.kind() == Kind::String || value.kind() == Kind::Integer
        || value.kind() == Kind::Float;
    if (m_details->orBoolean && value.kind() == Kind::Boolean)
        return value.toVariant().toBool() ? QStringLiteral("true") : QStringLiteral("false");
    if (!isText) {
        wrong(value, path, QStringLiteral("a text"), problems);
        return {};
    }
    const QString text = value.text();
    QString sentence;
    if (text.trimmed().isEmpty())
        sentence = QStringLiteral("must not be empty");
    else if (text.contains(QChar(0)))
        sentence = QStringLiteral("must not have a NUL character in it");
    else if (m_details->textCheck)
        sentence = m_details->textCheck(text);
    if (sentence.isEmpty())
        return text;
    problems.append({ value.place(), atPath(path, sentence) });
    return {};
}

QVariant Schema::checkBoolean(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    const Value plain
        = value.kind() == Kind::String ? Value::plain(value.text(), value.place()) : value;
    if (plain.kind() == Kind::Boolean)
        return plain.toVariant();
    wrong(value, path, QStringLiteral("true or false"), problems);
    return {};
}

QVariant Schema::checkInteger(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    const Value plain
        = value.kind() == Kind::String ? Value::plain(value.text(), value.place()) : value;
    const qint64 number = plain.toVariant().toLongLong();
    if (plain.kind() == Kind::Integer && number >= m_details->least && number <= m_details->most)
        return number;
    wrong(value, path,
        QStringLiteral("a whole number from %1 to %2").arg(m_details->least).arg(m_details->most),
        problems);
    return {};
}

QVariant Schema::checkList(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    const Schema &item = m_details->item.first();
    QVariantList list;
    if (value.kind() != Kind::List) {
        if (m_details->orOne && !value.isCollection()) {
            const QVariant one = item.check(value, path, problems);
            return one.isValid() ? QVariantList { one } : QVariantList();
        }
        wrong(value, path,
            m_details->type == Type::Texts ? QStringLiteral("a list of texts")
                                           : QStringLiteral("a list"),
            problems);
        return {};
    }
    if (qsizetype(value.items().size()) < m_details->least)
        problems.append(
            { value.place(), atPath(path, QStringLiteral("must not be an empty list")) });
    qsizetype index = 0;
    for (const Value &element : value.items()) {
        const QString place = pathTo(path, index++);
        if (element.kind() == Kind::Null)
            problems.append({ element.place(), atPath(place, QStringLiteral("is empty")) });
        const QVariant checked = item.check(element, place, problems);
        // What is wrong keeps its place, so that the others keep theirs.
        list.append(checked);
    }
    return list;
}

QVariant Schema::checkMap(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    if (value.kind() != Kind::Map) {
        wrong(value, path, QStringLiteral("a mapping"), problems);
        return {};
    }
    if (!m_details->anyKeys)
        return checkKeys(value, m_details->keys, path, problems);
    QVariantMap map;
    for (const Value::Member &member : value.members()) {
        const QVariant checked
            = m_details->item.first().check(member.value, pathTo(path, member.key), problems);
        if (checked.isValid())
            map.insert(member.key, checked);
    }
    return map;
}

QVariant Schema::checkKeys(const Value &value, const QList<Key> &keys, const QString &path,
    QList<ValueProblem> &problems) const
{
    QStringList known;
    for (const Key &key : keys)
        known.append(key.name);
    QVariantMap map;
    for (const Value::Member &member : value.members()) {
        const qsizetype index = known.indexOf(member.key);
        if (index < 0) {
            problems.append({ member.place,
                atPath(path,
                    QStringLiteral("unknown key %1%2")
                        .arg(quoted(member.key), didYouMean(member.key, known))) });
            continue;
        }
        const QVariant checked
            = keys[index].schema.check(member.value, pathTo(path, member.key), problems);
        if (checked.isValid())
            map.insert(member.key, checked);
    }
    for (const Key &key : keys) {
        const Value *found = value.find(key.name);
        if (key.presence == Required && (!found || found->kind() == Kind::Null))
            problems.append({ found ? found->place() : value.place(),
                atPath(path, QStringLiteral("the key '%1' is missing").arg(key.name)) });
    }
    return map;
}

QVariant Schema::checkVariant(
    const Value &value, const QString &path, QList<ValueProblem> &problems) const
{
    if (value.kind() != Kind::Map) {
        wrong(value, path, QStringLiteral("a mapping"), problems);
        return {};
    }
    QStringList names;
    for (const auto &kind : m_details->kinds)
        names.append(kind.first);
    const Value *selector = value.find(m_details->selector);
    if (!selector || selector->kind() == Kind::Null) {
        problems.append({ value.place(),
            atPath(path,
                QStringLiteral("the key '%1' is missing; it is one of %2")
                    .arg(m_details->selector, names.join(QLatin1String(", ")))) });
        return {};
    }
    const QVariant name
        = choice(names).check(*selector, pathTo(path, m_details->selector), problems);
    if (!name.isValid())
        return {};
    QList<Key> keys = m_details->keys;
    keys.prepend({ m_details->selector, text(), Required });
    for (const auto &[kind, own] : m_details->kinds) {
        if (kind == name.toString())
            keys += own;
    }
    return checkKeys(value, keys, path, problems);
}

QString atPath(const QString &path, const QString &sentence)
{
    return path.isEmpty() ? sentence : path + QLatin1String(": ") + sentence;
}

QString pathTo(const QString &path, const QString &key)
{
    const QString shown = quoted(key);
    const QString name = shown.mid(1, shown.size() - 2);
    return path.isEmpty() ? name : path + u'.' + name;
}

QString pathTo(const QString &path, qsizetype index)
{
    return QStringLiteral("%1[%2]").arg(path).arg(index);
}

} // namespace hubkeep
