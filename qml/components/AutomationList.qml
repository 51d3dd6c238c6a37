// The automations, on or off, with their last run, and a button that runs one now.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ListView {
    id: list

    required property HubConnection hub
    required property ApiCall call
    required property var automations
    property var chosen: null
    signal retried
    signal writeAsked

    objectName: "automations"
    clip: true
    spacing: Theme.gap
    model: automations
    activeFocusOnTab: true
    boundsBehavior: Flickable.StopAtBounds
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Automations")
    Keys.onReturnPressed: if (currentIndex >= 0) chosen = automations[currentIndex]
    ScrollBar.vertical: ScrollBar {}

    delegate: Rectangle {
        id: row
        required property int index
        required property var modelData
        readonly property var entity: list.hub.entities[modelData.entity_id]
        readonly property bool on: entity?.state === "on"
        readonly property string last: entity?.attributes?.last_triggered ?? ""

        width: ListView.view.width
        implicitHeight: layout.implicitHeight + 2 * Theme.gap
        radius: Theme.radius / 2
        color: list.chosen?.entity_id === modelData.entity_id ? Theme.selected : Theme.card
        border.width: ListView.isCurrentItem && list.activeFocus ? 2 : 1
        border.color: ListView.isCurrentItem && list.activeFocus ? Theme.accent : Theme.line
        Accessible.role: Accessible.ListItem
        Accessible.name: modelData.alias

        TapHandler {
            onTapped: {
                list.currentIndex = row.index
                list.chosen = row.modelData
            }
        }
        ApiCall {
            id: deed
            hub: list.hub
        }
        ColumnLayout {
            id: layout
            anchors.fill: parent
            anchors.margins: Theme.gap
            spacing: 2
            RowLayout {
                spacing: Theme.gap
                Tick {
                    checked: row.on
                    enabled: row.entity !== undefined && !deed.busy
                    Accessible.name: qsTr("%1 is on").arg(row.modelData.alias)
                    onToggled: deed.post("/api/services/automation/" + (checked ? "turn_on" : "turn_off"), { entity_id: row.modelData.entity_id })
                }
                BodyText {
                    text: row.modelData.alias
                    font.weight: Font.DemiBold
                    Layout.fillWidth: true
                }
                ActionButton {
                    text: qsTr("Run now")
                    enabled: row.entity !== undefined && !row.modelData.broken && !deed.busy
                    onClicked: {
                        list.chosen = row.modelData
                        deed.post("/api/services/automation/trigger", { entity_id: row.modelData.entity_id })
                    }
                }
            }
            BodyText {
                text: deed.failed ? deed.message : row.modelData.broken ? qsTr("It has a mistake: %1, line %2").arg(row.modelData.file).arg(row.modelData.line)
                    : row.last !== "" ? qsTr("Last run %1").arg(Formats.ago(row.last)) : qsTr("It has not run yet.")
                color: deed.failed || row.modelData.broken ? Theme.danger : Theme.quiet
                font.pixelSize: Theme.smallText
                Layout.fillWidth: true
            }
        }
    }

    PageState {
        call: list.call
        empty: list.call.answered && list.automations.length === 0
        emptyTitle: qsTr("No automation yet")
        emptyText: qsTr("An automation does something when something happens: it tells you when a backup fails, or makes one before an upgrade.")
        emptyAction: qsTr("Write the first one")
        onRetried: list.retried()
        onEmptyActionTriggered: list.writeAsked()
    }
}
