// One line to type in, with its name above it and what is wrong with it below.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: input

    property string label
    property string problem
    property alias text: field.text
    property alias placeholder: field.placeholderText
    property alias echoMode: field.echoMode
    property alias field: field
    signal accepted

    spacing: Theme.small
    Layout.fillHeight: false

    BodyText {
        visible: input.label !== ""
        text: input.label
        Layout.fillWidth: true
    }
    TextField {
        id: field
        Layout.fillWidth: true
        implicitHeight: Theme.control
        color: Theme.text
        placeholderTextColor: Theme.quiet
        selectionColor: Theme.accent
        selectedTextColor: Theme.accentInk
        font.pixelSize: Theme.textSize
        selectByMouse: true
        Accessible.name: input.label !== "" ? input.label : placeholderText
        Accessible.description: input.problem
        onAccepted: input.accepted()
        background: Rectangle {
            color: Theme.field
            radius: Theme.radius / 2
            border.width: field.activeFocus ? 2 : 1
            border.color: input.problem !== "" ? Theme.danger : field.activeFocus ? Theme.accent : Theme.edge
        }
    }
    BodyText {
        visible: input.problem !== ""
        text: input.problem
        color: Theme.danger
        font.pixelSize: Theme.smallText
        Layout.fillWidth: true
    }
}
