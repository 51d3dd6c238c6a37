#include "qml/client/hubs.h"

#include "qml/client/localhub.h"

#include <utility>

namespace hubkeep::desktop {

using namespace std::chrono_literals;

namespace {

const QString group = QStringLiteral("hubs");

// "nas.lan" is what people type; a hub without TLS has to be asked for by name.
QUrl hubUrl(const QString &typed)
{
    const QString text = typed.trimmed();
    QUrl url(text.contains(QStringLiteral("://")) ? text : QStringLiteral("https://") + text,
        QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty()
        || (url.scheme() != u"http" && url.scheme() != u"https"))
        return {};
    if (url.port() < 0)
        url.setPort(8420);
    url.setPath({});
    url.setQuery(QString());
    url.setFragment({});
    url.setUserInfo({});
    return url;
}

} // namespace

Hubs::Hubs(Options options, QObject *parent)
    : QAbstractListModel(parent)
    , m_options(std::move(options))
    , m_settings(m_options.settingsFile.isEmpty()
              ? std::make_unique<QSettings>()
              : std::make_unique<QSettings>(m_options.settingsFile, QSettings::IniFormat))
    , m_tokens(m_options.withKeyring)
{
    connect(&m_tokens, &TokenStore::availableChanged, this, &Hubs::keyringChanged);
    m_startTimer.setInterval(250ms);
    connect(&m_startTimer, &QTimer::timeout, this, [this] {
        if (findLocal() || ++m_startTries > 120) {
            m_startTimer.stop();
            emit startingChanged();
            if (m_startTries > 120)
                emit startFailed(
                    tr("This computer's hub was started but did not become ready within half a "
                       "minute. Its log says why: run hubkeep serve in a terminal."));
        }
    });
}

Hubs::~Hubs() = default;

void Hubs::open()
{
    if (m_options.withLocalHub)
        findLocal();
    const int count = m_settings->beginReadArray(group);
    QList<HubAddress> addresses;
    QStringList names;
    for (int i = 0; i < count; ++i) {
        m_settings->setArrayIndex(i);
        addresses.append({ QUrl(m_settings->value(QStringLiteral("url")).toString()), {},
            m_settings->value(QStringLiteral("fingerprint")).toString() });
        names.append(m_settings->value(QStringLiteral("name")).toString());
    }
    m_settings->endArray();
    for (qsizetype i = 0; i < addresses.size(); ++i) {
        HubConnection *hub
            = add({ addresses[i].url, {}, addresses[i].fingerprint }, names[i], false, true);
        m_tokens.read(addresses[i].url.toString(), hub,
            [hub, address = addresses[i], name = names[i]](const QString &token) mutable {
                address.token = token;
                hub->open(address, name);
            });
    }
    const QString last = m_settings->value(QStringLiteral("current")).toString();
    for (int i = 0; i < this->count(); ++i) {
        if (m_hubs[size_t(i)].hub->url() == last)
            setCurrentIndex(i);
    }
}

void Hubs::openOnly(const HubAddress &hub)
{
    add(hub, hub.url.host(), false, false)->open(hub, hub.url.host());
    setCurrentIndex(count() - 1);
}

HubConnection *Hubs::current() const
{
    return m_current < 0 ? nullptr : m_hubs[size_t(m_current)].hub.get();
}

void Hubs::setCurrentIndex(int index)
{
    if (index == m_current || index < 0 || index >= count())
        return;
    m_current = index;
    if (m_hubs[size_t(index)].remembered)
        m_settings->setValue(QStringLiteral("current"), current()->url());
    emit currentChanged();
}

HubConnection *Hubs::add(
    const HubAddress &address, const QString &name, bool local, bool remembered)
{
    beginInsertRows({}, count(), count());
    Entry entry { std::make_unique<HubConnection>(), local, remembered };
    HubConnection *hub = entry.hub.get();
    hub->client().setHub(address);
    connect(hub, &HubConnection::nameChanged, this, [this, hub] {
        for (int i = 0; i < count(); ++i) {
            if (m_hubs[size_t(i)].hub.get() == hub)
                emit dataChanged(index(i), index(i), { NameRole });
        }
        save();
    });
    Q_UNUSED(name);
    m_hubs.push_back(std::move(entry));
    endInsertRows();
    emit countChanged();
    if (m_current < 0)
        setCurrentIndex(0);
    return hub;
}

// A local hub's token is new at each of its starts, so it is looked up again whenever the hub is
// not there.
bool Hubs::findLocal()
{
    const std::optional<HubAddress> found = findLocalHub();
    if (!found)
        return false;
    for (const Entry &entry : m_hubs) {
        if (entry.local) {
            entry.hub->open(*found, entry.hub->name());
            return true;
        }
    }
    HubConnection *hub = add(*found, tr("This computer"), true, false);
    connect(hub, &HubConnection::statusChanged, this, &Hubs::followLocal);
    hub->open(*found, tr("This computer"));
    return true;
}

void Hubs::followLocal()
{
    for (const Entry &entry : m_hubs) {
        if (!entry.local
            || (entry.hub->status() != HubConnection::Offline
                && entry.hub->status() != HubConnection::Unauthorized))
            continue;
        const std::optional<HubAddress> found = findLocalHub();
        if (found && *found != entry.hub->address())
            QMetaObject::invokeMethod(
                entry.hub.get(),
                [hub = entry.hub.get(), address = *found] { hub->open(address, hub->name()); },
                Qt::QueuedConnection);
    }
}

void Hubs::startLocal()
{
    if (isStarting() || findLocal())
        return;
    if (const QString problem = startLocalHub(); !problem.isEmpty()) {
        emit startFailed(problem);
        return;
    }
    m_startTries = 0;
    m_startTimer.start();
    emit startingChanged();
}

void Hubs::signIn(
    const QString &url, const QString &user, const QString &password, const QString &fingerprint)
{
    HubAddress address { hubUrl(url), {}, fingerprint };
    if (address.url.isEmpty()) {
        emit signInFailed(tr("\"%1\" is no address of a hub. It looks like https://nas.lan:8420")
                              .arg(url.trimmed()),
            {});
        return;
    }
    m_signIn.setHub(address);
    m_signIn.send("POST", QStringLiteral("/api/v1/auth/login"),
        QJsonObject {
            { QStringLiteral("username"), user }, { QStringLiteral("password"), password } },
        this, [this, address](const ApiAnswer &answer) mutable {
            if (answer.error) {
                emit signInFailed(answer.error->message, answer.error->fingerprint);
                return;
            }
            address.token = answer.body[u"token"].toString();
            keep(address);
        });
}

void Hubs::signInWithToken(const QString &url, const QString &token, const QString &fingerprint)
{
    const HubAddress address { hubUrl(url), token.trimmed(), fingerprint };
    if (address.url.isEmpty()) {
        emit signInFailed(tr("\"%1\" is no address of a hub. It looks like https://nas.lan:8420")
                              .arg(url.trimmed()),
            {});
        return;
    }
    m_signIn.setHub(address);
    m_signIn.get(
        QStringLiteral("/api/v1/backup/status"), this, [this, address](const ApiAnswer &answer) {
            if (answer.error)
                emit signInFailed(answer.error->message, answer.error->fingerprint);
            else
                keep(address);
        });
}

void Hubs::keep(const HubAddress &address)
{
    m_tokens.write(address.url.toString(), address.token);
    int index = -1;
    for (int i = 0; i < count(); ++i) {
        if (!m_hubs[size_t(i)].local && m_hubs[size_t(i)].hub->url() == address.url.toString())
            index = i;
    }
    HubConnection *hub = index < 0 ? add(address, address.url.host(), false, true)
                                   : m_hubs[size_t(index)].hub.get();
    hub->open(address, address.url.host());
    setCurrentIndex(index < 0 ? count() - 1 : index);
    save();
    emit signedIn();
}

void Hubs::forget(int index)
{
    if (index < 0 || index >= count())
        return;
    const QString url = m_hubs[size_t(index)].hub->url();
    beginRemoveRows({}, index, index);
    Entry gone = std::move(m_hubs[size_t(index)]);
    m_hubs.erase(m_hubs.begin() + index);
    endRemoveRows();
    if (!gone.local)
        m_tokens.remove(url);
    m_current = m_hubs.empty()
        ? -1
        : std::min(m_current > index ? m_current - 1 : m_current, count() - 1);
    save();
    emit countChanged();
    emit currentChanged();
    gone.hub.release()->deleteLater(); // pages let go of it first
}

void Hubs::save()
{
    m_settings->beginWriteArray(group);
    int row = 0;
    for (const Entry &entry : m_hubs) {
        if (!entry.remembered)
            continue;
        m_settings->setArrayIndex(row++);
        m_settings->setValue(QStringLiteral("url"), entry.hub->url());
        m_settings->setValue(QStringLiteral("name"), entry.hub->name());
        m_settings->setValue(QStringLiteral("fingerprint"), entry.hub->address().fingerprint);
    }
    m_settings->endArray();
    m_settings->setValue(group + QStringLiteral("/size"), row);
}

int Hubs::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant Hubs::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Entry &entry = m_hubs[size_t(index.row())];
    switch (role) {
    case HubRole:
        return QVariant::fromValue(entry.hub.get());
    case Qt::DisplayRole:
    case NameRole:
        return entry.hub->name();
    case UrlRole:
        return entry.hub->url();
    case LocalRole:
        return entry.local;
    }
    return {};
}

QHash<int, QByteArray> Hubs::roleNames() const
{
    return { { HubRole, "hub" }, { NameRole, "name" }, { UrlRole, "url" }, { LocalRole, "local" } };
}

} // namespace hubkeep::desktop
