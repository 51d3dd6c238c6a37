// Who may use the hub, for its administrators.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Card {
    id: card

    required property HubConnection hub

    heading: qsTr("Users of this hub")

    function read() {
        list.get("/api/v1/auth/users")
    }

    Component.onCompleted: read()

    ApiCall {
        id: list
        hub: card.hub
    }
    ApiCall {
        id: change
        hub: card.hub
        onDone: {
            name.text = ""
            password.text = ""
            card.read()
        }
    }
    ConfirmDialog {
        id: confirmRemove
        property string name
        title: qsTr("Remove %1?").arg(name)
        text: qsTr("%1 can't sign in any more, and all tokens of that user end.").arg(name)
        confirmText: qsTr("Remove")
        onConfirmed: change.remove("/api/v1/auth/users/" + encodeURIComponent(name))
    }

    BodyText {
        visible: text !== ""
        objectName: "userProblem"
        text: list.failed ? list.message : change.failed ? change.message : ""
        color: Theme.danger
        Accessible.role: Accessible.AlertMessage
        Layout.fillWidth: true
    }
    Repeater {
        model: list.result?.users ?? []
        RowLayout {
            id: row
            required property var modelData
            spacing: Theme.gap
            Fact {
                name: row.modelData.role === "admin" ? qsTr("Administrator") : qsTr("May look, and change nothing")
                value: row.modelData.username
                Layout.fillWidth: true
            }
            ActionButton {
                visible: row.modelData.username !== card.hub.userName
                text: qsTr("Remove …")
                Accessible.name: qsTr("Remove %1").arg(row.modelData.username)
                dangerous: true
                onClicked: {
                    confirmRemove.name = row.modelData.username
                    confirmRemove.open()
                }
            }
        }
    }
    RowLayout {
        spacing: Theme.gap
        InputField {
            id: name
            objectName: "userName"
            placeholder: qsTr("Name")
            Layout.fillWidth: true
        }
        InputField {
            id: password
            objectName: "userPassword"
            placeholder: qsTr("Password")
            echoMode: TextInput.Password
            Layout.fillWidth: true
        }
        Choice {
            id: role
            model: [qsTr("User"), qsTr("Administrator")]
            Accessible.name: qsTr("Role")
            Layout.preferredWidth: 150
        }
        ActionButton {
            objectName: "addUser"
            text: qsTr("Add")
            enabled: name.text !== "" && password.text !== "" && !change.busy
            onClicked: change.post("/api/v1/auth/users", { username: name.text, password: password.text, role: role.currentIndex === 1 ? "admin" : "user" })
        }
    }
}
