// Asks before what cannot be undone. The way out is where the focus is.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Dialog {
    id: dialog

    property string text
    property string confirmText
    // Where it is not empty, it has to be typed.
    property string typed
    signal confirmed

    parent: Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(460, parent.width - 2 * Theme.wide)
    contentWidth: 400 // only hinted at; text wraps to the width above
    modal: true
    padding: Theme.wide
    onOpened: {
        field.text = ""
        keep.forceActiveFocus(Qt.TabFocusReason)
    }

    header: Item {
        implicitHeight: title.implicitHeight
        Heading {
            id: title
            width: parent.width
            text: dialog.title
            padding: Theme.wide
            bottomPadding: 0
        }
    }
    background: Rectangle {
        color: Theme.card
        radius: Theme.radius
        border.color: Theme.edge
    }
    contentItem: ColumnLayout {
        spacing: Theme.space
        BodyText {
            text: dialog.text
            Layout.fillWidth: true
        }
        InputField {
            id: field
            objectName: "word"
            visible: dialog.typed !== ""
            label: qsTr("Type %1 to go on").arg(dialog.typed)
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.alignment: Qt.AlignRight
            spacing: Theme.gap
            ActionButton {
                id: keep
                text: qsTr("Cancel")
                onClicked: dialog.reject()
            }
            ActionButton {
                objectName: "confirm"
                text: dialog.confirmText
                dangerous: true
                enabled: dialog.typed === "" || field.text === dialog.typed
                onClicked: {
                    dialog.accept()
                    dialog.confirmed()
                }
            }
        }
    }
}
