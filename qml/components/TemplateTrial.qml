// A template and what it says, as it is typed and as the hub changes.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: trial

    required property HubConnection hub

    spacing: Theme.gap

    onVisibleChanged: if (visible) render()

    function render() {
        call.post("/api/template", { template: area.text })
    }

    ApiCall {
        id: call
        hub: trial.hub
    }
    Timer {
        id: soon
        interval: 300
        onTriggered: trial.render()
    }
    Connections {
        target: trial.hub
        enabled: trial.visible
        function onEntitiesChanged() {
            soon.restart()
        }
    }

    BodyText {
        text: qsTr("Templates as in Home Assistant. Names are completed with Ctrl+Space.")
        quiet: true
        Layout.fillWidth: true
    }
    YamlArea {
        id: area
        objectName: "template"
        text: "{{ states('sensor.backup_count') }} backups, the newest of them\n{{ (states('sensor.backup_size') | float(0) / 1e6) | round(1) }} MB."
        entityIds: Object.keys(trial.hub.entities)
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: 1
        onTextChanged: soon.restart()
    }
    Card {
        heading: call.failed ? qsTr("It can't be rendered.") : qsTr("It says")
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: 1
        ScrollView {
            id: output
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: availableWidth
            BodyText {
                objectName: "rendered"
                width: output.availableWidth
                text: call.failed ? call.message : call.answered ? String(call.result) : ""
                color: call.failed ? Theme.danger : Theme.text
                font.family: "monospace"
            }
        }
    }
}
