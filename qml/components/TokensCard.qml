// The long-lived tokens of whoever is signed in, for scripts and other programs.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Card {
    id: card

    required property HubConnection hub
    property string fresh // a token that was just made, shown this once

    heading: qsTr("Your tokens")

    function read() {
        list.get("/api/v1/auth/tokens")
    }

    Component.onCompleted: read()

    ApiCall {
        id: list
        hub: card.hub
    }
    ApiCall {
        id: create
        hub: card.hub
        onDone: result => {
            card.fresh = result.token
            name.text = ""
            card.read()
        }
    }
    ApiCall {
        id: revoke
        hub: card.hub
        onDone: card.read()
    }
    ConfirmDialog {
        id: confirmRevoke
        property var token: ({})
        title: qsTr("Revoke %1?").arg(token.name ?? "")
        text: qsTr("Whatever uses this token is signed out at once.")
        confirmText: qsTr("Revoke")
        onConfirmed: revoke.remove("/api/v1/auth/tokens/" + encodeURIComponent(token.id))
    }

    BodyText {
        text: qsTr("Scripts and other programs ask the hub with a token. It may do what you may.")
        quiet: true
        Layout.fillWidth: true
    }
    BodyText {
        visible: text !== ""
        text: list.failed ? list.message : create.failed ? create.message : revoke.failed ? revoke.message : ""
        color: Theme.danger
        Accessible.role: Accessible.AlertMessage
        Layout.fillWidth: true
    }
    Repeater {
        model: list.result?.tokens ?? []
        RowLayout {
            id: row
            required property var modelData
            spacing: Theme.gap
            Fact {
                name: row.modelData.expires_at ? qsTr("a sign-in, until %1").arg(Formats.dateTime(row.modelData.expires_at))
                    : qsTr("made %1").arg(Formats.ago(row.modelData.created_at))
                value: row.modelData.name ?? row.modelData.id
                Layout.fillWidth: true
            }
            ActionButton {
                text: qsTr("Revoke …")
                Accessible.name: qsTr("Revoke %1").arg(row.modelData.name ?? row.modelData.id)
                dangerous: true
                onClicked: {
                    confirmRevoke.token = row.modelData
                    confirmRevoke.open()
                }
            }
        }
    }
    RowLayout {
        visible: card.fresh !== ""
        spacing: Theme.gap
        TextField {
            id: freshField
            objectName: "freshToken"
            text: card.fresh
            readOnly: true
            selectByMouse: true
            color: Theme.text
            font.family: "monospace"
            Accessible.name: qsTr("The new token")
            Layout.fillWidth: true
            background: Rectangle {
                color: Theme.safeGround
                radius: Theme.radius / 2
                border.width: freshField.activeFocus ? 2 : 1
                border.color: Theme.safe
            }
        }
        ActionButton {
            text: qsTr("Copy")
            onClicked: {
                freshField.selectAll()
                freshField.copy()
            }
        }
    }
    BodyText {
        visible: card.fresh !== ""
        text: qsTr("Keep it now: it is shown this once.")
        color: Theme.attention
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Theme.gap
        InputField {
            id: name
            objectName: "tokenName"
            placeholder: qsTr("What it is for")
            Layout.fillWidth: true
        }
        ActionButton {
            objectName: "addToken"
            text: qsTr("Make a token")
            enabled: name.text !== "" && !create.busy
            onClicked: create.post("/api/v1/auth/tokens", { name: name.text })
        }
    }
}
