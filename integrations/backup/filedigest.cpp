#include "integrations/backup/filedigest.h"

#include "automation/core/filedescriptor.h"

#include <openssl/evp.h>

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <vector>

namespace hubkeep::backup {
namespace {

constexpr size_t pieceSize = 1 << 20;

struct FreeContext
{
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};

} // namespace

Result<QString> fileSha256(const QByteArray &path, JobControl &control)
{
    const FileDescriptor file(::open(path.constData(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.isOpen())
        return systemError(errno).in(QStringLiteral("Reading %1").arg(displayName(path)));
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    std::vector<char> buffer(pieceSize);
    for (qint64 offset = 0;;) {
        if (control.cancelled())
            return JobControl::cancelledError();
        const Result<qsizetype> n = readAt(file.get(), buffer, offset);
        if (!n)
            return n.error().in(QStringLiteral("Reading %1").arg(displayName(path)));
        if (*n == 0)
            break;
        EVP_DigestUpdate(context.get(), buffer.data(), size_t(*n));
        offset += *n;
        control.advance(*n);
    }
    QByteArray digest(32, '\0');
    EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char *>(digest.data()), nullptr);
    return QString::fromLatin1(digest.toHex());
}

Result<void> checkSha256(const QByteArray &path, const QString &expected, JobControl &control)
{
    if (expected.isEmpty())
        return {};
    const Result<QString> digest = fileSha256(path, control);
    if (!digest)
        return digest.error();
    if (*digest == expected)
        return {};
    return Error { ErrorCode::Corrupt,
        QStringLiteral("The file is not the one that was stored: its SHA-256 is %1 and was %2")
            .arg(*digest, expected) };
}

} // namespace hubkeep::backup
