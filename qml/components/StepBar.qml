// Where somebody is in a sequence of steps, and the way back to those before.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

RowLayout {
    id: bar

    required property var titles
    required property int step
    property int reachable: -1 // steps before this one can be gone back to
    signal chosen(int step)

    spacing: Theme.small
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Step %1 of %2: %3").arg(step + 1).arg(titles.length).arg(titles[step])

    Repeater {
        model: bar.titles
        AbstractButton {
            id: one
            required property int index
            required property string modelData
            readonly property bool current: index === bar.step

            enabled: index < bar.reachable
            implicitHeight: 40
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            text: modelData
            Accessible.role: Accessible.PageTab
            Accessible.name: text
            onClicked: bar.chosen(index)
            Keys.onReturnPressed: click()

            contentItem: Text {
                text: (one.index + 1) + "  " + one.text
                color: one.current ? Theme.accent : one.enabled ? Theme.text : Theme.quiet
                font.pixelSize: Theme.textSize
                font.weight: one.current ? Font.DemiBold : Font.Normal
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
                elide: Text.ElideRight
            }
            background: Item {
                Rectangle {
                    anchors.bottom: parent.bottom
                    width: parent.width
                    height: one.visualFocus ? 4 : 3
                    color: one.index <= bar.step ? Theme.accent : Theme.line
                }
            }
        }
    }
}
