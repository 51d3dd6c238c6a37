// A button; primary for the one thing that a page is about, dangerous for what cannot be undone.
import QtQuick
import QtQuick.Controls
import HubKeep

Button {
    id: button

    property bool primary: false
    property bool dangerous: false
    // Without an edge, for tools beside a heading.
    property bool plain: false

    readonly property color ink: !enabled ? Theme.quiet
        : primary ? Theme.accentInk
        : dangerous ? Theme.danger : plain ? Theme.accent : Theme.text

    implicitHeight: Theme.control
    leftPadding: Theme.space
    rightPadding: Theme.space
    font.pixelSize: Theme.textSize
    opacity: enabled ? 1 : 0.6
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Text {
        text: button.text
        font: button.font
        color: button.ink
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
    }

    background: Rectangle {
        radius: Theme.radius / 2
        color: button.primary ? (button.down || button.hovered ? Qt.darker(Theme.accent, 1.1) : Theme.accent)
            : button.down || button.hovered ? Theme.hover : button.plain ? "transparent" : Theme.card
        border.width: button.visualFocus ? 2 : button.primary || button.plain ? 0 : 1
        border.color: button.visualFocus ? (button.primary ? Theme.text : Theme.accent)
            : button.dangerous ? Theme.danger : Theme.edge
    }
}
