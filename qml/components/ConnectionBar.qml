// Says above every page that what it shows is not up to date, and what is done about it.
import QtQuick
import QtQuick.Layouts
import HubKeep

Rectangle {
    id: bar

    required property HubConnection hub
    readonly property bool lost: hub !== null && (hub.status === HubConnection.Offline || hub.status === HubConnection.Connecting)

    implicitHeight: lost ? row.implicitHeight + 2 * Theme.gap : 0
    clip: true
    color: Theme.attentionGround
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text.text

    RowLayout {
        id: row
        anchors.fill: parent
        anchors.margins: Theme.gap
        anchors.leftMargin: Theme.space
        spacing: Theme.space
        visible: bar.lost

        BodyText {
            id: text
            Layout.fillWidth: true
            color: Theme.attention
            text: !bar.lost ? ""
                : bar.hub.status === HubConnection.Connecting ? qsTr("Connecting to %1 again …").arg(bar.hub.name)
                : qsTr("%1 What is shown is from before. Next try in %n second(s).", "", bar.hub.retrySeconds).arg(bar.hub.problem)
        }
        ActionButton {
            visible: bar.lost && bar.hub.status === HubConnection.Offline
            text: qsTr("Try now")
            onClicked: bar.hub.retry()
        }
    }
}
