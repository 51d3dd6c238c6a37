#include "integrations/sqlite/sqlitesource.h"

namespace hubkeep::sqlite {

using namespace hubkeep::backup;

Result<std::unique_ptr<SourceReader>> SqliteSource::open(const SourceContext &) const
{
    Result<SourceItem> item = fileItem(m_path);
    if (!item)
        return item.error().in(QStringLiteral("Opening the database %1").arg(displayName(m_path)));
    item->mustBeDatabase = true;
    return std::unique_ptr<SourceReader>(new OneItemReader(std::move(*item)));
}

} // namespace hubkeep::sqlite
