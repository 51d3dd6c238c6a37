#include "tests/support/samplehub.h"

#include <QDir>
#include <QJsonArray>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hubkeep::test {
namespace {

constexpr const char *configuration = R"(
hub: {name: Sample}
backup:
  sources:
    - {name: site, type: files, path: "@/site", exclude: ["*.tmp"]}
    - {name: shop, type: sqlite, path: "@/shop.db"}
    - {name: ledger, type: command, dump: [sh, "@/dump.sh"], restore: [sh, "@/load.sh"], file: ledger.dump}
  agents:
    - {name: local, type: local, path: backups}
    - {name: second, type: local, path: "@/second"}
)";

} // namespace

SampleHub::SampleHub()
    : WholeHub(configuration)
{
    const QDir folder(this->folder());
    if (!folder.mkpath(text("site/sub")))
        qFatal("cannot make the sample");
    write(text("site/one.txt"), "one");
    write(text("site/two.txt"), "two");
    write(text("site/left-out.tmp"), "not this");
    write(text("site/sub/a b+c%20\303\274.txt"), "odd name");
    write(text("site/large.bin"), QByteArray(3'000'000, 'x'));
    write(text("dump.sh"),
        "d=$(dirname \"$0\")\necho 'the ledger'\n[ -p \"$d/gate\" ] && cat \"$d/gate\"\nexit 0\n");
    write(text("load.sh"),
        "d=$(dirname \"$0\")\ncat > \"$d/loaded.txt\"\n"
        "[ -p \"$d/gate\" ] && exec cat \"$d/gate\"\nexit 0\n");
    sql("PRAGMA journal_mode=WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY, what TEXT);"
        "INSERT INTO orders (what) VALUES ('book'), ('pen'), ('ink');");
}

SampleHub::~SampleHub()
{
    release();
}

void SampleHub::write(const QString &name, const QByteArray &content) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write %s", qPrintable(name));
}

QByteArray SampleHub::read(const QString &name) const
{
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString SampleHub::sql(const char *statement) const
{
    sqlite3 *database = nullptr;
    QString first;
    const auto keep = [](void *to, int, char **values, char **) {
        QString &value = *static_cast<QString *>(to);
        if (value.isEmpty() && values[0])
            value = QString::fromUtf8(values[0]);
        return 0;
    };
    if (sqlite3_open(QFile::encodeName(path(text("shop.db"))), &database) != SQLITE_OK
        || sqlite3_exec(database, statement, keep, &first, nullptr) != SQLITE_OK)
        qFatal("%s: %s", statement, sqlite3_errmsg(database));
    sqlite3_close(database);
    return first;
}

void SampleHub::hold()
{
    const QByteArray gate = QFile::encodeName(path(text("gate")));
    if (::mkfifo(gate.constData(), 0600) == 0)
        m_gate = ::open(gate.constData(), O_RDWR | O_CLOEXEC);
    if (m_gate < 0)
        qFatal("cannot make the gate");
}

void SampleHub::release()
{
    if (m_gate < 0)
        return;
    ::unlink(QFile::encodeName(path(text("gate"))).constData());
    ::close(m_gate);
    m_gate = -1;
}

QString SampleHub::backUp(const QJsonObject &body)
{
    const Answer answer = post(text("/api/v1/backup"), body);
    const QJsonObject ended = finish();
    if (answer.status != 202 || ended.value(text("status")) != text("completed"))
        qFatal("no backup: %s %s", answer.body.constData(),
            qPrintable(ended.value(text("error")).toString()));
    return answer.json().value(text("backup_id")).toString();
}

QJsonArray SampleHub::backups()
{
    return get(text("/api/v1/backup")).json().value(text("backups")).toArray();
}

QJsonObject SampleHub::restore(QJsonObject body)
{
    body.insert(text("confirm"), true);
    const Answer answer = post(text("/api/v1/backup/restore"), body);
    if (answer.status != 202)
        qFatal("no restore: %s", answer.body.constData());
    return finish();
}

} // namespace hubkeep::test
