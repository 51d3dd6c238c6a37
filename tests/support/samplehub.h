// A whole hub that keeps something of every kind: files ("site"), a SQLite database that is open
// in WAL mode ("shop"), and a command's output ("ledger", with a command that takes it back), on
// two agents, local.local and local.second.

#pragma once

#include "tests/support/websocketclient.h"
#include "tests/support/wholehub.h"

namespace hubkeep::test {

inline QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

class SampleHub : public WholeHub
{
public:
    SampleHub();
    ~SampleHub();

    QString path(const QString &name) const { return folder() + u'/' + name; }
    void write(const QString &name, const QByteArray &content) const;
    QByteArray read(const QString &name) const; // empty: there is none

    // On the live database; the first value that it gives.
    QString sql(const char *statement) const;

    // While it is held, neither a backup nor a restore gets beyond the ledger.
    void hold();
    void release();

    // Makes a backup of everything and waits for it; its id.
    QString backUp(const QJsonObject &body = {});
    QJsonArray backups();
    QJsonObject status() { return get(text("/api/v1/backup/status")).json(); }
    // Asks for a restore and waits for its end: its last status.
    QJsonObject restore(QJsonObject body);

private:
    int m_gate = -1;
};

} // namespace hubkeep::test
