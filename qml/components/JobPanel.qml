// What the hub works on now: stage, how far, how fast, how long still, and a way to stop it.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Card {
    id: panel

    required property HubConnection hub

    readonly property var job: hub.job
    readonly property bool measured: (job.total_bytes ?? 0) > 0
    readonly property real fraction: measured ? Math.min(1, job.processed_bytes / job.total_bytes) : 0

    visible: hub.working
    heading: ({
            backup: qsTr("Making a backup"),
            restore: qsTr("Restoring"),
            verify: qsTr("Verifying a backup"),
            upload: qsTr("Receiving a backup")
        })[job.operation] ?? qsTr("Working")
    tools: ActionButton {
        visible: panel.hub.admin
        text: qsTr("Cancel")
        enabled: !cancel.busy
        onClicked: cancel.post("/api/v1/backup/cancel")
    }

    function stageText(stage) {
        return ({
                home_assistant: qsTr("Reading the hub's own data"),
                folders: qsTr("Reading files and databases"),
                uploading: qsTr("Storing it on the agents"),
                verifying: qsTr("Reading it back"),
                restoring: qsTr("Writing files"),
                comparing: qsTr("Comparing"),
                cleaning_up: qsTr("Deleting old backups")
            })[stage] ?? String(stage ?? "").replace(/_/g, " ")
    }

    ApiCall {
        id: cancel
        hub: panel.hub
    }

    ProgressBar {
        id: bar
        Layout.fillWidth: true
        indeterminate: !panel.measured
        value: panel.fraction
        Accessible.name: panel.heading
        background: Rectangle {
            implicitHeight: 8
            radius: 4
            color: Theme.hover
        }
        contentItem: Item {
            implicitHeight: 8
            Rectangle {
                id: moving
                width: bar.indeterminate ? parent.width / 4 : bar.visualPosition * parent.width
                height: parent.height
                radius: 4
                color: Theme.accent
                NumberAnimation on x {
                    running: bar.indeterminate && bar.visible
                    from: 0
                    to: bar.width * 0.75
                    duration: 1200
                    loops: Animation.Infinite
                    onStopped: moving.x = 0
                }
            }
        }
    }
    BodyText {
        Layout.fillWidth: true
        quiet: true
        text: {
            const parts = []
            const stage = panel.stageText(panel.job.stage)
            if (stage !== "")
                parts.push(stage)
            if (panel.measured)
                parts.push(qsTr("%1 of %2").arg(Formats.bytes(panel.job.processed_bytes)).arg(Formats.bytes(panel.job.total_bytes)))
            if ((panel.job.bytes_per_second ?? 0) > 0)
                parts.push(qsTr("%1 a second").arg(Formats.bytes(panel.job.bytes_per_second)))
            if (panel.job.seconds_left !== null && panel.job.seconds_left !== undefined)
                parts.push(qsTr("%1 left").arg(Formats.duration(panel.job.seconds_left)))
            return parts.join(" · ")
        }
    }
    BodyText {
        visible: cancel.failed
        text: cancel.message
        color: Theme.danger
        Layout.fillWidth: true
    }
}
