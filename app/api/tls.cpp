#include "app/api/tls.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

#include <memory>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace hubkeep::api {

namespace {

Result<QByteArray> readPem(const QString &path, const QString &what)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Reading the %1 %2: %3").arg(what, path, file.errorString()) };
    return file.read(1024 * 1024);
}

QSslKey parseKey(const QByteArray &pem)
{
    for (const QSsl::KeyAlgorithm algorithm : { QSsl::Rsa, QSsl::Ec }) {
        const QSslKey key(pem, algorithm, QSsl::Pem);
        if (!key.isNull())
            return key;
    }
    return {};
}

// Qt does not look, and every handshake would fail later.
bool belongTogether(const QByteArray &certificatePem, const QByteArray &keyPem)
{
    const auto bio = [](const QByteArray &pem) {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(
            BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size())), BIO_free);
    };
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bio(certificatePem).get(), nullptr, nullptr, nullptr), X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(bio(keyPem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

} // namespace

Result<QSslConfiguration> loadTls(const QString &certificatePath, const QString &keyPath)
{
    if (!QSslSocket::supportsSsl())
        return Error { ErrorCode::Unavailable, QStringLiteral("Qt finds no OpenSSL for TLS") };
    const Result<QByteArray> certificatePem
        = readPem(certificatePath, QStringLiteral("certificate"));
    if (!certificatePem)
        return certificatePem.error();
    const Result<QByteArray> keyPem = readPem(keyPath, QStringLiteral("key"));
    if (!keyPem)
        return keyPem.error();
    const QList<QSslCertificate> chain = QSslCertificate::fromData(*certificatePem, QSsl::Pem);
    if (chain.isEmpty())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The certificate %1 is not in PEM form").arg(certificatePath) };
    const QSslKey key = parseKey(*keyPem);
    if (key.isNull())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The key %1 is not an unencrypted RSA or EC key in PEM form")
                .arg(keyPath) };
    if (!belongTogether(*certificatePem, *keyPem))
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The key %1 does not belong to the certificate %2")
                .arg(keyPath, certificatePath) };
    if (chain.first().expiryDate() < QDateTime::currentDateTimeUtc())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("The certificate %1 expired on %2; renew it")
                .arg(certificatePath, chain.first().expiryDate().toString(Qt::ISODate)) };

    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // clients show a token
    configuration.setLocalCertificateChain(chain);
    configuration.setPrivateKey(key);
    return configuration;
}

} // namespace hubkeep::api
