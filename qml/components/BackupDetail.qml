// One backup: what it is, where it lies, what is in it, and what can be done with it.
import QtQuick
import QtQuick.Controls
import QtQuick.Dialogs
import QtQuick.Layouts
import HubKeep

Item {
    id: detail

    required property HubConnection hub
    required property string backupId
    signal gone
    signal restoreAsked

    readonly property var backup: summary.result ?? {}
    // The last drill of this backup; null: there was none.
    readonly property var drill: (drills.result?.drills ?? []).find(each => each.backup_id === backupId) ?? null
    readonly property string path: "/api/v1/backup/" + encodeURIComponent(backupId)

    onBackupIdChanged: read()
    Component.onCompleted: read()

    function read() {
        summary.clear()
        summary.get(path)
        drills.get("/api/v1/drills?limit=100")
    }
    function agentNames() {
        return Object.keys(backup.agents ?? {})
    }

    Connections {
        target: detail.hub
        function onJobEnded(job) {
            if (job.backup_id === detail.backupId)
                summary.get(detail.path)
        }
    }
    ApiCall {
        id: summary
        hub: detail.hub
    }
    ApiCall {
        id: drills
        hub: detail.hub
    }
    ApiCall {
        id: deed
        hub: detail.hub
    }
    ApiCall {
        id: removal
        hub: detail.hub
        onDone: detail.gone()
    }
    FileDialog {
        id: saveAs
        fileMode: FileDialog.SaveFile
        onAccepted: deed.download(detail.path + "/download", selectedFile)
    }
    CompareDialog {
        id: compare
        hub: detail.hub
        backupId: detail.backupId
    }
    ConfirmDialog {
        id: confirmDelete
        title: qsTr("Delete this backup?")
        text: qsTr("It is deleted from %1. What only this backup holds is lost for good.").arg(detail.agentNames().join(", "))
            + (detail.hub.backups.total === 1 ? " " + qsTr("It is the last backup that there is.") : "")
        confirmText: qsTr("Delete")
        onConfirmed: removal.remove(detail.path)
    }

    PageState {
        call: summary
        onRetried: detail.read()
    }
    ScrollView {
        id: scroll
        anchors.fill: parent
        visible: summary.answered && !summary.failed
        contentWidth: availableWidth
        padding: Theme.space

        ColumnLayout {
            width: scroll.availableWidth
            spacing: Theme.space

            BodyText {
                text: detail.backup.name ?? ""
                font.pixelSize: Theme.titleSize
                font.weight: Font.DemiBold
                Accessible.role: Accessible.Heading
                Layout.fillWidth: true
            }
            BodyText {
                objectName: "backupId"
                text: detail.backupId
                quiet: true
                font.family: "monospace"
                font.pixelSize: Theme.smallText
                Layout.fillWidth: true
            }
            Flow {
                spacing: Theme.gap
                Layout.fillWidth: true
                ActionButton {
                    objectName: "restoreThis"
                    text: qsTr("Restore …")
                    primary: true
                    enabled: detail.hub.admin
                    onClicked: detail.restoreAsked()
                }
                ActionButton {
                    objectName: "verify"
                    text: qsTr("Verify")
                    enabled: detail.hub.admin && !detail.hub.working && !deed.busy
                    onClicked: deed.post(detail.path + "/verify")
                }
                ActionButton {
                    objectName: "compare"
                    text: qsTr("Compare …")
                    enabled: detail.hub.admin && detail.hub.backups.total > 1
                    onClicked: compare.open()
                }
                ActionButton {
                    text: qsTr("Download …")
                    enabled: detail.hub.admin && !deed.busy
                    onClicked: {
                        saveAs.currentFile = "file:" + (detail.backup.filename ?? detail.backupId)
                        saveAs.open()
                    }
                }
                ActionButton {
                    objectName: "delete"
                    text: qsTr("Delete …")
                    dangerous: true
                    enabled: detail.hub.admin && !removal.busy
                    onClicked: confirmDelete.open()
                }
            }
            BodyText {
                objectName: "deedProblem"
                visible: text !== ""
                text: deed.failed ? deed.message : removal.failed ? removal.message
                    : deed.busy && deed.progress >= 0 ? qsTr("Downloading: %1 %").arg(Math.floor(deed.progress * 100)) : ""
                color: deed.failed || removal.failed ? Theme.danger : Theme.quiet
                Layout.fillWidth: true
            }
            Columns {
                columns: 3
                Layout.fillWidth: true
                Fact {
                    name: qsTr("Made")
                    value: Formats.dateTime(detail.backup.created_at ?? "")
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Size")
                    value: Formats.bytes(detail.backup.size ?? 0)
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Verified")
                    value: Formats.dateTime(detail.backup.verified_at ?? "") || qsTr("not yet")
                    valueColor: detail.backup.verified_at ? Theme.safe : Theme.attention
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Holds")
                    value: [qsTr("%n file(s)", "", detail.backup.files ?? 0), qsTr("%n database(s)", "", detail.backup.databases ?? 0),
                        Formats.bytes(detail.backup.bytes ?? 0)].join(", ")
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Made by")
                    value: detail.backup.automatic ? qsTr("the schedule") : qsTr("hand")
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Encrypted")
                    value: detail.backup.protected ? qsTr("yes") : qsTr("no")
                    width: parent.columnWidth
                }
            }
            Card {
                heading: qsTr("Where it lies")
                Layout.fillWidth: true
                Repeater {
                    model: detail.agentNames()
                    Fact {
                        required property string modelData
                        readonly property var copy: detail.backup.agents[modelData]
                        name: modelData
                        value: qsTr("%1, SHA-256 %2 …").arg(Formats.bytes(copy.size)).arg(String(copy.sha256 ?? "").slice(0, 16))
                        Layout.fillWidth: true
                    }
                }
                BodyText {
                    objectName: "drilled"
                    visible: text !== ""
                    text: detail.drill === null ? "" : detail.drill.ok ? qsTr("Restored in a drill %1, whole.").arg(Formats.ago(detail.drill.ended_at))
                        : qsTr("A drill %1 failed: %2").arg(Formats.ago(detail.drill.ended_at)).arg(detail.drill.message ?? "")
                    color: detail.drill?.ok ? Theme.safe : Theme.danger
                    Layout.fillWidth: true
                }
                BodyText {
                    visible: (detail.backup.failed_agents ?? []).length > 0
                    text: qsTr("Missing on %1.").arg((detail.backup.failed_agents ?? []).join(", "))
                    color: Theme.attention
                    Layout.fillWidth: true
                }
            }
            Card {
                visible: (detail.backup.warning_count ?? 0) > 0
                heading: qsTr("%n warning(s)", "", detail.backup.warning_count ?? 0)
                Layout.fillWidth: true
                Repeater {
                    model: detail.backup.warnings ?? []
                    BodyText {
                        required property var modelData
                        text: modelData.path ? modelData.path + ": " + modelData.message : modelData.message ?? String(modelData)
                        color: Theme.attention
                        Layout.fillWidth: true
                    }
                }
            }
            Card {
                heading: qsTr("What is in it")
                Layout.fillWidth: true
                FileBrowser {
                    hub: detail.hub
                    backupPath: detail.path
                    sources: detail.backup.sources ?? []
                    Layout.fillWidth: true
                }
            }
        }
    }
}
