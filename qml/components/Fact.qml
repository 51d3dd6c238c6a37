// A name and a value, one above the other.
import QtQuick
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: fact

    property string name
    property string value
    property color valueColor: Theme.text

    spacing: 2
    Layout.fillHeight: false
    Accessible.role: Accessible.StaticText
    Accessible.name: name + ": " + value

    BodyText {
        text: fact.name
        quiet: true
        font.pixelSize: Theme.smallText
        Layout.fillWidth: true
        Accessible.ignored: true
    }
    BodyText {
        text: fact.value
        color: fact.valueColor
        Layout.fillWidth: true
        Accessible.ignored: true
    }
}
