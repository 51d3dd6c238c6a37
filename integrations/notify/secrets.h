// What of a notifier nobody must read in a log, an error or an answer of the API.
//
//     const Secrets secrets = Secrets::of(config);
//     qCWarning(notifyLog) << secrets.redacted(attempt.why);
//
// Plain values; any thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/notify/notifier.h"

#include <optional>

namespace hubkeep::notify {

class Secrets
{
public:
    // Tokens, passwords, headers, all of an address but its host, and what came by !secret; each
    // also in the forms in which it travels.
    static Secrets of(const NotifierConfig &config);

    // text with each secret in it replaced by "***".
    QString redacted(QString text) const;

private:
    QStringList m_secrets; // the longest first
};

// The options as the API shows them: tokens, passwords and headers as "***"; addresses without
// user, password and query; a webhook's and Apprise's without path as well. An ntfy topic is
// shown, as people need to see which one it is, unless it came by !secret, as anything else then.
QVariantMap masked(const NotifierConfig &config);

// What somebody sends back who was shown masked(): what is null or as it was shown there is what
// known has. InvalidArgument: something is masked and nothing is known.
Result<QVariantMap> unmasked(QVariantMap options, const std::optional<NotifierConfig> &known);

} // namespace hubkeep::notify
