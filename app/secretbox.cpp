#include "app/secretbox.h"

#include <QFile>
#include <QLoggingCategory>
#include <QSaveFile>

#include <sodium.h>

namespace hubkeep {
namespace {

Q_LOGGING_CATEGORY(secretsLog, "hubkeep.secrets")

const QString mark = QStringLiteral("sealed:v1:");

constexpr qsizetype nonceSize = crypto_secretbox_NONCEBYTES;
constexpr qsizetype codeSize = crypto_secretbox_MACBYTES;

unsigned char *bytesOf(QByteArray &bytes)
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

const unsigned char *bytesOf(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

Result<QByteArray> makeKey(const QString &keyFile)
{
    QByteArray key(crypto_secretbox_KEYBYTES, '\0');
    ::randombytes_buf(key.data(), size_t(key.size()));
    QSaveFile file(keyFile);
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        || file.write(key.toHex() + '\n') < 0 || !file.commit())
        return Error {
            ErrorCode::Io,
            QStringLiteral("Keeping a key for secrets in %1: %2").arg(keyFile, file.errorString())
        };
    return key;
}

} // namespace

Result<SecretBox> SecretBox::open(const QString &keyFile)
{
    if (::sodium_init() < 0)
        return Error { ErrorCode::Internal, QStringLiteral("There are no random numbers") };
    QFile file(keyFile);
    if (file.open(QIODevice::ReadOnly)) {
        const QByteArray key = QByteArray::fromHex(file.read(1024).trimmed());
        if (key.size() == qsizetype(crypto_secretbox_KEYBYTES))
            return SecretBox(key);
        file.close();
        const QString aside = keyFile + QStringLiteral(".damaged");
        QFile::remove(aside);
        if (!QFile::rename(keyFile, aside))
            return Error { ErrorCode::Io,
                QStringLiteral("The key in %1 is damaged and cannot be set aside; remove the file")
                    .arg(keyFile) };
        qCCritical(secretsLog).noquote()
            << "The key in" << keyFile << "is damaged and is now" << aside
            << "; the secrets of agents that were added through the API have to be given again";
    } else if (file.exists()) {
        return Error { ErrorCode::Io,
            QStringLiteral("Reading the key in %1: %2; give the hub's user the right to")
                .arg(keyFile, file.errorString()) };
    }
    const Result<QByteArray> key = makeKey(keyFile);
    if (!key)
        return key.error();
    return SecretBox(*key);
}

QString SecretBox::sealed(const QString &plain) const
{
    const QByteArray text = plain.toUtf8();
    QByteArray box(nonceSize + codeSize + text.size(), '\0');
    ::randombytes_buf(box.data(), size_t(nonceSize));
    ::crypto_secretbox_easy(bytesOf(box) + nonceSize, bytesOf(text), size_t(text.size()),
        bytesOf(std::as_const(box)), bytesOf(m_key));
    return mark + QString::fromLatin1(box.toBase64());
}

std::optional<QString> SecretBox::opened(const QString &sealed) const
{
    if (!isSealed(sealed))
        return {};
    const QByteArray box = QByteArray::fromBase64(sealed.mid(mark.size()).toLatin1());
    if (box.size() < nonceSize + codeSize)
        return {};
    QByteArray text(box.size() - nonceSize - codeSize, '\0');
    if (::crypto_secretbox_open_easy(bytesOf(text), bytesOf(box) + nonceSize,
            size_t(box.size() - nonceSize), bytesOf(box), bytesOf(m_key))
        != 0)
        return {};
    return QString::fromUtf8(text);
}

bool SecretBox::isSealed(const QString &text)
{
    return text.startsWith(mark);
}

} // namespace hubkeep
