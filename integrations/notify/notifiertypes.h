// The kinds of notifiers there are, and how one is made of what people wrote.
//
// Main thread.

#pragma once

#include "automation/core/result.h"
#include "integrations/notify/notifier.h"

#include <memory>

namespace hubkeep {
class Hub;
}

namespace hubkeep::notify {

class HttpClient;

// InvalidArgument names what is wrong. All outlive the notifier.
Result<std::unique_ptr<Notifier>> makeNotifier(
    const NotifierConfig &config, HttpClient &client, Hub &hub);

} // namespace hubkeep::notify
