#include "integrations/notify/notifiertypes.h"

#include "integrations/notify/apprisenotifier.h"
#include "integrations/notify/desktopnotifier.h"
#include "integrations/notify/ntfynotifier.h"
#include "integrations/notify/webhooknotifier.h"

namespace hubkeep::notify {

Result<std::unique_ptr<Notifier>> makeNotifier(
    const NotifierConfig &config, HttpClient &client, Hub &hub)
{
    const QVariantMap &options = config.options;
    if (config.type == u"ntfy")
        return NtfyNotifier::make(client, options);
    if (config.type == u"webhook")
        return WebhookNotifier::make(client, hub, options);
    if (config.type == u"desktop")
        return std::unique_ptr<Notifier>(std::make_unique<DesktopNotifier>(options));
    if (config.type == u"apprise") {
        const bool hasUrl = !options.value(QStringLiteral("url")).toString().isEmpty();
        const bool hasConfig = !options.value(QStringLiteral("config")).toString().isEmpty();
        if (hasUrl == hasConfig)
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("url: needs either that or 'config'") };
        return std::unique_ptr<Notifier>(std::make_unique<AppriseNotifier>(options));
    }
    return Error { ErrorCode::InvalidArgument,
        QStringLiteral("type: there is no kind of notifier '%1'").arg(config.type) };
}

} // namespace hubkeep::notify
