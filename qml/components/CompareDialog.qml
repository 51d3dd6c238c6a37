// What changed between two backups.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Dialog {
    id: dialog

    required property HubConnection hub
    required property string backupId
    property string against
    property var rows: []

    property var others: []

    function begin() {
        rows = []
        if (against !== "")
            more("")
    }
    function more(after) {
        call.get("/api/v1/backup/" + encodeURIComponent(backupId) + "/diff?limit=500&against=" + encodeURIComponent(against)
            + (after === "" ? "" : "&after=" + encodeURIComponent(after)))
    }

    parent: Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(760, parent.width - 2 * Theme.wide)
    height: parent.height - 2 * Theme.wide
    modal: true
    padding: Theme.wide
    title: qsTr("What changed")
    onOpened: {
        others = hub.backups.olderThan(backupId)
        against = others[0] ?? ""
        begin()
    }
    background: Rectangle {
        color: Theme.card
        radius: Theme.radius
        border.color: Theme.edge
    }
    header: Item {
        implicitHeight: title.implicitHeight
        Heading {
            id: title
            width: parent.width
            text: dialog.title
            padding: Theme.wide
            bottomPadding: 0
        }
    }

    ApiCall {
        id: call
        hub: dialog.hub
        onDone: result => {
            const line = (kind, each) => ({ kind: kind, path: each.path, reasons: (each.reasons ?? []).join(", ") })
            dialog.rows = dialog.rows.concat(result.added.map(each => line("+", each)), result.removed.map(each => line("−", each)),
                result.changed.map(each => line("~", each))).sort((a, b) => a.path < b.path ? -1 : 1)
        }
    }

    contentItem: ColumnLayout {
        spacing: Theme.gap
        RowLayout {
            spacing: Theme.gap
            BodyText {
                text: qsTr("since")
            }
            Choice {
                objectName: "against"
                model: dialog.others
                Accessible.name: qsTr("The older backup")
                Layout.fillWidth: true
                onActivated: index => {
                    dialog.against = dialog.others[index]
                    dialog.begin()
                }
            }
        }
        ListView {
            objectName: "differences"
            clip: true
            reuseItems: true
            model: dialog.rows
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: dialog.title
            Layout.fillWidth: true
            Layout.fillHeight: true
            ScrollBar.vertical: ScrollBar {}
            delegate: RowLayout {
                required property var modelData
                width: ListView.view.width
                height: 28
                spacing: Theme.gap
                BodyText {
                    text: modelData.kind
                    color: modelData.kind === "+" ? Theme.safe : modelData.kind === "~" ? Theme.attention : Theme.danger
                    font.weight: Font.Bold
                    Accessible.name: modelData.kind === "+" ? qsTr("added") : modelData.kind === "~" ? qsTr("changed") : qsTr("removed")
                    Layout.preferredWidth: 16
                }
                BodyText {
                    text: modelData.path
                    elide: Text.ElideMiddle
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: true
                }
                BodyText {
                    text: modelData.reasons
                    quiet: true
                }
            }
            footer: Item {
                width: ListView.view.width
                height: next.visible ? 50 : 0
                ActionButton {
                    id: next
                    visible: (call.result?.next_after ?? null) !== null && !call.busy
                    anchors.centerIn: parent
                    text: qsTr("Show more")
                    onClicked: dialog.more(call.result.next_after)
                }
            }
            PageState {
                call: call
                empty: dialog.against === "" || (call.answered && !call.busy && dialog.rows.length === 0)
                emptyTitle: dialog.against === "" ? qsTr("There is no older backup.") : qsTr("Nothing changed.")
                onRetried: dialog.begin()
            }
        }
        ActionButton {
            objectName: "closeCompare"
            text: qsTr("Close")
            Layout.alignment: Qt.AlignRight
            onClicked: dialog.close()
        }
    }
}
