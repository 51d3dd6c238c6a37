// Automations: what there is and what it did, the files that say so, and a place to try templates out.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub
    property var automations: []
    property var files: []

    function read() {
        list.get("/api/v1/automations")
    }

    Component.onCompleted: read()

    ApiCall {
        id: list
        hub: page.hub
        onDone: result => {
            page.automations = result.automations
            page.files = result.files
        }
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.wide
        spacing: Theme.space

        TabRow {
            id: tabs
            titles: [qsTr("Automations"), qsTr("Editor"), qsTr("Template")]
            current: page.window.pageArguments.tab ?? 0
            Layout.fillWidth: true
        }
        StackLayout {
            currentIndex: tabs.current
            Layout.fillWidth: true
            Layout.fillHeight: true

            RowLayout {
                spacing: Theme.space
                AutomationList {
                    id: automationList
                    hub: page.hub
                    call: list
                    automations: page.automations
                    Layout.fillHeight: true
                    Layout.fillWidth: true
                    onRetried: page.read()
                    onWriteAsked: tabs.current = 1
                }
                TraceView {
                    visible: automationList.chosen !== null
                    hub: page.hub
                    automation: automationList.chosen
                    Layout.fillHeight: true
                    Layout.preferredWidth: 340
                    Layout.maximumWidth: 340
                }
            }
            AutomationEditor {
                hub: page.hub
                files: page.files
                onSaved: page.read()
            }
            TemplateTrial {
                hub: page.hub
            }
        }
    }
}
