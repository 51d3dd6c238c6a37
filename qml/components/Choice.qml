// One of several.
import QtQuick
import QtQuick.Controls
import HubKeep

ComboBox {
    id: choice

    implicitHeight: Theme.control
    font.pixelSize: Theme.textSize

    contentItem: Text {
        leftPadding: Theme.gap
        rightPadding: choice.indicator.width
        text: choice.displayText
        font: choice.font
        color: Theme.text
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
    }
    indicator: Text {
        x: choice.width - width - Theme.gap
        anchors.verticalCenter: parent.verticalCenter
        text: "▾"
        color: Theme.quiet
        Accessible.ignored: true
    }
    background: Rectangle {
        color: Theme.field
        radius: Theme.radius / 2
        border.width: choice.visualFocus ? 2 : 1
        border.color: choice.visualFocus ? Theme.accent : Theme.edge
    }
    delegate: ItemDelegate {
        id: option
        required property int index
        width: ListView.view.width
        text: choice.textAt(index)
        highlighted: choice.highlightedIndex === index
        contentItem: Text {
            text: option.text
            font: choice.font
            color: Theme.text
            verticalAlignment: Text.AlignVCenter
            elide: Text.ElideRight
        }
        background: Rectangle {
            color: option.highlighted ? Theme.selected : "transparent"
        }
    }
    popup: Popup {
        y: choice.height + 2
        width: Math.max(choice.width, 180)
        implicitHeight: Math.min(contentItem.implicitHeight + 2, 320)
        padding: 1
        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: choice.popup.visible ? choice.delegateModel : null
            currentIndex: choice.highlightedIndex
            ScrollBar.vertical: ScrollBar {}
        }
        background: Rectangle {
            color: Theme.card
            border.color: Theme.edge
            radius: Theme.radius / 2
        }
    }
}
