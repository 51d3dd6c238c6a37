// Columns of the same width for what wraps: each child takes its width from columnWidth. (A GridLayout asks for
// heights before it knows the widths.)
import QtQuick
import HubKeep

Grid {
    id: grid

    readonly property real columnWidth: Math.max(0, (width - (columns - 1) * columnSpacing) / columns)

    columnSpacing: Theme.wide
    rowSpacing: Theme.space
}
