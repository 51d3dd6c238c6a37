// Which hub, and which of its pages.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Rectangle {
    id: sidebar

    required property Hubs hubs
    required property var pages
    required property string page
    signal chosen(string name)

    implicitWidth: 232
    color: Theme.sidebar

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.gap
        spacing: Theme.small

        Choice {
            model: sidebar.hubs
            textRole: "name"
            currentIndex: sidebar.hubs.currentIndex
            onActivated: index => sidebar.hubs.currentIndex = index
            Accessible.name: qsTr("Hub")
            Layout.fillWidth: true
            Layout.bottomMargin: Theme.gap
        }
        Repeater {
            model: sidebar.pages

            ItemDelegate {
                id: entry
                required property var modelData
                readonly property bool current: modelData.name === sidebar.page

                objectName: "sidebar-" + modelData.name
                text: modelData.title
                implicitHeight: 40
                Layout.fillWidth: true
                Accessible.role: Accessible.PageTab
                Accessible.name: text
                Accessible.selected: current
                onClicked: sidebar.chosen(modelData.name)
                Keys.onReturnPressed: click()
                Keys.onDownPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
                Keys.onUpPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

                contentItem: Text {
                    text: entry.text
                    color: entry.current ? Theme.accent : Theme.text
                    font.pixelSize: Theme.textSize
                    font.weight: entry.current ? Font.DemiBold : Font.Normal
                    verticalAlignment: Text.AlignVCenter
                    leftPadding: Theme.gap
                    elide: Text.ElideRight
                }
                background: Rectangle {
                    radius: Theme.radius / 2
                    color: entry.current ? Theme.selected : entry.hovered ? Theme.hover : "transparent"
                    border.width: entry.visualFocus ? 2 : 0
                    border.color: Theme.accent
                }
            }
        }
        Item {
            Layout.fillHeight: true
        }
    }
}
