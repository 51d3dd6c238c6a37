// Saves a form, and says how that went.
import QtQuick
import QtQuick.Layouts
import HubKeep

RowLayout {
    id: row

    required property ApiCall call
    property bool ready: true
    property string hint // what is missing
    signal save

    spacing: Theme.space

    BodyText {
        objectName: "saveState"
        text: row.call.failed ? row.call.message : row.hint !== "" ? row.hint : row.call.answered && !row.call.busy ? qsTr("Saved.") : ""
        color: row.call.failed ? Theme.danger : row.hint !== "" ? Theme.attention : Theme.safe
        horizontalAlignment: Text.AlignRight
        Accessible.role: Accessible.AlertMessage
        Layout.fillWidth: true
    }
    ActionButton {
        objectName: "save"
        text: row.call.busy ? qsTr("Saving …") : qsTr("Save")
        primary: true
        enabled: row.ready && !row.call.busy
        onClicked: row.save()
    }
}
