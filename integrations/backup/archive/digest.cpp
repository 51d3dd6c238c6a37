#include "integrations/backup/archive/digest.h"

#include <openssl/evp.h>

#include <algorithm>

namespace hubkeep::backup {
namespace {

// Fetched once: OpenSSL 3 otherwise looks the algorithm up at each use.
const EVP_MD *sha256Algorithm()
{
    static EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

} // namespace

Digest sha256(std::span<const char> bytes)
{
    Digest digest;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256Algorithm(), nullptr);
    return digest;
}

void FileDigest::Free::operator()(evp_md_ctx_st *context) const
{
    EVP_MD_CTX_free(context);
}

FileDigest::FileDigest() = default;
FileDigest::~FileDigest() = default;
FileDigest::FileDigest(FileDigest &&) noexcept = default;
FileDigest &FileDigest::operator=(FileDigest &&) noexcept = default;

void FileDigest::add(const Digest &chunk)
{
    if (m_count == 0) {
        m_only = chunk;
    } else {
        if (m_count == 1) {
            m_context.reset(EVP_MD_CTX_new());
            EVP_DigestInit_ex(m_context.get(), sha256Algorithm(), nullptr);
            EVP_DigestUpdate(m_context.get(), m_only.data(), m_only.size());
        }
        EVP_DigestUpdate(m_context.get(), chunk.data(), chunk.size());
    }
    ++m_count;
}

Digest FileDigest::finish()
{
    if (m_count == 0)
        return sha256({});
    if (m_count == 1)
        return m_only;
    Digest digest;
    EVP_DigestFinal_ex(m_context.get(), digest.data(), nullptr);
    return digest;
}

void StreamDigest::add(std::span<const char> bytes)
{
    while (!bytes.empty()) {
        const qint64 take = std::min<qint64>(qint64(bytes.size()), chunkSize - m_chunk.size());
        m_chunk.append(bytes.data(), take);
        bytes = bytes.subspan(size_t(take));
        if (m_chunk.size() == chunkSize) {
            m_digest.add(sha256({ m_chunk.constData(), size_t(m_chunk.size()) }));
            m_chunk.resize(0);
        }
    }
}

Digest StreamDigest::finish()
{
    if (!m_chunk.isEmpty())
        m_digest.add(sha256({ m_chunk.constData(), size_t(m_chunk.size()) }));
    m_chunk.clear();
    return m_digest.finish();
}

} // namespace hubkeep::backup
