// Text that wraps, as nearly all text here.
import QtQuick
import QtQuick.Controls
import HubKeep

Label {
    property bool quiet: false

    color: quiet ? Theme.quiet : Theme.text
    font.pixelSize: Theme.textSize
    wrapMode: Text.Wrap
    textFormat: Text.PlainText // names come from people and from other computers
}
