// Where there is no hub to show: the first start, a hub that is not there, one that does not know us (any more).
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: page

    required property Hubs hubs
    required property HubConnection hub

    readonly property bool connecting: hub !== null && (hub.status === HubConnection.Connecting
        || (hub.status === HubConnection.Online && !hub.loaded))
    readonly property bool offline: hub !== null && hub.status === HubConnection.Offline

    contentWidth: availableWidth

    ColumnLayout {
        width: page.availableWidth
        spacing: Theme.space

        Item {
            implicitHeight: Theme.wide
        }
        BodyText {
            text: page.hub === null ? qsTr("Welcome to HubKeep") : page.hub.name
            font.pixelSize: Theme.titleSize
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            Accessible.role: Accessible.Heading
            Layout.fillWidth: true
        }
        BodyText {
            text: page.hub === null ? qsTr("A hub keeps your data safe. Use the one of this computer, or sign in to another.")
                : page.connecting ? qsTr("Connecting to %1 …").arg(page.hub.url)
                : page.offline && page.hub.retrySeconds > 0
                    ? qsTr("%1 Next try in %n second(s).", "", page.hub.retrySeconds).arg(page.hub.problem)
                : page.hub.problem
            quiet: true
            horizontalAlignment: Text.AlignHCenter
            Accessible.role: Accessible.AlertMessage
            Layout.fillWidth: true
            Layout.leftMargin: Theme.wide
            Layout.rightMargin: Theme.wide
        }
        BusyIndicator {
            visible: page.connecting || page.hubs.starting
            running: visible
            Layout.alignment: Qt.AlignHCenter
            Accessible.name: qsTr("Connecting")
        }
        ActionButton {
            visible: page.offline
            text: qsTr("Try now")
            primary: true
            Layout.alignment: Qt.AlignHCenter
            onClicked: page.hub.retry()
        }
        Card {
            visible: page.hub === null
            heading: qsTr("This computer")
            Layout.alignment: Qt.AlignHCenter
            Layout.preferredWidth: 460
            BodyText {
                text: page.hubs.starting ? qsTr("The hub is starting …")
                    : qsTr("No hub is running on this computer. It can be started now; it goes on when this window is closed.")
                Layout.fillWidth: true
            }
            BodyText {
                id: startProblem
                visible: text !== ""
                color: Theme.danger
                Layout.fillWidth: true
            }
            ActionButton {
                objectName: "startLocal"
                text: qsTr("Start the hub")
                primary: true
                enabled: !page.hubs.starting
                onClicked: {
                    startProblem.text = ""
                    page.hubs.startLocal()
                }
            }
        }
        SignInCard {
            visible: page.hub === null || page.hub.status === HubConnection.Unauthorized || page.hub.status === HubConnection.Untrusted
            hubs: page.hubs
            address: page.hub === null ? "" : page.hub.url
            Layout.alignment: Qt.AlignHCenter
            Layout.preferredWidth: 460
        }
        Item {
            implicitHeight: Theme.wide
        }
    }

    Connections {
        target: page.hubs
        function onStartFailed(message) {
            startProblem.text = message
        }
    }
}
