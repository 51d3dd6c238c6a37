#include "app/api/jsonspool.h"

#include <QFile>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace hubkeep::api {

JsonSpool::JsonSpool(QString folder)
    : JsonSpool(std::move(folder), mostAtAll, mostInMemory)
{
}

JsonSpool::JsonSpool(QString folder, qint64 most, qint64 inMemory)
    : m_folder(std::move(folder))
    , m_most(most)
    , m_inMemory(inMemory)
{
}

void JsonSpool::write(QByteArrayView bytes)
{
    if (m_error)
        return;
    m_buffer.append(bytes);
    if (size() > m_most)
        m_error = Error { ErrorCode::TooLarge,
            QStringLiteral("The answer would be larger than %1 MB; ask for a shorter time or for "
                           "fewer entities")
                .arg(m_most / 1024 / 1024) };
    else if (m_buffer.size() > m_inMemory)
        spill();
}

void JsonSpool::writeText(QStringView text)
{
    static constexpr char digits[] = "0123456789abcdef";
    QByteArray quoted("\"");
    for (const char c : text.toUtf8()) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            quoted.append('\\').append(c);
        else if (byte < 0x20)
            quoted.append("\\u00").append(digits[byte >> 4]).append(digits[byte & 15]);
        else
            quoted.append(c);
    }
    write(quoted.append('"'));
}

void JsonSpool::spill()
{
    if (!m_file.isOpen()) {
        QByteArray name = QFile::encodeName(m_folder) + "/answer-XXXXXX";
        m_file = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
        if (!m_file.isOpen()) {
            m_error = systemError(errno).in(
                QStringLiteral("Preparing a large answer in %1").arg(m_folder));
            return;
        }
        ::unlink(name.constData());
    }
    const Result<void> written = writeAt(m_file.get(), spanOf(m_buffer), m_spilled);
    if (!written) {
        m_error
            = written.error().in(QStringLiteral("Preparing a large answer in %1").arg(m_folder));
        return;
    }
    m_spilled += m_buffer.size();
    m_buffer.clear();
}

Result<std::shared_ptr<Spooled>> JsonSpool::finish()
{
    if (!m_error && m_file.isOpen() && !m_buffer.isEmpty())
        spill();
    if (m_error)
        return *m_error;
    auto spooled = std::make_shared<Spooled>();
    spooled->size = size();
    spooled->bytes = std::move(m_buffer);
    spooled->file = std::move(m_file);
    return spooled;
}

} // namespace hubkeep::api
