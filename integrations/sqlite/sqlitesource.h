// One SQLite database, live. Fails where the file is no database.

#pragma once

#include "integrations/backup/backupsource.h"

namespace hubkeep::sqlite {

class SqliteSource final : public backup::BackupSource
{
public:
    // path is absolute.
    SqliteSource(QString name, QByteArray path)
        : m_name(std::move(name))
        , m_path(std::move(path))
    {
    }

    QString name() const override { return m_name; }
    QString type() const override { return QStringLiteral("sqlite"); }
    QByteArray path() const override { return m_path; }
    Result<std::unique_ptr<backup::SourceReader>> open(
        const backup::SourceContext &context) const override;

private:
    const QString m_name;
    const QByteArray m_path;
};

} // namespace hubkeep::sqlite
