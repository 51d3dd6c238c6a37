// The standard output of a command, as one file: pg_dump, mariadb-dump, ldapsearch.
//
// The command runs without a shell, in a process group of its own that is ended when
// the job is cancelled. Its output is streamed; an exit status other than 0 fails
// the source, with what the command said on standard error.

#pragma once

#include "integrations/backup/backupsource.h"

#include <QStringList>

namespace hubkeep::command {

struct CommandConfig
{
    QString name;
    QStringList dump; // program and arguments
    QByteArray file; // name in the backup: "ledger.dump"
};

class CommandSource final : public backup::BackupSource
{
public:
    explicit CommandSource(CommandConfig config)
        : m_config(std::move(config))
    {
    }

    QString name() const override { return m_config.name; }
    QString type() const override { return QStringLiteral("command"); }
    QByteArray path() const override { return {}; }
    Result<std::unique_ptr<backup::SourceReader>> open(
        const backup::SourceContext &context) const override;

private:
    const CommandConfig m_config;
};

} // namespace hubkeep::command
