// What `hubkeep-desktop --self-test` does: every QML file is compiled, and the window made once
// without a hub.
//
// GUI thread, before the event loop.

#pragma once

class QQmlEngine;

namespace hubkeep::desktop {

// Prints each warning and error to standard error; the program's exit status: 0, or 1 where there
// was any.
int runSelfTest(QQmlEngine &engine);

} // namespace hubkeep::desktop
