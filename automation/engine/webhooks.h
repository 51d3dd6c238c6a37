// The addresses that webhook triggers listen at: POST /api/webhook/<id>.
//
// Main thread.

#pragma once

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>

namespace hubkeep::automation {

struct WebhookCall
{
    QString id;
    QString method; // "POST"
    bool isLocal = true; // from this network
    QByteArray contentType;
    QByteArray body;
    QHash<QString, QString> query;
    QHash<QString, QString> headers {}; // names in lower case; none that lets somebody in
};

class Webhooks
{
public:
    struct Options
    {
        QStringList methods { QStringLiteral("POST"), QStringLiteral("PUT") };
        bool localOnly = true;
    };
    using Handler = std::function<void(const WebhookCall &call)>;
    enum class Answer { Taken, Unknown, MethodNotAllowed, NotLocal };

    // Owning one keeps the handler registered. Several may share an id.
    class [[nodiscard]] Registration
    {
    public:
        Registration() = default;

    private:
        friend class Webhooks;
        std::shared_ptr<void> m_entry;
    };

    Registration add(const QString &id, Options options, Handler handler);
    Answer call(const WebhookCall &call) const;

private:
    struct Entry;
    mutable QHash<QString, QList<std::weak_ptr<const Entry>>> m_entries;
};

} // namespace hubkeep::automation
