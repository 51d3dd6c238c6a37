// SQLite databases for the engine's tests, and a program that never stops writing into one.

#pragma once

#include <QByteArray>

#include <memory>

#include <sys/types.h>

struct sqlite3;

namespace hubkeep::test {

// A connection. It waits for others' locks as long as they may take on a loaded machine. Aborts the
// test program where it cannot be opened.
class Database
{
public:
    explicit Database(const QByteArray &path, bool mayCreate = true);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    int run(const char *sql); // SQLite's code; 0 is success
    QByteArray ask(const char *sql); // the first column of the first row; "error: …"

private:
    sqlite3 *m_db = nullptr;
};

// Two tables of accounts, whose amounts always add up to the same whatever moves between
// them, and padding so that the database spans rows * 400 bytes or so.
void makeAccounts(const QByteArray &path, int rows, const char *journalMode, int pageSize = 4096);

// Empty where the database is sound and its accounts add up, else what is wrong.
QByteArray problemWithAccounts(const QByteArray &path);

// A process of its own that moves amounts between the two tables, one commit a move, until it
// is stopped. Start it before any thread, while this process has no connection to the database.
class AccountMover
{
public:
    explicit AccountMover(const QByteArray &path);
    ~AccountMover();
    AccountMover(const AccountMover &) = delete;
    AccountMover &operator=(const AccountMover &) = delete;

    qint64 commits() const;
    void stop();

    // The number of the last move that a database has, to be compared with commits().
    static qint64 movesIn(const QByteArray &path);

private:
    struct Shared;
    Shared *m_shared = nullptr;
    pid_t m_child = -1;
};

// Another process that has run sql on the database and keeps its connection, and with it its
// locks, until the object goes.
class Holder
{
public:
    Holder(const QByteArray &path, const char *sql);
    ~Holder();
    Holder(const Holder &) = delete;
    Holder &operator=(const Holder &) = delete;

    // The first column of the first row that its connection now sees; "error: …".
    QByteArray ask(const char *sql);

private:
    pid_t m_child = -1;
    int m_socket = -1;
};

// Runs sql on the database in a program of its own (SQLite's shell), which waits for no lock.
// What it says; "" where all went well. A fork alone would know of this process's locks.
QByteArray runElsewhere(const QByteArray &path, const QByteArray &sql);

} // namespace hubkeep::test
