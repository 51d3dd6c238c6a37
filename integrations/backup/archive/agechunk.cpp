#include "integrations/backup/archive/agechunk.h"

#include <openssl/evp.h>

namespace hubkeep::backup {
namespace {

constexpr size_t nonceSize = 12;
using Nonce = std::array<uint8_t, nonceSize>;

// Fetched once: OpenSSL 3 otherwise looks the algorithm up at each use.
const EVP_CIPHER *algorithm()
{
    static EVP_CIPHER *const cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
    return cipher;
}

Nonce nonceOf(quint64 index, bool isLast)
{
    Nonce nonce {};
    for (size_t i = 0; i < sizeof index; ++i)
        nonce[nonceSize - 2 - i] = uint8_t(index >> (8 * i));
    nonce[nonceSize - 1] = isLast ? 1 : 0;
    return nonce;
}

uint8_t *unsignedOf(char *bytes)
{
    return reinterpret_cast<uint8_t *>(bytes);
}

} // namespace

void ChunkCipher::Free::operator()(evp_cipher_ctx_st *context) const
{
    EVP_CIPHER_CTX_free(context);
}

ChunkCipher::ChunkCipher(const SecretBytes<32> &payloadKey)
    : m_key(payloadKey)
    , m_context(EVP_CIPHER_CTX_new())
{
}

ChunkCipher::~ChunkCipher() = default;

bool ChunkCipher::seal(std::span<char> bytes, quint64 index, bool isLast)
{
    EVP_CIPHER_CTX *const context = m_context.get();
    const Nonce nonce = nonceOf(index, isLast);
    uint8_t *const data = unsignedOf(bytes.data());
    const int size = int(bytes.size() - ageTagSize);
    int done = 0;
    return EVP_EncryptInit_ex(context, algorithm(), nullptr, m_key.data(), nonce.data()) == 1
        && EVP_EncryptUpdate(context, data, &done, data, size) == 1
        && EVP_EncryptFinal_ex(context, data + done, &done) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int(ageTagSize), data + size) == 1;
}

bool ChunkCipher::open(
    std::span<const char> sealed, std::span<char> plain, quint64 index, bool isLast)
{
    EVP_CIPHER_CTX *const context = m_context.get();
    const Nonce nonce = nonceOf(index, isLast);
    const auto *const data = reinterpret_cast<const uint8_t *>(sealed.data());
    const int size = int(sealed.size() - ageTagSize);
    std::array<uint8_t, size_t(ageTagSize)> tag;
    std::copy_n(data + size, ageTagSize, tag.begin());
    uint8_t none[1];
    uint8_t *const target = plain.empty() ? none : unsignedOf(plain.data());
    int done = 0;
    return EVP_DecryptInit_ex(context, algorithm(), nullptr, m_key.data(), nonce.data()) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int(ageTagSize), tag.data()) == 1
        && EVP_DecryptUpdate(context, target, &done, data, size) == 1
        && EVP_DecryptFinal_ex(context, target + done, &done) == 1;
}

} // namespace hubkeep::backup
