// One backup in the list: when, how large, and what is remarkable about it.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ItemDelegate {
    id: row

    required property int index
    required property string backupId
    required property string name
    required property string created
    required property real size
    required property bool automatic
    required property bool isProtected
    required property string verified
    required property var failedAgents
    property bool chosen: false

    readonly property string remark: failedAgents.length > 0 ? qsTr("missing on %1").arg(failedAgents.join(", "))
        : verified === "" ? qsTr("not verified yet") : qsTr("verified")

    implicitHeight: 58
    hoverEnabled: true
    Accessible.role: Accessible.ListItem
    Accessible.name: qsTr("%1, %2, %3, %4").arg(name).arg(Formats.dateTime(created)).arg(Formats.bytes(size)).arg(remark)
    Accessible.selected: chosen

    background: Rectangle {
        radius: Theme.radius / 2
        color: row.chosen ? Theme.selected : row.hovered ? Theme.hover : "transparent"
        border.width: row.ListView.isCurrentItem && row.ListView.view.activeFocus ? 2 : 0
        border.color: Theme.accent
    }
    contentItem: ColumnLayout {
        spacing: 2
        RowLayout {
            spacing: Theme.gap
            BodyText {
                text: row.name
                elide: Text.ElideRight
                wrapMode: Text.NoWrap
                font.weight: Font.DemiBold
                Layout.fillWidth: true
            }
            BodyText {
                text: Formats.timeOfDay(row.created)
                wrapMode: Text.NoWrap
            }
        }
        BodyText {
            text: [Formats.bytes(row.size), row.isProtected ? qsTr("encrypted") : "", row.remark].filter(each => each !== "").join(" · ")
            color: row.failedAgents.length > 0 ? Theme.attention : Theme.quiet
            font.pixelSize: Theme.smallText
            elide: Text.ElideRight
            wrapMode: Text.NoWrap
            Layout.fillWidth: true
        }
    }
}
