// Restore drills: whether the backups could be restored, tried out.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: panel

    required property HubConnection hub
    readonly property var drills: list.result?.drills ?? []

    function read() {
        list.get("/api/v1/drills")
    }

    Component.onCompleted: read()
    Connections {
        target: panel.hub
        function onJobEnded() {
            panel.read()
        }
    }
    ApiCall {
        id: list
        hub: panel.hub
    }
    ApiCall {
        id: start
        hub: panel.hub
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: Theme.space

        JobPanel {
            hub: panel.hub
            Layout.fillWidth: true
        }
        Card {
            heading: qsTr("Restore drills")
            Layout.fillWidth: true
            tools: ActionButton {
                objectName: "drillNow"
                text: qsTr("Try the newest backup now")
                enabled: panel.hub.backups.total > 0 && !panel.hub.working && !start.busy
                onClicked: start.post("/api/v1/backup/" + encodeURIComponent(panel.hub.backups.newestId()) + "/drill")
            }
            BodyText {
                text: list.result?.every_hours ? qsTr("Every %n hour(s) a backup is restored into a folder of its own, compared byte by byte, and its databases are checked.", "", list.result.every_hours)
                    : qsTr("No drills are planned.")
                quiet: true
                Layout.fillWidth: true
            }
            BodyText {
                visible: start.failed
                text: start.message
                color: Theme.danger
                Layout.fillWidth: true
            }
        }
        ListView {
            objectName: "drills"
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            reuseItems: true
            spacing: Theme.small
            model: panel.drills
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Drills")
            ScrollBar.vertical: ScrollBar {}
            delegate: ActivityRow {
                required property var modelData
                width: ListView.view.width
                time: modelData.ended_at
                bad: !modelData.ok
                title: modelData.ok ? qsTr("Restored whole") : modelData.held ? qsTr("Not as it was") : qsTr("Could not be tried")
                detail: [modelData.backup_id, modelData.agent_id, modelData.held ? qsTr("%n file(s)", "", modelData.files) : "",
                    modelData.held ? qsTr("%n database(s)", "", modelData.databases) : "", modelData.message].filter(each => each).join(" · ")
            }
            PageState {
                call: list
                empty: list.answered && panel.drills.length === 0
                emptyTitle: qsTr("No drill yet")
                emptyText: qsTr("The first one follows the first backup.")
                onRetried: panel.read()
            }
        }
    }
}
