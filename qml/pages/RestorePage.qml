// The way back, step by step: which backup, what of it, where to, what that will change; then the restore itself.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub

    property int step: 0
    property string backupId: window.pageArguments.backupId ?? ""
    // What is asked for, as the API takes it; what.sources is empty for all.
    property var what: ({ sources: [], include: window.pageArguments.include ?? [], metadata: false, config: false })
    property string target // a folder; "" is in place
    property string password

    readonly property var titles: [qsTr("Which backup"), qsTr("What of it"), qsTr("Where to"), qsTr("What will change"), qsTr("Restore")]

    function order() {
        const order = {
            backup_id: backupId,
            restore_data: what.sources === null ? false : true,
            restore_metadata: what.metadata,
            restore_config: what.config
        }
        if (what.sources !== null && what.sources.length > 0)
            order.sources = what.sources
        if (what.include.length > 0)
            order.include = what.include
        if (target !== "")
            order.target = target
        if (password !== "")
            order.password = password
        return order
    }
    function go(to) {
        step = to
        if (to === 1)
            summary.get("/api/v1/backup/" + encodeURIComponent(backupId))
        if (to === 3) {
            preview.clear()
            preview.post("/api/v1/backup/restore", Object.assign({ preview: true }, order()))
        }
    }

    Component.onCompleted: if (backupId !== "") go(1)

    ApiCall {
        id: summary
        hub: page.hub
    }
    ApiCall {
        id: preview
        hub: page.hub
    }
    ApiCall {
        id: restore
        hub: page.hub
        onDone: page.step = 4
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.wide
        spacing: Theme.space

        StepBar {
            titles: page.titles
            step: page.step
            reachable: page.step === 4 ? -1 : page.step
            Layout.fillWidth: true
            onChosen: step => page.go(step)
        }
        StackLayout {
            currentIndex: page.step
            Layout.fillWidth: true
            Layout.fillHeight: true

            RestoreChoice {
                hub: page.hub
                onChosen: id => {
                    page.backupId = id
                    page.what = { sources: [], include: [], metadata: false, config: false }
                    page.go(1)
                }
            }
            RestoreWhat {
                summary: summary
                what: page.what
                onRetried: page.go(1)
                onDone: what => {
                    page.what = what
                    page.go(2)
                }
            }
            RestoreWhere {
                hub: page.hub
                isProtected: summary.result?.protected ?? false
                onDone: (target, password) => {
                    page.target = target
                    page.password = password
                    page.go(3)
                }
            }
            RestorePreview {
                call: preview
                inPlace: page.target === ""
                place: page.target === "" ? page.hub.name : page.target
                restoring: restore.busy
                problem: restore.failed ? restore.message : ""
                onRetried: page.go(3)
                onConfirmed: restore.post("/api/v1/backup/restore", Object.assign({ confirm: true }, page.order()))
            }
            RestoreProgress {
                hub: page.hub
                backupId: page.backupId
                onFinished: page.window.showPage("overview")
            }
        }
    }
}
