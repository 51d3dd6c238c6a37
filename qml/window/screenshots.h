// Pictures of every page, for the README and for whoever looks at what changed.

#pragma once

#include <QString>

class QQuickWindow;

namespace hubkeep::desktop {

class Hubs;

// Shows the window, waits for the hub and for each page to come to rest, and writes
// <folder>/<page>.png. The program's exit status: 1 where the hub was not reached or a picture
// could not be written, with a sentence on standard error.
int takeScreenshots(QQuickWindow &window, const Hubs &hubs, const QString &folder);

} // namespace hubkeep::desktop
