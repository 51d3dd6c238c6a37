// What the hub did, and who asked for what.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub
    property bool audit: false
    property var entries: []

    readonly property var operations: ({
            backup: qsTr("Backup"), restore: qsTr("Restore"), verify: qsTr("Verification"), upload: qsTr("Upload"),
            delete: qsTr("Deletion"), drill: qsTr("Restore drill"), prune: qsTr("Deletion of old backups")
        })

    function read() {
        entries = []
        more(null)
    }
    function more(before) {
        call.get((audit ? "/api/v1/audit" : "/api/v1/activity") + "?limit=100" + (before ? "&before=" + before : ""))
    }

    Component.onCompleted: read()
    Connections {
        target: page.hub
        function onJobEnded() {
            page.read()
        }
    }
    ApiCall {
        id: call
        hub: page.hub
        onDone: result => page.entries = page.entries.concat(result.entries)
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.wide
        spacing: Theme.space

        RowLayout {
            spacing: Theme.gap
            Choice {
                objectName: "which"
                model: page.hub.admin ? [qsTr("What the hub did"), qsTr("Who asked for what")] : [qsTr("What the hub did")]
                currentIndex: page.audit ? 1 : 0
                onActivated: index => {
                    page.audit = index === 1
                    page.read()
                }
                Accessible.name: qsTr("Which log")
                Layout.preferredWidth: 240
            }
            InputField {
                id: filter
                objectName: "filter"
                placeholder: qsTr("Filter")
                Layout.fillWidth: true
            }
        }
        ListView {
            objectName: "entries"
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            reuseItems: true
            spacing: Theme.small
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Entries")
            ScrollBar.vertical: ScrollBar {}
            model: page.entries.filter(each => filter.text === "" || JSON.stringify(each).toLowerCase().includes(filter.text.toLowerCase()))
            delegate: ActivityRow {
                required property var modelData
                width: ListView.view.width
                time: modelData.time
                bad: page.audit ? modelData.result !== "ok" : modelData.status === "failed"
                title: page.audit ? modelData.action + (modelData.user ? qsTr(" by %1").arg(modelData.user) : "")
                    : (page.operations[modelData.operation] ?? modelData.operation)
                        + (modelData.status === "completed" ? "" : ": " + (modelData.status === "failed" ? qsTr("failed") : modelData.status))
                detail: page.audit
                    ? [modelData.target, modelData.result !== "ok" ? modelData.result : "", modelData.detail, modelData.address].filter(each => each).join(" · ")
                    : [modelData.backup_id, modelData.bytes ? Formats.bytes(modelData.bytes) : "", modelData.detail].filter(each => each).join(" · ")
            }
            footer: Item {
                width: ListView.view.width
                height: older.visible ? older.height + Theme.space : 0
                ActionButton {
                    id: older
                    readonly property var before: call.result?.next_before ?? null
                    visible: before !== null && !call.busy
                    anchors.centerIn: parent
                    text: qsTr("Show older ones")
                    onClicked: page.more(before)
                }
            }
            PageState {
                call: call
                empty: call.answered && page.entries.length === 0
                emptyTitle: qsTr("Nothing has happened yet")
                emptyText: qsTr("Every backup, restore and verification will be listed here.")
                onRetried: page.read()
            }
        }
    }
}
