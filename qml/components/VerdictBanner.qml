// The one sentence: is the data safe, why, and the one thing to do.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Pane {
    id: banner

    required property var verdict
    signal actionTriggered(string action)

    padding: Theme.wide
    Accessible.role: Accessible.AlertMessage
    Accessible.name: verdict.sentence + " " + verdict.reason

    background: Rectangle {
        color: Theme.verdictGround(banner.verdict.level)
        radius: Theme.radius
    }

    contentItem: RowLayout {
        spacing: Theme.wide

        Rectangle {
            implicitWidth: 52
            implicitHeight: 52
            radius: 26
            color: Theme.verdictColor(banner.verdict.level)
            Layout.alignment: Qt.AlignVCenter
            Text {
                anchors.centerIn: parent
                text: Theme.verdictSymbol(banner.verdict.level)
                font.pixelSize: 28
                font.weight: Font.Bold
                color: Theme.verdictGround(banner.verdict.level)
                Accessible.ignored: true
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: Theme.small
            BodyText {
                text: banner.verdict.sentence
                color: Theme.verdictColor(banner.verdict.level)
                font.pixelSize: Theme.titleSize
                font.weight: Font.DemiBold
                Layout.fillWidth: true
            }
            BodyText {
                visible: text !== ""
                text: banner.verdict.reason
                Layout.fillWidth: true
            }
        }
        ActionButton {
            visible: banner.verdict.todo !== ""
            text: banner.verdict.todo
            primary: true
            onClicked: banner.actionTriggered(banner.verdict.action)
        }
    }
}
