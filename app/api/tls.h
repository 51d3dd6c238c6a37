// The server's certificate and key, from two PEM files.

#pragma once

#include "automation/core/result.h"

#include <QSslConfiguration>

namespace hubkeep::api {

// TLS 1.2 and newer. The certificate's chain may follow it in its file. InvalidArgument says
// which file cannot be used, and why: no PEM, expired, or a key that is not the certificate's.
Result<QSslConfiguration> loadTls(const QString &certificatePath, const QString &keyPath);

} // namespace hubkeep::api
