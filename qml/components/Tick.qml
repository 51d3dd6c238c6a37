// Yes or no.
import QtQuick
import QtQuick.Controls
import HubKeep

CheckBox {
    id: tick

    leftPadding: 0
    font.pixelSize: Theme.textSize
    Accessible.name: text

    indicator: Rectangle {
        implicitWidth: 20
        implicitHeight: 20
        x: tick.leftPadding
        y: (tick.height - height) / 2
        radius: 4
        color: tick.checked ? Theme.accent : Theme.field
        border.width: tick.visualFocus ? 2 : 1
        border.color: tick.visualFocus ? Theme.text : Theme.edge
        Text {
            anchors.centerIn: parent
            visible: tick.checked
            text: "✓"
            color: Theme.accentInk
            font.weight: Font.Bold
            Accessible.ignored: true
        }
    }
    contentItem: Text {
        leftPadding: tick.indicator.width + Theme.gap
        text: tick.text
        font: tick.font
        color: Theme.text
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.Wrap
    }
}
