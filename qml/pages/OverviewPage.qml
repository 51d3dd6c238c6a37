// Whether the data is safe, at a glance: the verdict, what runs, when backups were and will be made, where they lie.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub
    // By agent id, what the list of backups says of it.
    property var copies: []
    property var sizes: []

    contentWidth: availableWidth
    padding: Theme.wide

    property var durations: ({})

    function readList() {
        activity.get("/api/v1/activity?limit=200")
        copies = hub.backups.agents()
        sizes = hub.backups.sizes(60)
    }
    function act(action) {
        if (action === "backup")
            backUp.post("/api/v1/backup", {})
        else
            window.showPage(action === "schedule" ? "automatic" : action)
    }
    function freeSpace(agent) {
        const name = agent.split(".").slice(1).join(".").replace(/[^a-z0-9]+/gi, "_").toLowerCase()
        const free = hub.entities["sensor.backup_" + name + "_free_space"]
        return free === undefined || isNaN(parseFloat(free.state)) ? -1 : parseFloat(free.state)
    }

    Component.onCompleted: readList()

    Connections {
        target: page.hub.backups
        function onCountChanged() {
            page.readList()
        }
    }
    Connections {
        target: page.hub
        function onJobEnded() {
            page.readList()
        }
    }
    ApiCall {
        id: activity
        hub: page.hub
        onDone: result => {
            const durations = {}
            for (const entry of result.entries) {
                if (entry.operation === "backup" && entry.status === "completed" && (entry.duration_s ?? null) !== null)
                    durations[entry.backup_id] = entry.duration_s
            }
            page.durations = durations
        }
    }
    ApiCall {
        id: backUp
        hub: page.hub
    }

    ColumnLayout {
        width: page.availableWidth
        spacing: Theme.space

        VerdictBanner {
            objectName: "verdict"
            verdict: page.hub.verdict
            Layout.fillWidth: true
            onActionTriggered: action => page.act(action)
        }
        JobPanel {
            hub: page.hub
            Layout.fillWidth: true
        }
        BodyText {
            visible: backUp.failed || (!page.hub.working && page.hub.lastJob.status === "failed")
            objectName: "lastFailure"
            text: backUp.failed ? backUp.message : page.hub.lastJob.error ?? ""
            color: Theme.danger
            Accessible.role: Accessible.AlertMessage
            Layout.fillWidth: true
        }
        Card {
            heading: qsTr("Automatic backups")
            Layout.fillWidth: true
            tools: ActionButton {
                objectName: "backUpNow"
                text: qsTr("Back up now")
                primary: page.hub.verdict.action !== "backup"
                visible: page.hub.admin
                enabled: !backUp.busy && !page.hub.working && page.hub.status === HubConnection.Online
                onClicked: page.act("backup")
            }
            Columns {
                columns: 3
                Layout.fillWidth: true
                Fact {
                    name: qsTr("Next")
                    value: Formats.ago(page.hub.entities["sensor.backup_next_scheduled_automatic_backup"]?.state ?? "") || qsTr("none is planned")
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Last attempted")
                    value: Formats.ago(page.hub.entities["sensor.backup_last_attempted_automatic_backup"]?.state ?? "") || qsTr("never")
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Last successful")
                    value: Formats.ago(page.hub.entities["sensor.backup_last_successful_automatic_backup"]?.state ?? "") || qsTr("never")
                    width: parent.columnWidth
                }
            }
        }
        Card {
            heading: qsTr("Where the backups lie")
            Layout.fillWidth: true
            BodyText {
                visible: page.copies.length === 0
                text: qsTr("There is no backup on any agent yet.")
                quiet: true
                Layout.fillWidth: true
            }
            Repeater {
                model: page.copies
                Columns {
                    id: agent
                    required property var modelData
                    readonly property real free: page.freeSpace(modelData.agent)
                    columns: 4
                    Layout.fillWidth: true
                    Fact {
                        name: qsTr("Agent")
                        value: agent.modelData.agent
                        width: parent.columnWidth
                    }
                    Fact {
                        name: qsTr("Holds")
                        value: qsTr("%n backup(s), %1", "", agent.modelData.count).arg(Formats.bytes(agent.modelData.bytes))
                        width: parent.columnWidth
                    }
                    Fact {
                        name: qsTr("Free space")
                        value: agent.free < 0 ? qsTr("not known") : Formats.bytes(agent.free)
                        width: parent.columnWidth
                    }
                    Fact {
                        name: qsTr("Newest verified copy")
                        value: Formats.ago(agent.modelData.newestVerified) || qsTr("none yet")
                        valueColor: agent.modelData.newestVerified === "" ? Theme.attention : Theme.text
                        width: parent.columnWidth
                    }
                }
            }
        }
        Card {
            heading: qsTr("Size and duration over time")
            Layout.fillWidth: true
            SizeChart {
                sizes: page.sizes
                durations: page.durations
                Layout.fillWidth: true
            }
        }
    }
}
