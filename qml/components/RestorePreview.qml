// The fourth step of a restore: each file that it would touch, and the word that it needs for going over present data.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: step

    required property ApiCall call
    required property bool inPlace
    required property string place // the hub's name, or the folder
    required property bool restoring
    required property string problem
    signal retried
    signal confirmed

    readonly property var plan: call.result ?? {}
    readonly property var changes: (plan.entries ?? []).filter(entry => entry.action !== "unchanged")
    readonly property bool fits: plan.free_bytes === undefined || plan.bytes <= plan.free_bytes

    ConfirmDialog {
        id: ask
        title: qsTr("Overwrite the present data?")
        text: qsTr("%n file(s) are overwritten. What they hold now is kept beside them as .before-restore.", "", step.plan.overwrites ?? 0)
        typed: step.place
        confirmText: qsTr("Restore")
        onConfirmed: step.confirmed()
    }
    PageState {
        call: step.call
        onRetried: step.retried()
    }
    ColumnLayout {
        anchors.fill: parent
        visible: step.call.answered && !step.call.failed
        spacing: Theme.space

        Card {
            Layout.fillWidth: true
            Columns {
                columns: 4
                Layout.fillWidth: true
                Fact {
                    name: qsTr("New")
                    value: qsTr("%n file(s)", "", step.plan.writes ?? 0)
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Overwritten")
                    value: qsTr("%n file(s)", "", step.plan.overwrites ?? 0)
                    valueColor: (step.plan.overwrites ?? 0) > 0 ? Theme.attention : Theme.text
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Already as in the backup")
                    value: qsTr("%n file(s)", "", step.plan.unchanged ?? 0)
                    width: parent.columnWidth
                }
                Fact {
                    name: qsTr("Space")
                    value: qsTr("%1 of %2 free").arg(Formats.bytes(step.plan.bytes ?? 0)).arg(Formats.bytes(step.plan.free_bytes ?? 0))
                    valueColor: step.fits ? Theme.text : Theme.danger
                    width: parent.columnWidth
                }
            }
        }
        ListView {
            objectName: "changes"
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            reuseItems: true
            model: step.changes
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Changes")
            ScrollBar.vertical: ScrollBar {}
            delegate: RowLayout {
                required property var modelData
                width: ListView.view.width
                height: 30
                spacing: Theme.space
                BodyText {
                    text: modelData.action === "overwrite" ? qsTr("overwrite") : qsTr("new")
                    color: modelData.action === "overwrite" ? Theme.attention : Theme.safe
                    Layout.preferredWidth: 110
                }
                BodyText {
                    text: modelData.path
                    elide: Text.ElideMiddle
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: true
                }
                BodyText {
                    text: Formats.bytes(modelData.bytes ?? 0)
                    quiet: true
                }
            }
            BodyText {
                visible: step.changes.length === 0
                anchors.centerIn: parent
                text: qsTr("Nothing would change: all is as in the backup.")
                quiet: true
            }
        }
        BodyText {
            visible: text !== ""
            text: !step.fits ? qsTr("There is not enough space. Free some, choose another folder, or restore less.") : step.problem
            color: Theme.danger
            Accessible.role: Accessible.AlertMessage
            Layout.fillWidth: true
        }
        ActionButton {
            objectName: "restore"
            text: step.restoring ? qsTr("Starting …") : qsTr("Restore")
            primary: true
            enabled: !step.restoring && step.fits && step.changes.length > 0
            Layout.alignment: Qt.AlignRight
            onClicked: step.inPlace && (step.plan.overwrites ?? 0) > 0 ? ask.open() : step.confirmed()
        }
    }
}
