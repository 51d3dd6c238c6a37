// Any bytes at all as an age file, armoured or not, and as keys. What must not happen is what
// sanitizers see, and that anything comes out that was not encrypted to us.

#include "integrations/backup/archive/agefile.h"
#include "integrations/backup/archive/ageheader.h"
#include "integrations/backup/archive/agestream.h"
#include "integrations/backup/archive/bech32.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace hubkeep;
using namespace hubkeep::backup;

namespace {

// The seeds are encrypted to it. It opens nothing else.
constexpr char identityText[]
    = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG";

class Bytes : public ByteSource
{
public:
    explicit Bytes(const QByteArray &bytes)
        : m_bytes(bytes)
    {
    }
    qint64 size() const override { return m_bytes.size(); }
    Result<void> read(std::span<char> buffer, qint64 offset) const override
    {
        if (offset < 0 || offset > m_bytes.size() || qint64(buffer.size()) > size() - offset)
            return Error { ErrorCode::Corrupt, QStringLiteral("The file ends too early") };
        std::memcpy(buffer.data(), m_bytes.constData() + offset, buffer.size());
        return {};
    }

private:
    const QByteArray m_bytes;
};

ByteReader readerFrom(const QByteArray &bytes)
{
    return [bytes, at = qsizetype(0)](std::span<char> buffer) mutable -> Result<qsizetype> {
        const qsizetype count = std::min(qsizetype(buffer.size()), bytes.size() - at);
        std::memcpy(buffer.data(), bytes.constData() + at, size_t(count));
        at += count;
        return count;
    };
}

void checkHeader(const QByteArray &bytes)
{
    BufferedInput input(readerFrom(bytes));
    const Result<AgeHeader> header = readAgeHeader(input);
    // What is read was written in the one way there is.
    const qsizetype code = header ? header->authenticated.size() : 0;
    if (header && writeAgeHeader(header->stanzas, {}).left(code) != header->authenticated)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    WorkerPool pool(1); // anew: LeakSanitizer does not see what OpenSSL keeps for each thread
    static const AgeKeys keys { { *AgeIdentity::parse(identityText) } };
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    JobControl control;
    qsizetype released = 0;
    const ByteWriter count = [&](std::span<const char> part) {
        released += qsizetype(part.size());
        return Result<void>();
    };
    for (const AgeFormat format : { AgeFormat::Either, AgeFormat::Binary, AgeFormat::Armoured }) {
        const Result<void> done = decryptAge(readerFrom(bytes), count, keys, pool, control, format);
        if (done && released > 100)
            std::abort();
    }
    const Result<std::unique_ptr<AgeFile>> file
        = AgeFile::open(std::make_unique<Bytes>(bytes), keys);
    if (file) {
        std::vector<char> content(size_t((*file)->size()));
        const Result<void> read = (*file)->read(content, 0);
    }
    checkHeader(bytes);
    const Result<AgeRecipient> recipient = AgeRecipient::parse(bytes);
    const std::optional<Bech32> text = decodeBech32(bytes);
    if (text && encodeBech32(text->prefix, text->bytes) != bytes.toLower())
        std::abort();
    return 0;
}
