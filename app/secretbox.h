// Keeps small secrets in state.db so that nobody reads them there, nor in a backup of it.
//
//     Result<SecretBox> box = SecretBox::open(folder.secretsFile());
//     const QString stored = box->sealed(password);
//     … box->opened(stored) …
//
// The key lies beside the database (0600) and is in no backup: a hub that is restored elsewhere
// cannot open what was sealed, and people give it again.
//
// Plain value; any thread.

#pragma once

#include "automation/core/result.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace hubkeep {

class SecretBox
{
public:
    // With the key in that file, which is made where there is none. One that is damaged is set
    // aside.
    static Result<SecretBox> open(const QString &keyFile);

    QString sealed(const QString &plain) const; // another text each time
    std::optional<QString> opened(const QString &sealed) const; // nothing: by another key
    static bool isSealed(const QString &text);

private:
    explicit SecretBox(QByteArray key)
        : m_key(std::move(key))
    {
    }

    QByteArray m_key;
};

} // namespace hubkeep
