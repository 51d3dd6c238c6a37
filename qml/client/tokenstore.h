// Keeps sign-ins in the system's keyring (Secret Service, KWallet), never in a file of ours.
//
// Where there is no keyring, a sign-in lives as long as the program, and available() is false once
// that is known. GUI thread; callbacks come later, and not after their context is gone.

#pragma once

#include <QHash>
#include <QObject>
#include <QString>

#include <functional>

namespace hubkeep::desktop {

class TokenStore : public QObject
{
    Q_OBJECT
    Q_PROPERTY(bool available READ isAvailable NOTIFY availableChanged)

public:
    // withKeyring: false keeps all in memory, for tests.
    explicit TokenStore(bool withKeyring, QObject *parent = nullptr);

    bool isAvailable() const { return m_available; }

    // token is empty where none is kept.
    void read(const QString &account, const QObject *context,
        std::function<void(const QString &token)> then);
    void write(const QString &account, const QString &token);
    void remove(const QString &account);

signals:
    void availableChanged();

private:
    void miss();

    const bool m_withKeyring;
    bool m_available;
    QHash<QString, QString> m_memory;
};

} // namespace hubkeep::desktop
