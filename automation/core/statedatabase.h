// data/state.db: what the hub must remember. Users, tokens, the catalog of backups,
// settings, the audit log: each part brings its own tables as a list of migrations.
//
//     Result<std::unique_ptr<StateDatabase>> state = StateDatabase::open(path);
//     (*state)->migrate("catalog", { "CREATE TABLE backups (…)", "ALTER TABLE …" });
//     Result<QSqlQuery> rows = (*state)->run("SELECT … WHERE id = ?", { id });
//
// SQLite through Qt Sql: WAL, foreign keys, synchronous=FULL, five seconds of patience with
// other processes (`hubkeep user add` beside a running hub). The file is created with mode
// 0600. Belongs to the thread that opened it. No other descriptor of the file may be closed
// by this process meanwhile: that would drop SQLite's locks on it.

#pragma once

#include "automation/core/result.h"

#include <QJsonValue>
#include <QSqlQuery>
#include <QStringList>
#include <QVariantList>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace hubkeep {

class StateDatabase
{
public:
    // Creates what is missing. A file that is damaged or no database is moved aside to
    // "<path>.damaged[.n]" and a clean one begun; damagedCopy() then names it.
    static Result<std::unique_ptr<StateDatabase>> open(const QString &path);
    // Moves a file aside as open() does, for one that turned out damaged while it was used and
    // is closed now. Returns where it is.
    static Result<QString> setAside(const QString &path);
    ~StateDatabase();
    StateDatabase(const StateDatabase &) = delete;
    StateDatabase &operator=(const StateDatabase &) = delete;

    const QString &path() const { return m_path; }
    const QString &damagedCopy() const { return m_damagedCopy; }

    // steps[n] brings part's tables from version n to n + 1; each runs in a transaction of
    // its own and may hold several statements, separated by ";\n". Fails with InvalidArgument
    // where the tables are newer than steps knows.
    Result<void> migrate(const QString &part, const QStringList &steps);

    // Runs one statement with its values bound in order.
    Result<QSqlQuery> run(const QString &statement, const QVariantList &values = {});

    // The same in two steps, for statements that run many times. What was prepared must not
    // outlive the database.
    Result<QSqlQuery> prepare(const QString &statement);
    Result<void> execute(QSqlQuery &prepared, const QVariantList &values = {});
    // The error of a statement that failed between two of its rows.
    Error error(const QSqlQuery &ran) const;

    // All of work's changes or, where it fails, none. Not nested.
    Result<void> inTransaction(const std::function<Result<void>()> &work);

    // Differs from what it was where anything may have changed since, here or in another process.
    // Costs a few microseconds, so what is asked for often may be remembered with it. Nothing:
    // it cannot be told, ask the tables.
    using ChangeStamp = std::pair<qint64, qint64>;
    std::optional<ChangeStamp> changeStamp();

    // Small documents by name: "backup.settings".
    Result<std::optional<QJsonValue>> setting(const QString &name);
    Result<void> setSetting(const QString &name, const QJsonValue &value);

private:
    StateDatabase(QString path, QString connection);

    Result<void> connect();
    Result<void> check();
    Result<int> version(const QString &part);

    const QString m_path;
    const QString m_connection; // Qt's name for it
    QString m_damagedCopy;
    std::optional<QSqlQuery> m_dataVersion; // prepared at first use
    qint64 m_writes = 0;
};

} // namespace hubkeep
