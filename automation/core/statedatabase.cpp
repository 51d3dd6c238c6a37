#include "automation/core/statedatabase.h"

#include "automation/core/filedescriptor.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QThread>
#include <QUuid>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hubkeep {
namespace {

// Beyond it only the schema is read when the file is opened: a hub is to be ready at once.
constexpr qint64 largestCheckedFile = 64 * 1024 * 1024;

constexpr unsigned long leastFreeSpace = 256 * 1024;

// SQLite's primary result codes, https://www.sqlite.org/rescode.html; Qt has no names for them.
enum SqliteCode {
    SqlitePermission = 3,
    SqliteBusy = 5,
    SqliteLocked = 6,
    SqliteReadOnly = 8,
    SqliteCorrupt = 11,
    SqliteFull = 13,
    SqliteConstraint = 19,
    SqliteNotADatabase = 26,
};

ErrorCode codeOf(const QSqlError &error)
{
    switch (error.nativeErrorCode().toInt() & 0xff) {
    case SqliteBusy:
    case SqliteLocked:
        return ErrorCode::Busy;
    case SqliteCorrupt:
    case SqliteNotADatabase:
        return ErrorCode::Corrupt;
    case SqliteFull:
        return ErrorCode::NoSpace;
    case SqlitePermission:
    case SqliteReadOnly:
        return ErrorCode::Forbidden;
    case SqliteConstraint:
        return ErrorCode::InvalidArgument;
    default:
        return ErrorCode::Io;
    }
}

const char *adviceFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Busy:
        return "; another program holds it, try again";
    case ErrorCode::Corrupt:
        return "; restart the hub, which moves it aside and begins a clean one";
    case ErrorCode::NoSpace:
        return "; free some space";
    case ErrorCode::Forbidden:
        return "; check whose file it is";
    default:
        return "";
    }
}

Error sqlError(const QString &path, const QSqlError &error)
{
    ErrorCode code = codeOf(error);
    // SQLite calls it an I/O error where the log's index finds no room.
    struct statvfs disk;
    if (code == ErrorCode::Io && ::statvfs(QFile::encodeName(path).constData(), &disk) == 0
        && disk.f_bavail * disk.f_frsize < leastFreeSpace)
        code = ErrorCode::NoSpace;
    const QString words
        = error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    return { code,
        QStringLiteral("Using %1: %2%3")
            .arg(displayName(QFile::encodeName(path)), words, QLatin1String(adviceFor(code))) };
}

// Says which file it is: 0 where there is none. A descriptor of a file that SQLite has open
// must not be closed, so nothing here opens what exists.
ino_t inodeOf(const QByteArray &path)
{
    struct stat status
    {
    };
    return ::stat(path.constData(), &status) == 0 ? status.st_ino : 0;
}

// SQLite gives its -wal and -shm the mode of the database.
Result<void> createPrivate(const QByteArray &path)
{
    const FileDescriptor created(::open(path.constData(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
        S_IRUSR | S_IWUSR)); // closed before SQLite knows the file
    if (created.isOpen()) {
        for (const char *left : { "-wal", "-shm", "-journal" })
            ::unlink((path + left).constData()); // of a database that somebody deleted
        return {};
    }
    if (errno != EEXIST)
        return systemError(errno).in(QStringLiteral("Creating ") + displayName(path));
    struct stat status
    {
    };
    if (::stat(path.constData(), &status) == 0 && S_ISREG(status.st_mode)
        && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0
        && ::chmod(path.constData(), S_IRUSR | S_IWUSR) != 0)
        return systemError(errno).in(QStringLiteral("Making private ") + displayName(path));
    return {};
}

// Where it is now.
Result<QByteArray> moveAside(const QByteArray &path)
{
    QByteArray aside = path + ".damaged";
    for (int n = 1; inodeOf(aside) != 0; ++n)
        aside = path + ".damaged." + QByteArray::number(n);
    if (std::rename(path.constData(), aside.constData()) != 0)
        return systemError(errno).in(
            QStringLiteral("Moving the damaged %1 aside").arg(displayName(path)));
    for (const char *suffix : { "-wal", "-shm", "-journal" })
        std::rename((path + suffix).constData(), (aside + suffix).constData());
    return aside;
}

} // namespace

