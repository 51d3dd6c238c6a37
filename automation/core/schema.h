// What a value may look like, as a table; and everything in which one does not.
//
//     const Schema tls = Schema::map({
//         { QStringLiteral("certificate"), Schema::text(), Schema::Required },
//         { QStringLiteral("key"), Schema::text(), Schema::Required },
//     });
//     QList<ValueProblem> problems;
//     const QVariant checked = tls.check(value, QStringLiteral("http.tls"), problems);
//
// Forgiving where Home Assistant is: an empty section is one that is not there, a number is taken
// for a text, a quoted number for a number, one text for a list of one.
//
// Plain values, cheap to copy; any thread.

#pragma once

#include "automation/core/value.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>

namespace hubkeep {

class Schema
{
public:
    enum Presence { Optional, Required };
    struct Key;
    // What is wrong with a text, as "must be …"; empty where nothing is.
    using TextCheck = std::function<QString(const QString &text)>;

    static Schema text(TextCheck check = {}); // not empty
    static Schema boolean();
    static Schema integer(qint64 least, qint64 most);
    static Schema choice(const QStringList &texts);
    // A list of at least so many texts; one text is a list of one where that is allowed.
    static Schema texts(TextCheck check = {}, bool orOne = true, qsizetype least = 0);
    static Schema list(const Schema &item);
    static Schema map(const QList<Key> &keys);
    static Schema mapOfTexts(); // with any keys
    static Schema mapOfOptions(); // the same, and a boolean is the text true or false
    static Schema anything();
    // A map whose key `selector` says what other keys there are: those of common, and those of
    // the kind that it names.
    static Schema variant(const QString &selector, const QList<Key> &common,
        const QList<std::pair<QString, QList<Key>>> &kinds);

    // What value says, with texts and numbers as the schema wants them; invalid where it says
    // nothing. path names the value in messages: "backup.sources[1]".
    QVariant check(const Value &value, const QString &path, QList<ValueProblem> &problems) const;

private:
    enum class Type { Text, Boolean, Integer, Texts, List, Map, Variant, Anything };
    struct Details;
    explicit Schema(Details details);

    QVariant checkText(
        const Value &value, const QString &path, QList<ValueProblem> &problems) const;
    QVariant checkBoolean(
        const Value &value, const QString &path, QList<ValueProblem> &problems) const;
    QVariant checkInteger(
        const Value &value, const QString &path, QList<ValueProblem> &problems) const;
    QVariant checkList(
        const Value &value, const QString &path, QList<ValueProblem> &problems) const;
    QVariant checkMap(const Value &value, const QString &path, QList<ValueProblem> &problems) const;
    QVariant checkKeys(const Value &value, const QList<Key> &keys, const QString &path,
        QList<ValueProblem> &problems) const;
    QVariant checkVariant(
        const Value &value, const QString &path, QList<ValueProblem> &problems) const;

    std::shared_ptr<const Details> m_details;
};

struct Schema::Key
{
    QString name;
    Schema schema;
    Presence presence = Optional;
};

// "http.port: sentence"; the sentence alone where path is empty.
QString atPath(const QString &path, const QString &sentence);
// "http" and "port" are "http.port".
QString pathTo(const QString &path, const QString &key);
QString pathTo(const QString &path, qsizetype index);

} // namespace hubkeep
