#include "tests/support/enginedatabases.h"

#include "tests/support/enginetree.h"

#include <QtGlobal>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <new>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hubkeep::test {

Database::Database(const QByteArray &path, bool mayCreate)
{
    const int flags = SQLITE_OPEN_READWRITE | (mayCreate ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path.constData(), &m_db, flags, nullptr) != SQLITE_OK)
        qFatal("Opening %s: %s", path.constData(), sqlite3_errmsg(m_db));
    sqlite3_busy_timeout(m_db, 30'000);
}

Database::~Database()
{
    sqlite3_close_v2(m_db);
}

int Database::run(const char *sql)
{
    return sqlite3_exec(m_db, sql, nullptr, nullptr, nullptr);
}

QByteArray Database::ask(const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    int code = sqlite3_prepare_v2(m_db, sql, -1, &statement, nullptr);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    QByteArray answer;
    if (code == SQLITE_ROW)
        answer = reinterpret_cast<const char *>(sqlite3_column_text(statement, 0));
    else if (code != SQLITE_DONE)
        answer = "error: " + QByteArray(sqlite3_errmsg(m_db));
    sqlite3_finalize(statement);
    return answer;
}

void makeAccounts(const QByteArray &path, int rows, const char *journalMode, int pageSize)
{
    makeFolder(path.left(path.lastIndexOf('/')));
    Database db(path);
    const QByteArray number = QByteArray::number(rows);
    const QByteArray sql = "PRAGMA page_size=" + QByteArray::number(pageSize)
        + "; PRAGMA journal_mode=" + journalMode
        + "; BEGIN; CREATE TABLE first(id INTEGER PRIMARY KEY, amount INTEGER);"
          "CREATE TABLE moves(id INTEGER PRIMARY KEY, number INTEGER);"
          "INSERT INTO moves VALUES(1, 0);"
          "CREATE TABLE padding(id INTEGER PRIMARY KEY, bytes BLOB);"
          "CREATE TABLE second(id INTEGER PRIMARY KEY, amount INTEGER);"
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<"
        + number
        + ") INSERT INTO padding SELECT i, randomblob(360) FROM n;"
          "INSERT INTO first SELECT id, 1000 FROM padding;"
          "INSERT INTO second SELECT id, 1000 FROM padding; COMMIT;";
    if (db.run(sql.constData()) != SQLITE_OK)
        qFatal("Making %s", path.constData());
}

QByteArray problemWithAccounts(const QByteArray &path)
{
    Database db(path, false);
    const QByteArray sound = db.ask("PRAGMA integrity_check");
    if (sound != "ok")
        return sound;
    const QByteArray sum
        = db.ask("SELECT (SELECT total(amount) FROM first) + (SELECT total(amount) "
                 "FROM second) - 2000 * (SELECT count(*) FROM padding)");
    return sum == "0.0" ? QByteArray() : "The accounts are off by " + sum;
}

struct AccountMover::Shared
{
    std::atomic<qint64> commits = 0;
    std::atomic<bool> stop = false;
};

AccountMover::AccountMover(const QByteArray &path)
{
    void *memory = ::mmap(
        nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    m_shared = new (memory) Shared;
    m_child = ::fork();
    if (m_child != 0)
        return;
    sqlite3 *db = nullptr;
    bool good = sqlite3_open(path.constData(), &db) == SQLITE_OK;
    sqlite3_busy_timeout(db, 60'000);
    sqlite3_exec(db, "PRAGMA synchronous=OFF", nullptr, nullptr, nullptr);
    const pid_t parent = ::getppid();
    for (int i = 0; good && !m_shared->stop && ::getppid() == parent; ++i) {
        char sql[512];
        // The last of one table and the first of the other lie at the two ends of the file.
        sqlite3_snprintf(sizeof sql, sql,
            "BEGIN IMMEDIATE;"
            "UPDATE first SET amount=amount-%d WHERE id=%d+(SELECT max(id) FROM first)-50;"
            "UPDATE padding SET bytes=randomblob(360) WHERE id=1+%d%%(SELECT max(id) FROM first);"
            "UPDATE second SET amount=amount+%d WHERE id=1+%d;"
            "UPDATE moves SET number=number+1; COMMIT;",
            i % 7, i % 50, i * 37 % 100'000, i % 7, i % 50);
        good = sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
        m_shared->commits += good;
    }
    ::_exit(good ? 0 : 1); // no destructors: they are the parent's
}

AccountMover::~AccountMover()
{
    stop();
    ::munmap(m_shared, sizeof(Shared));
}

qint64 AccountMover::commits() const
{
    return m_shared->commits;
}

qint64 AccountMover::movesIn(const QByteArray &path)
{
    return Database(path, false).ask("SELECT number FROM moves").toLongLong();
}

void AccountMover::stop()
{
    if (m_child <= 0)
        return;
    m_shared->stop = true;
    int status = 0;
    ::waitpid(m_child, &status, 0);
    m_child = -1;
    if (status != 0)
        qFatal("The writer failed with status %d", status);
}

Holder::Holder(const QByteArray &path, const char *sql)
{
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        qFatal("No socket pair");
    m_child = ::fork();
    if (m_child == 0) {
        ::close(sockets[0]);
        sqlite3 *db = nullptr;
        int code = sqlite3_open_v2(path.constData(), &db, SQLITE_OPEN_READWRITE, nullptr);
        if (code == SQLITE_OK)
            code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
        ::send(sockets[1], &code, sizeof code, MSG_NOSIGNAL);
        char question[1024] = {};
        while (::recv(sockets[1], question, sizeof question - 1, 0) > 0) {
            sqlite3_stmt *statement = nullptr;
            char answer[1024];
            if (sqlite3_prepare_v2(db, question, -1, &statement, nullptr) == SQLITE_OK
                && sqlite3_step(statement) == SQLITE_ROW)
                sqlite3_snprintf(sizeof answer, answer, "%s", sqlite3_column_text(statement, 0));
            else
                sqlite3_snprintf(sizeof answer, answer, "error: %s", sqlite3_errmsg(db));
            sqlite3_finalize(statement);
            ::send(sockets[1], answer, qstrlen(answer) + 1, MSG_NOSIGNAL);
            std::fill_n(question, sizeof question, '\0');
        }
        ::_exit(0);
    }
    ::close(sockets[1]);
    m_socket = sockets[0];
    int code = -1;
    if (::recv(m_socket, &code, sizeof code, 0) != sizeof code || code != SQLITE_OK)
        qFatal("Holding %s: %s", path.constData(), sqlite3_errstr(code));
}

Holder::~Holder()
{
    ::close(m_socket);
    ::waitpid(m_child, nullptr, 0);
}

QByteArray Holder::ask(const char *sql)
{
    char answer[1024] = {};
    ::send(m_socket, sql, qstrlen(sql) + 1, MSG_NOSIGNAL);
    ::recv(m_socket, answer, sizeof answer - 1, 0);
    return answer;
}

QByteArray runElsewhere(const QByteArray &path, const QByteArray &sql)
{
    const QByteArray command = "sqlite3 -bail '" + path + "' '" + sql + "' 2>&1";
    FILE *pipe = ::popen(command.constData(), "re");
    if (!pipe)
        qFatal("Running sqlite3 failed");
    char said[1024] = {};
    const size_t length = std::fread(said, 1, sizeof said, pipe);
    ::pclose(pipe);
    return QByteArray(said, qsizetype(length)).trimmed();
}

} // namespace hubkeep::test
