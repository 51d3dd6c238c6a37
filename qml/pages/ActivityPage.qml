// What the hub did, and who asked for what.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub
    property string log: "activity" // or "logbook", "audit"
    property var entries: []

    readonly property var operations: ({
            backup: qsTr("Backup"), restore: qsTr("Restore"), verify: qsTr("Verification"), upload: qsTr("Upload"),
            delete: qsTr("Deletion"), drill: qsTr("Restore drill"), prune: qsTr("Deletion of old backups")
        })

    function read() {
        entries = []
        if (log === "logbook")
            call.get("/api/logbook")
        else
            more(null)
    }
    function more(before) {
        call.get("/api/v1/" + log + "?limit=100" + (before ? "&before=" + before : ""))
    }
    // A line of any of the logs as a row says it.
    function row(entry) {
        if (log === "audit")
            return {
                time: entry.time, bad: entry.result !== "ok",
                title: entry.user ? qsTr("%1 by %2").arg(entry.action).arg(entry.user) : entry.action,
                detail: [entry.target, entry.result !== "ok" ? entry.result : "", entry.detail, entry.address]
            }
        if (log === "logbook")
            return {
                time: entry.when, bad: false, title: entry.name,
                detail: [entry.message ?? entry.state, entry.entity_id]
            }
        return {
            time: entry.time, bad: entry.status === "failed",
            title: (operations[entry.operation] ?? entry.operation)
                + (entry.status === "completed" ? "" : ": " + (entry.status === "failed" ? qsTr("failed") : entry.status)),
            detail: [entry.backup_id, entry.bytes ? Formats.bytes(entry.bytes) : "", entry.detail]
        }
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
        onDone: result => {
            if (page.log === "logbook")
                page.entries = result.slice().reverse().map(page.row)
            else
                page.entries = page.entries.concat(result.entries.map(page.row))
        }
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.wide
        spacing: Theme.space

        RowLayout {
            spacing: Theme.gap
            Choice {
                objectName: "which"
                readonly property var logs: page.hub.admin ? ["activity", "logbook", "audit"] : ["activity", "logbook"]
                model: [qsTr("Backups and restores"), qsTr("Logbook of today"), qsTr("Who asked for what")].slice(0, logs.length)
                currentIndex: logs.indexOf(page.log)
                onActivated: index => {
                    page.log = logs[index]
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
                bad: modelData.bad
                title: modelData.title
                detail: modelData.detail.filter(each => each).join(" · ")
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
