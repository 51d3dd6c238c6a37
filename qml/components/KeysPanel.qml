// The keys that open encrypted backups, and the proof that their recovery kits are kept somewhere safe.
import QtQuick
import QtQuick.Controls
import QtQuick.Dialogs
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: panel

    required property HubConnection hub
    readonly property var keys: list.result?.keys ?? []

    contentWidth: availableWidth

    function read() {
        list.get("/api/v1/keys")
    }

    Component.onCompleted: read()

    ApiCall {
        id: list
        hub: panel.hub
    }
    ApiCall {
        id: change
        hub: panel.hub
        onDone: panel.read()
    }
    ApiCall {
        id: saving
        hub: panel.hub
    }
    FileDialog {
        id: saveAs
        property string keyId
        fileMode: FileDialog.SaveFile
        nameFilters: ["PDF (*.pdf)"]
        onAccepted: saving.download("/api/v1/keys/" + encodeURIComponent(keyId) + "/kit", selectedFile, "application/pdf")
    }

    ColumnLayout {
        width: panel.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("Keys")
            Layout.fillWidth: true
            tools: ActionButton {
                objectName: "makeKey"
                text: qsTr("Make a key")
                enabled: !change.busy
                onClicked: change.post("/api/v1/keys", {})
            }
            BodyText {
                text: panel.keys.length === 0 ? qsTr("Backups are not encrypted with a key. Make one, keep its recovery kit outside of this computer, and put its recipient into hubkeep.yaml.")
                    : qsTr("Who has the recovery kit can open the backups on any computer; without it nobody can when this one is gone.")
                quiet: true
                Layout.fillWidth: true
            }
            BodyText {
                visible: text !== ""
                text: list.failed ? list.message : change.failed ? change.message : saving.failed ? saving.message : saving.answered ? qsTr("Saved. Print it, and keep it outside of this computer.") : ""
                color: list.failed || change.failed || saving.failed ? Theme.danger : Theme.safe
                Accessible.role: Accessible.AlertMessage
                Layout.fillWidth: true
            }
        }
        Repeater {
            model: panel.keys
            Card {
                id: card
                required property var modelData
                heading: modelData.id
                Layout.fillWidth: true
                Fact {
                    name: qsTr("Recipient, for backup.encryption.recipients in hubkeep.yaml")
                    value: card.modelData.recipient
                    Layout.fillWidth: true
                }
                Fact {
                    name: qsTr("Recovery kit")
                    value: card.modelData.confirmed_at ? qsTr("confirmed on %1").arg(Formats.day(card.modelData.confirmed_at)) : qsTr("nobody has confirmed yet that it is kept")
                    valueColor: card.modelData.confirmed_at ? Theme.safe : Theme.attention
                    Layout.fillWidth: true
                }
                InputField {
                    id: characters
                    visible: !card.modelData.confirmed_at
                    objectName: "kitCharacters"
                    label: qsTr("From the kept kit: the groups %1").arg((card.modelData.asks_for_groups ?? []).join(qsTr(" and ")))
                    Layout.fillWidth: true
                }
                RowLayout {
                    spacing: Theme.gap
                    ActionButton {
                        text: qsTr("Save the recovery kit …")
                        onClicked: {
                            saveAs.keyId = card.modelData.id
                            saveAs.currentFile = "file:recovery-kit-" + card.modelData.id + ".pdf"
                            saveAs.open()
                        }
                    }
                    ActionButton {
                        visible: characters.visible
                        text: qsTr("Confirm")
                        primary: true
                        enabled: characters.text !== "" && !change.busy
                        onClicked: change.post("/api/v1/keys/" + encodeURIComponent(card.modelData.id) + "/confirm", { characters: characters.text })
                    }
                }
            }
        }
    }
}
