// One line of a log: when, what, and how it went.
import QtQuick
import QtQuick.Layouts
import HubKeep

Rectangle {
    id: row

    required property string time
    required property string title
    required property string detail
    required property bool bad

    implicitHeight: layout.implicitHeight + 2 * Theme.gap
    color: Theme.card
    radius: Theme.radius / 2
    border.color: Theme.line
    Accessible.role: Accessible.ListItem
    Accessible.name: Formats.dateTime(time) + ": " + title + ". " + detail

    RowLayout {
        id: layout
        anchors.fill: parent
        anchors.margins: Theme.gap
        spacing: Theme.space
        Text {
            text: row.bad ? "✕" : "✓"
            color: row.bad ? Theme.danger : Theme.safe
            font.pixelSize: Theme.headingSize
            Layout.preferredWidth: 20
            horizontalAlignment: Text.AlignHCenter
            Accessible.ignored: true
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 2
            BodyText {
                text: row.title
                color: row.bad ? Theme.danger : Theme.text
                font.weight: Font.DemiBold
                Layout.fillWidth: true
            }
            BodyText {
                visible: text !== ""
                text: row.detail
                quiet: true
                font.pixelSize: Theme.smallText
                Layout.fillWidth: true
            }
        }
        BodyText {
            text: Formats.dateTime(row.time)
            quiet: true
            wrapMode: Text.NoWrap
            font.pixelSize: Theme.smallText
        }
    }
}
