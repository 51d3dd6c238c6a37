// The hubs that this window knows, and how it looks.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property Hubs hubs: window.hubs

    contentWidth: availableWidth
    padding: Theme.wide

    ConfirmDialog {
        id: confirmForget
        property int index: -1
        title: qsTr("Forget this hub?")
        text: qsTr("The window forgets the hub and its sign-in. On the hub itself nothing changes.")
        confirmText: qsTr("Forget")
        onConfirmed: page.hubs.forget(index)
    }

    ColumnLayout {
        width: page.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("Appearance")
            Layout.fillWidth: true
            RowLayout {
                spacing: Theme.gap
                BodyText {
                    text: qsTr("Theme")
                    Layout.preferredWidth: 160
                }
                Choice {
                    objectName: "theme"
                    readonly property var schemes: ["system", "light", "dark"]
                    model: [qsTr("As the system"), qsTr("Light"), qsTr("Dark")]
                    currentIndex: Math.max(0, schemes.indexOf(Theme.scheme))
                    onActivated: index => page.window.preferences.theme = schemes[index]
                    Accessible.name: qsTr("Theme")
                    Layout.preferredWidth: 220
                }
            }
            RowLayout {
                spacing: Theme.gap
                BodyText {
                    text: qsTr("Language")
                    Layout.preferredWidth: 160
                }
                Choice {
                    objectName: "language"
                    readonly property var codes: ["", "en", "de"]
                    model: [qsTr("As the system"), "English", "Deutsch"]
                    currentIndex: Math.max(0, codes.indexOf(page.window.preferences.language))
                    onActivated: index => page.window.preferences.language = codes[index]
                    Accessible.name: qsTr("Language")
                    Layout.preferredWidth: 220
                }
            }
        }
        Card {
            heading: qsTr("Hubs")
            Layout.fillWidth: true
            Repeater {
                model: page.hubs
                RowLayout {
                    id: row
                    required property int index
                    required property HubConnection hub
                    required property string name
                    required property bool local
                    spacing: Theme.space
                    Fact {
                        name: row.hub.url
                        value: row.name + (row.hub.userName !== "" ? qsTr(", signed in as %1").arg(row.hub.userName) : "")
                        Layout.fillWidth: true
                    }
                    BodyText {
                        text: row.hub.status === HubConnection.Online ? qsTr("connected") : row.hub.status === HubConnection.Connecting
                            ? qsTr("connecting") : qsTr("not connected")
                        color: row.hub.status === HubConnection.Online ? Theme.safe : Theme.attention
                    }
                    ActionButton {
                        visible: !row.local
                        text: qsTr("Forget …")
                        onClicked: {
                            confirmForget.index = row.index
                            confirmForget.open()
                        }
                    }
                }
            }
        }
        UsersCard {
            visible: page.window.hub.admin
            hub: page.window.hub
            Layout.fillWidth: true
        }
        TokensCard {
            hub: page.window.hub
            Layout.fillWidth: true
        }
        SignInCard {
            hubs: page.hubs
            heading: qsTr("Add a hub")
            Layout.preferredWidth: 460
        }
    }
}