StateDatabase::StateDatabase(QString path, QString connection)
    : m_path(std::move(path))
    , m_connection(std::move(connection))
{
}

StateDatabase::~StateDatabase()
{
    m_dataVersion.reset();
    QSqlDatabase::removeDatabase(m_connection);
}

Result<std::unique_ptr<StateDatabase>> StateDatabase::open(const QString &path)
{
    const QByteArray file = QFile::encodeName(path);
    QString damagedCopy;
    for (int attempt = 0;; ++attempt) {
        const Result<void> created = createPrivate(file);
        if (!created)
            return created.error();
        const ino_t inode = inodeOf(file);
        std::unique_ptr<StateDatabase> database(new StateDatabase(
            path, QStringLiteral("state-") + QUuid::createUuid().toString(QUuid::Id128)));
        Result<void> done = database->connect();
        if (done)
            done = database->check();
        if (done)
            done = database->migrate(QStringLiteral("settings"),
                { QStringLiteral("CREATE TABLE settings ("
                                 "name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID") });
        database->m_damagedCopy = damagedCopy;
        if (done)
            return database;
        if (done.error().code != ErrorCode::Corrupt || attempt == 2)
            return done.error();
        database.reset();
        if (inodeOf(file) != inode)
            continue; // another process moved it aside
        const Result<QString> aside = setAside(path);
        if (!aside)
            return aside.error();
        damagedCopy = *aside;
    }
}

Result<QString> StateDatabase::setAside(const QString &path)
{
    const Result<QByteArray> aside = moveAside(QFile::encodeName(path));
    if (!aside)
        return aside.error();
    return QFile::decodeName(*aside);
}

Result<void> StateDatabase::connect()
{
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    database.setDatabaseName(m_path);
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000"));
    if (!database.open())
        return sqlError(m_path, database.lastError());
    // Two processes that turn a new file into WAL mode: SQLite does not wait in one of them.
    Result<QSqlQuery> wal = run(QStringLiteral("PRAGMA journal_mode = WAL"));
    for (int i = 0; i < 100 && !wal && wal.error().code == ErrorCode::Busy; ++i) {
        QThread::msleep(50);
        wal = run(QStringLiteral("PRAGMA journal_mode = WAL"));
    }
    if (!wal)
        return wal.error();
    wal->finish();
    for (const char *pragma :
        { "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
            "CREATE TABLE IF NOT EXISTS schema_versions ("
            "part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID" }) {
        const Result<QSqlQuery> done = run(QString::fromLatin1(pragma));
        if (!done)
            return done.error();
    }
    return {};
}

Result<void> StateDatabase::check()
{
    if (QFileInfo(m_path).size() > largestCheckedFile)
        return {};
    Result<QSqlQuery> found = run(QStringLiteral("PRAGMA quick_check(1)"));
    if (!found)
        return found.error();
    if (!found->next())
        return sqlError(m_path, found->lastError());
    const QString words = found->value(0).toString();
    if (words != QLatin1String("ok"))
        return Error { ErrorCode::Corrupt,
            QStringLiteral("Using %1: it is damaged: %2").arg(m_path, words) };
    return {};
}

Result<int> StateDatabase::version(const QString &part)
{
    Result<QSqlQuery> row
        = run(QStringLiteral("SELECT version FROM schema_versions WHERE part = ?"), { part });
    if (!row)
        return row.error();
    return row->next() ? row->value(0).toInt() : 0;
}

