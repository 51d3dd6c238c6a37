// One source, agent or notifier, with a button that tries it out.
import QtQuick
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: row

    required property HubConnection hub
    required property string path
    required property string name
    required property string type
    required property string detail
    required property bool fromFile
    signal removalAsked

    spacing: Theme.small

    ApiCall {
        id: trial
        hub: row.hub
    }
    RowLayout {
        spacing: Theme.gap
        Fact {
            name: row.type + (row.fromFile ? qsTr(", from hubkeep.yaml") : "")
            value: row.name + (row.detail !== "" ? " – " + row.detail : "")
            Layout.fillWidth: true
        }
        ActionButton {
            text: trial.busy ? qsTr("Trying …") : qsTr("Try it")
            Accessible.name: qsTr("Try %1").arg(row.name)
            enabled: !trial.busy
            onClicked: trial.post(row.path + "/" + encodeURIComponent(row.name) + "/test")
        }
        ActionButton {
            visible: !row.fromFile
            text: qsTr("Remove …")
            Accessible.name: qsTr("Remove %1").arg(row.name)
            dangerous: true
            onClicked: row.removalAsked()
        }
    }
    BodyText {
        visible: text !== ""
        text: trial.failed ? trial.message : trial.answered ? (trial.result.ok ? qsTr("It works: %1").arg(trial.result.message) : trial.result.message) : ""
        color: trial.failed || (trial.answered && !trial.result.ok) ? Theme.danger : Theme.safe
        Accessible.role: Accessible.AlertMessage
        Layout.fillWidth: true
    }
}
