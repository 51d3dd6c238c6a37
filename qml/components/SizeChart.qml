// How large the backups were and how long they took, a bar and a dot each, oldest at the left. The one under the
// pointer, or chosen by the arrow keys, says its day, size and duration.
import QtQuick
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: chart

    property var sizes: [] // as BackupList.sizes() gives them
    property var durations: ({}) // seconds, by backup id; what is not known is not there
    readonly property real longest: sizes.reduce((most, each) => Math.max(most, durations[each.backupId] ?? 0), 0)
    readonly property real largest: sizes.reduce((most, each) => Math.max(most, each.size), 1)
    property int chosen: -1
    readonly property int shown: hover.hovered ? Math.min(sizes.length - 1, Math.floor(hover.point.position.x / area.step)) : chosen

    spacing: Theme.small

    Item {
        id: area

        readonly property real step: chart.sizes.length > 0 ? width / Math.max(chart.sizes.length, 12) : width

        Layout.fillWidth: true
        Layout.preferredHeight: 120
        activeFocusOnTab: chart.sizes.length > 0
        Accessible.role: Accessible.Chart
        Accessible.name: qsTr("Sizes of the last %n backup(s)", "", chart.sizes.length)
        Accessible.description: said.text
        Keys.onLeftPressed: chart.chosen = Math.max(0, (chart.chosen < 0 ? chart.sizes.length : chart.chosen) - 1)
        Keys.onRightPressed: chart.chosen = Math.min(chart.sizes.length - 1, chart.chosen + 1)

        HoverHandler {
            id: hover
            enabled: chart.sizes.length > 0
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: 1
            color: Theme.line
        }
        Rectangle {
            anchors.fill: parent
            color: "transparent"
            radius: 2
            border.width: area.activeFocus ? 2 : 0
            border.color: Theme.accent
        }
        Repeater {
            model: chart.sizes
            Rectangle {
                required property int index
                required property var modelData
                x: index * area.step + 1
                width: Math.max(2, Math.min(area.step - 3, 28))
                height: Math.max(2, modelData.size / chart.largest * (area.height - 8))
                y: area.height - height
                radius: 2
                color: index === chart.shown ? Theme.text : Theme.accent
            }
        }
        Repeater {
            model: chart.sizes
            Rectangle {
                required property int index
                required property var modelData
                readonly property real took: chart.durations[modelData.backupId] ?? -1
                visible: took >= 0
                x: index * area.step + 1 + Math.max(2, Math.min(area.step - 3, 28)) / 2 - 4
                y: (area.height - 8) * (1 - took / Math.max(chart.longest, 0.001))
                width: 8
                height: 8
                radius: 4
                color: Theme.attention
                border.color: Theme.card
            }
        }
    }
    BodyText {
        id: said
        quiet: true
        font.pixelSize: Theme.smallText
        Layout.fillWidth: true
        text: {
            const one = chart.sizes[chart.shown]
            if (one !== undefined) {
                const took = chart.durations[one.backupId]
                return qsTr("%1: %2").arg(Formats.dateTime(one.created)).arg(Formats.bytes(one.size))
                    + (took !== undefined ? qsTr(", in %1").arg(Formats.duration(took)) : "")
            }
            return chart.sizes.length === 0 ? qsTr("No backup yet.")
                : chart.longest > 0 ? qsTr("Bars: size, the largest has %1. Dots: duration, the longest took %2.").arg(Formats.bytes(chart.largest)).arg(Formats.duration(chart.longest))
                : qsTr("The largest has %1.").arg(Formats.bytes(chart.largest))
        }
    }
}
