// The parts of a page; in a narrow window they take two rows.
import QtQuick
import QtQuick.Controls
import HubKeep

Flow {
    id: tabs

    required property var titles
    property int current: 0

    spacing: Theme.small
    Accessible.role: Accessible.PageTabList

    Repeater {
        model: tabs.titles
        AbstractButton {
            id: tab
            required property int index
            required property string modelData

            implicitHeight: 40
            implicitWidth: contentItem.implicitWidth + 2 * Theme.space
            text: modelData
            objectName: "tab-" + index
            Accessible.role: Accessible.PageTab
            Accessible.name: text
            Accessible.selected: index === tabs.current
            onClicked: tabs.current = index
            Keys.onReturnPressed: click()
            Keys.onRightPressed: tabs.current = Math.min(tabs.titles.length - 1, tabs.current + 1)
            Keys.onLeftPressed: tabs.current = Math.max(0, tabs.current - 1)

            contentItem: Text {
                text: tab.text
                color: tab.index === tabs.current ? Theme.accent : Theme.text
                font.pixelSize: Theme.textSize
                font.weight: tab.index === tabs.current ? Font.DemiBold : Font.Normal
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
            }
            background: Rectangle {
                radius: Theme.radius / 2
                color: tab.hovered ? Theme.hover : "transparent"
                border.width: tab.visualFocus ? 2 : 0
                border.color: Theme.accent
                Rectangle {
                    anchors.bottom: parent.bottom
                    width: parent.width
                    height: 3
                    color: tab.index === tabs.current ? Theme.accent : "transparent"
                }
            }
        }
    }
}
