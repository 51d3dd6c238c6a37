// The hubs that the window knows: this machine's, and those that somebody signed in to.
//
// Addresses and confirmed certificates are kept in the settings, sign-ins in the keyring. Rows are
// hubs in the order in which they were added, this machine's first. GUI thread.

#pragma once

#include "qml/client/hubconnection.h"
#include "qml/client/tokenstore.h"

#include <QAbstractListModel>
#include <QSettings>
#include <QTimer>
#include <QtQmlIntegration>

#include <memory>
#include <vector>

namespace hubkeep::desktop {

class Hubs : public QAbstractListModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("The program has one.")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    // The one that the pages show; null where there is none.
    Q_PROPERTY(hubkeep::desktop::HubConnection *current READ current NOTIFY currentChanged)
    Q_PROPERTY(int currentIndex READ currentIndex WRITE setCurrentIndex NOTIFY currentChanged)
    // Sign-ins outlive the program.
    Q_PROPERTY(bool keyringAvailable READ isKeyringAvailable NOTIFY keyringChanged)
    // A hub of this machine was started by us and is not ready yet.
    Q_PROPERTY(bool starting READ isStarting NOTIFY startingChanged)

public:
    enum Role { HubRole = Qt::UserRole, NameRole, UrlRole, LocalRole };

    struct Options
    {
        QString settingsFile {}; // empty: the user's
        bool withKeyring = true;
        bool withLocalHub = true;
    };

    explicit Hubs(Options options, QObject *parent = nullptr);
    ~Hubs() override;

    // Finds this machine's hub and signs in to all others.
    void open();
    // A hub for this run only, which is not remembered: --url and --token.
    void openOnly(const HubAddress &hub);

    int count() const { return int(m_hubs.size()); }
    HubConnection *current() const;
    int currentIndex() const { return m_current; }
    void setCurrentIndex(int index);
    bool isKeyringAvailable() const { return m_tokens.isAvailable(); }
    bool isStarting() const { return m_startTimer.isActive(); }

    // Signs in and remembers the hub; signedIn() or signInFailed() follows. fingerprint: of a
    // certificate that the person has confirmed, or empty.
    Q_INVOKABLE void signIn(const QString &url, const QString &user, const QString &password,
        const QString &fingerprint = {});
    // The same with a long-lived token.
    Q_INVOKABLE void signInWithToken(
        const QString &url, const QString &token, const QString &fingerprint = {});
    // Forgets a hub and its sign-in; nothing changes on the hub itself.
    Q_INVOKABLE void forget(int index);
    // Starts this machine's hub; startFailed() says why it can't.
    Q_INVOKABLE void startLocal();

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();
    void currentChanged();
    void keyringChanged();
    void startingChanged();
    void signedIn();
    // fingerprint: of a certificate to be confirmed; empty where that is not the reason.
    void signInFailed(const QString &message, const QString &fingerprint);
    void startFailed(const QString &message);

private:
    struct Entry
    {
        std::unique_ptr<HubConnection> hub;
        bool local = false;
        bool remembered = true;
    };

    HubConnection *add(const HubAddress &address, const QString &name, bool local, bool remembered);
    void keep(const HubAddress &address);
    void save();
    void followLocal();
    bool findLocal();

    const Options m_options;
    std::unique_ptr<QSettings> m_settings;
    TokenStore m_tokens;
    std::vector<Entry> m_hubs;
    int m_current = -1;
    QTimer m_startTimer; // looks for the hub that was started
    int m_startTries = 0;
    ApiClient m_signIn;
};

} // namespace hubkeep::desktop
