#include "app/cli/jsonlists.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>

namespace hubkeep::cli {

JsonLists::JsonLists(const Context &context, std::initializer_list<const char *> keys)
    : m_context(context)
{
    for (const char *key : keys)
        m_lists.push_back({ key, true, {} });
}

void JsonLists::begin()
{
    if (!m_begun)
        m_context.printJsonPart(QByteArray("{\"") + m_lists.front().key + "\":[");
    m_begun = true;
}

Result<void> JsonLists::add(size_t index, const QJsonObject &row)
{
    if (!m_context.json)
        return {};
    List &list = m_lists[index];
    QByteArray text = QJsonDocument(row).toJson(QJsonDocument::Compact);
    if (!list.isEmpty)
        text.prepend(',');
    list.isEmpty = false;
    if (index == 0) {
        begin();
        m_context.printJsonPart(text);
        return {};
    }
    if (!list.spool) {
        Result<backup::SpoolFile> spool
            = backup::SpoolFile::create(QFile::encodeName(QDir::tempPath()));
        if (!spool)
            return spool.error();
        list.spool = std::move(*spool);
    }
    return list.spool->append(text);
}

Result<void> JsonLists::printSpool(List &list)
{
    Result<void> done = list.spool->flush();
    std::vector<char> part(256 * 1024);
    for (qint64 at = 0; done && at < list.spool->size(); at += qint64(part.size())) {
        part.resize(size_t(std::min(qint64(part.size()), list.spool->size() - at)));
        done = list.spool->readBack(part, at);
        if (done)
            m_context.printJsonPart(QByteArray::fromRawData(part.data(), qsizetype(part.size())));
    }
    return done;
}

Result<void> JsonLists::close()
{
    if (!m_context.json)
        return {};
    begin();
    Result<void> done;
    for (List &list : m_lists) {
        if (&list != &m_lists.front())
            m_context.printJsonPart(QByteArray("],\"") + list.key + "\":[");
        if (done && list.spool)
            done = printSpool(list);
    }
    m_context.printJsonPart("]");
    return done;
}

int JsonLists::fail(const Error &error)
{
    // A second error would say no more.
    [[maybe_unused]] const Result<void> closed = m_begun ? close() : Result<void>();
    return m_context.fail(error);
}

} // namespace hubkeep::cli