Result<void> StateDatabase::migrate(const QString &part, const QStringList &steps)
{
    Result<int> at = version(part);
    if (!at)
        return at.error();
    if (*at > steps.size())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral(
                "The tables '%1' in %2 are of a newer HubKeep (version %3, this one knows "
                "%4); run that one")
                .arg(part, m_path)
                .arg(*at)
                .arg(steps.size()) };
    for (int step = *at; step < steps.size(); ++step) {
        const Result<void> done = inTransaction([&]() -> Result<void> {
            // Another process may have done it meanwhile.
            const Result<int> now = version(part);
            if (!now)
                return now.error();
            if (*now > step)
                return {};
            const QStringList statements
                = steps[step].split(QStringLiteral(";\n"), Qt::SkipEmptyParts);
            for (const QString &statement : statements) {
                const Result<QSqlQuery> ran = run(statement.trimmed());
                if (!ran)
                    return ran.error();
            }
            const Result<QSqlQuery> noted
                = run(QStringLiteral("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)"),
                    { part, step + 1 });
            return noted ? Result<void>() : noted.error();
        });
        if (!done)
            return done.error().in(
                QStringLiteral("Bringing the tables '%1' to version %2").arg(part).arg(step + 1));
    }
    return {};
}

Result<QSqlQuery> StateDatabase::prepare(const QString &statement)
{
    QSqlQuery query(QSqlDatabase::database(m_connection, false));
    query.setForwardOnly(true);
    if (!query.prepare(statement))
        return sqlError(m_path, query.lastError());
    return query;
}

Result<void> StateDatabase::execute(QSqlQuery &prepared, const QVariantList &values)
{
    for (qsizetype i = 0; i < values.size(); ++i)
        prepared.bindValue(int(i), values[i]);
    if (!prepared.exec())
        return sqlError(m_path, prepared.lastError());
    if (!prepared.isSelect())
        ++m_writes;
    return {};
}

Error StateDatabase::error(const QSqlQuery &ran) const
{
    return sqlError(m_path, ran.lastError());
}

Result<QSqlQuery> StateDatabase::run(const QString &statement, const QVariantList &values)
{
    Result<QSqlQuery> query = prepare(statement);
    if (!query)
        return query;
    const Result<void> done = execute(*query, values);
    return done ? query : done.error();
}

Result<void> StateDatabase::inTransaction(const std::function<Result<void>()> &work)
{
    // At once for writing: a reader that becomes a writer may be refused without any waiting.
    const Result<QSqlQuery> begun = run(QStringLiteral("BEGIN IMMEDIATE"));
    if (!begun)
        return begun.error();
    Result<void> done = work();
    if (done) {
        const Result<QSqlQuery> committed = run(QStringLiteral("COMMIT"));
        if (committed)
            return {};
        done = committed.error();
    }
    (void)run(QStringLiteral("ROLLBACK"));
    return done;
}

std::optional<StateDatabase::ChangeStamp> StateDatabase::changeStamp()
{
    if (!m_dataVersion) {
        QSqlQuery query(QSqlDatabase::database(m_connection, false));
        query.setForwardOnly(true);
        if (!query.prepare(QStringLiteral("PRAGMA data_version")))
            return {};
        m_dataVersion = query;
    }
    if (!m_dataVersion->exec() || !m_dataVersion->next())
        return {};
    const ChangeStamp stamp { m_dataVersion->value(0).toLongLong(), m_writes };
    m_dataVersion->finish();
    return stamp;
}

Result<std::optional<QJsonValue>> StateDatabase::setting(const QString &name)
{
    Result<QSqlQuery> row
        = run(QStringLiteral("SELECT value FROM settings WHERE name = ?"), { name });
    if (!row)
        return row.error();
    if (!row->next())
        return std::optional<QJsonValue>();
    QJsonParseError problem;
    const QJsonDocument document
        = QJsonDocument::fromJson('[' + row->value(0).toString().toUtf8() + ']', &problem);
    if (problem.error != QJsonParseError::NoError)
        return Error { ErrorCode::Corrupt,
            QStringLiteral("The setting '%1' in %2 is no JSON: %3")
                .arg(name, m_path, problem.errorString()) };
    return std::optional<QJsonValue>(document.array().at(0));
}

Result<void> StateDatabase::setSetting(const QString &name, const QJsonValue &value)
{
    const QByteArray list = QJsonDocument(QJsonArray { value }).toJson(QJsonDocument::Compact);
    const QString json = QString::fromUtf8(list.mid(1, list.size() - 2));
    const Result<QSqlQuery> done
        = run(QStringLiteral("INSERT OR REPLACE INTO settings VALUES (?, ?)"), { name, json });
    return done ? Result<void>() : done.error();
}

} // namespace hubkeep
