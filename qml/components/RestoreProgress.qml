// The last step of a restore: how far it is, how it went, and where what it replaced lies.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: step

    required property HubConnection hub
    required property string backupId
    signal finished

    readonly property var ended: !hub.working && hub.lastJob.operation === "restore" && hub.lastJob.backup_id === backupId ? hub.lastJob : null
    readonly property bool failed: ended !== null && ended.status === "failed"
    readonly property var result: ended?.result ?? {}

    contentWidth: availableWidth

    ColumnLayout {
        width: step.availableWidth
        spacing: Theme.space

        JobPanel {
            hub: step.hub
            Layout.fillWidth: true
        }
        Card {
            objectName: "restoreResult"
            visible: step.ended !== null
            heading: step.failed ? qsTr("The restore failed.") : qsTr("The restore is done.")
            Layout.fillWidth: true
            BodyText {
                visible: step.failed
                text: step.ended?.error ?? ""
                color: Theme.danger
                Accessible.role: Accessible.AlertMessage
                Layout.fillWidth: true
            }
            BodyText {
                objectName: "restoreCounts"
                text: [qsTr("%n file(s) written", "", step.result.written ?? 0), qsTr("%n were as in the backup already", "", step.result.unchanged ?? 0),
                    Formats.bytes(step.result.bytes ?? 0)].join(", ")
                visible: step.ended !== null && step.result.written !== undefined
                Layout.fillWidth: true
            }
            BodyText {
                visible: (step.result.replaced ?? 0) > 0
                text: qsTr("What %n file(s) held before lies beside them, with .before-restore at the end of the name. Delete it when you are sure.", "", step.result.replaced ?? 0)
                Layout.fillWidth: true
            }
            BodyText {
                visible: step.result.restart_needed ?? false
                text: qsTr("The hub's own data takes effect at its next start: restart the hub.")
                color: Theme.attention
                Layout.fillWidth: true
            }
            Repeater {
                model: (step.result.failed ?? []).concat(step.result.damaged ?? []).concat(step.result.warnings ?? [])
                BodyText {
                    required property var modelData
                    text: (modelData.path ? modelData.path + ": " : "") + modelData.message
                    color: Theme.attention
                    Layout.fillWidth: true
                }
            }
            ActionButton {
                text: qsTr("To the overview")
                primary: true
                onClicked: step.finished()
            }
        }
    }
}
