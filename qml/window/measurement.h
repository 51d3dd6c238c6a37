// How fast the window is, for ./dev bench: hubkeep-desktop --measure.

#pragma once

class QQuickWindow;

namespace hubkeep::desktop {

class Hubs;

// Prints "shown" when the first frame is on the screen; then goes through every page and scrolls
// the list of backups a row a frame, and prints a line of JSON: {"frames", "median_ms", "p99_ms",
// "max_ms", "longest_page_ms", "resident_kb"}. Frames are from the change to the swap, without
// waiting for a screen. The program's exit status.
int measure(QQuickWindow &window, const Hubs &hubs);

} // namespace hubkeep::desktop
