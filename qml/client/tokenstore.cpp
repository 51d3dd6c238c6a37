#include "qml/client/tokenstore.h"

#include <qt6keychain/keychain.h>

#include <utility>

namespace hubkeep::desktop {

namespace {

const QString service = QStringLiteral("hubkeep-desktop");

} // namespace

TokenStore::TokenStore(bool withKeyring, QObject *parent)
    : QObject(parent)
    , m_withKeyring(withKeyring)
    , m_available(withKeyring)
{
}

void TokenStore::read(
    const QString &account, const QObject *context, std::function<void(const QString &)> then)
{
    const auto kept = m_memory.constFind(account);
    if (kept != m_memory.cend() || !m_withKeyring) {
        const QString token = kept == m_memory.cend() ? QString() : *kept;
        QMetaObject::invokeMethod(
            const_cast<QObject *>(context), [token, then] { then(token); }, Qt::QueuedConnection);
        return;
    }
    auto *job = new QKeychain::ReadPasswordJob(service, this); // deletes itself
    job->setInsecureFallback(false);
    job->setKey(account);
    connect(job, &QKeychain::Job::finished, context, [this, job, account, then = std::move(then)] {
        if (job->error() == QKeychain::NoError)
            m_memory[account] = job->textData();
        else if (job->error() != QKeychain::EntryNotFound)
            miss();
        then(m_memory.value(account));
    });
    job->start();
}

void TokenStore::write(const QString &account, const QString &token)
{
    m_memory[account] = token;
    if (!m_withKeyring)
        return;
    auto *job = new QKeychain::WritePasswordJob(service, this);
    job->setInsecureFallback(false);
    job->setKey(account);
    job->setTextData(token);
    connect(job, &QKeychain::Job::finished, this, [this, job] {
        if (job->error() != QKeychain::NoError)
            miss();
    });
    job->start();
}

void TokenStore::remove(const QString &account)
{
    m_memory.remove(account);
    if (!m_withKeyring)
        return;
    auto *job = new QKeychain::DeletePasswordJob(service, this);
    job->setInsecureFallback(false);
    job->setKey(account);
    job->start();
}

void TokenStore::miss()
{
    if (std::exchange(m_available, false))
        emit availableChanged();
}

} // namespace hubkeep::desktop
