// What a page says where it has nothing to show: it loads, it failed, there is nothing.
// It fills its parent and is there only while there is something to say.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: state

    // The question whose answer the page shows.
    property ApiCall call: null
    // There is an answer and nothing in it.
    property bool empty: false
    property string emptyTitle
    property string emptyText
    property string emptyAction
    signal emptyActionTriggered
    signal retried

    readonly property bool loading: call !== null && call.busy && !call.answered
    readonly property bool failed: call !== null && call.failed

    anchors.fill: parent
    visible: loading || failed || empty

    ColumnLayout {
        anchors.centerIn: parent
        width: Math.min(parent.width - 2 * Theme.wide, 460)
        spacing: Theme.gap

        BusyIndicator {
            visible: state.loading
            running: visible
            palette.dark: Theme.accent
            Layout.alignment: Qt.AlignHCenter
            Accessible.name: qsTr("Loading")
        }
        Heading {
            visible: !state.loading
            text: state.failed ? qsTr("This could not be shown.") : state.emptyTitle
            horizontalAlignment: Text.AlignHCenter
            Layout.fillWidth: true
        }
        BodyText {
            text: state.loading ? qsTr("Asking the hub …") : state.failed ? state.call.message : state.emptyText
            quiet: true
            horizontalAlignment: Text.AlignHCenter
            Layout.fillWidth: true
            Accessible.role: Accessible.AlertMessage
        }
        ActionButton {
            visible: state.failed || (!state.loading && state.emptyAction !== "")
            text: state.failed ? qsTr("Try again") : state.emptyAction
            primary: !state.failed
            Layout.alignment: Qt.AlignHCenter
            onClicked: state.failed ? state.retried() : state.emptyActionTriggered()
        }
    }
}
