// The third step of a restore: beside the present data, or over it.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: step

    required property HubConnection hub
    required property bool isProtected
    signal done(string target, string password)

    contentWidth: availableWidth

    ColumnLayout {
        width: step.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("Where to")
            Layout.fillWidth: true
            Choose {
                id: elsewhere
                text: qsTr("Into another folder, to look at it first")
                checked: true
                Layout.fillWidth: true
            }
            InputField {
                id: folder
                objectName: "target"
                visible: elsewhere.checked
                label: qsTr("Folder on the hub's computer")
                placeholder: "/home/user/restored"
                problem: text !== "" && text[0] !== "/" ? qsTr("A whole path begins with a slash.") : ""
                Layout.fillWidth: true
            }
            Choose {
                id: inPlace
                objectName: "inPlace"
                text: qsTr("In place: over the data as it is now")
                Layout.fillWidth: true
            }
            BodyText {
                visible: inPlace.checked
                text: qsTr("What is overwritten is kept beside it, with .before-restore at the end of its name. Files that the backup does not have stay.")
                quiet: true
                Layout.fillWidth: true
            }
        }
        Card {
            visible: step.isProtected
            heading: qsTr("Passphrase")
            Layout.fillWidth: true
            InputField {
                id: password
                echoMode: TextInput.Password
                label: qsTr("Only where the hub does not hold the key itself")
                Layout.fillWidth: true
            }
        }
        ActionButton {
            objectName: "preview"
            text: qsTr("See what will change")
            primary: true
            enabled: inPlace.checked || folder.text[0] === "/"
            Layout.alignment: Qt.AlignRight
            onClicked: step.done(inPlace.checked ? "" : folder.text, password.text)
        }
    }
}
