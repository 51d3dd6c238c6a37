// One of a few that exclude each other.
import QtQuick
import QtQuick.Controls
import HubKeep

RadioButton {
    id: choose

    leftPadding: 0
    font.pixelSize: Theme.textSize
    Accessible.name: text

    indicator: Rectangle {
        implicitWidth: 20
        implicitHeight: 20
        x: choose.leftPadding
        y: (choose.height - height) / 2
        radius: 10
        color: Theme.field
        border.width: choose.visualFocus ? 2 : 1
        border.color: choose.visualFocus ? Theme.accent : Theme.edge
        Rectangle {
            anchors.centerIn: parent
            visible: choose.checked
            width: 10
            height: 10
            radius: 5
            color: Theme.accent
        }
    }
    contentItem: Text {
        leftPadding: choose.indicator.width + Theme.gap
        text: choose.text
        font: choose.font
        color: Theme.text
        verticalAlignment: Text.AlignVCenter
        wrapMode: Text.Wrap
    }
}
