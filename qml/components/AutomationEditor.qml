// A file of automations as text: checked while it is typed, with a mark at each line that has a mistake, and the names
// of entities and actions where they belong.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: editor

    required property HubConnection hub
    required property var files
    signal saved

    property string file: "automations.yaml"
    property string etag
    property var problems: []
    property var actionNames: []
    readonly property bool exists: files.some(each => each.file === file)
    readonly property var examples: [
        { title: qsTr("Example: tell me when a backup fails"), text: "- alias: Tell me when a backup fails\n  triggers:\n    - trigger: state\n      entity_id: event.backup_automatic_backup\n  conditions: \"{{ trigger.to_state.attributes.event_type == 'failed' }}\"\n  actions:\n    - action: persistent_notification.create\n      data:\n        title: A backup failed\n        message: \"{{ trigger.to_state.attributes.failed_reason }}\"\n" },
        { title: qsTr("Example: a backup every night"), text: "- alias: A backup every night\n  triggers:\n    - trigger: time\n      at: \"03:00:00\"\n  actions:\n    - action: backup.create_automatic\n" },
        { title: qsTr("Example: warn when the disk fills up"), text: "- alias: Warn when the disk fills up\n  triggers:\n    - trigger: numeric_state\n      entity_id: sensor.backup_local_free_space\n      below: 10000000000\n  actions:\n    - action: persistent_notification.create\n      data:\n        title: Little room for backups\n        message: \"{{ (states('sensor.backup_local_free_space') | float / 1e9) | round(1) }} GB are left.\"\n" }
    ]

    spacing: Theme.gap

    function open(name) {
        file = name
        const known = files.find(each => each.file === name)
        etag = known?.etag ?? ""
        if (known)
            reading.get("/api/v1/automations/" + encodeURIComponent(name))
        else
            text.text = ""
    }
    function problemAt(line) {
        return problems.find(problem => problem.line === line)
    }
    function save(force) {
        saving.put("/api/v1/automations/" + encodeURIComponent(file) + (force ? "?force=true" : ""), text.text, etag)
    }

    onFilesChanged: if (text.text === "" || (exists && etag === "")) open(file)

    ApiCall {
        id: reading
        hub: editor.hub
        onDone: result => text.text = String(result)
    }
    ApiCall {
        id: checking
        hub: editor.hub
        onDone: result => editor.problems = result.problems
    }
    ApiCall {
        id: saving
        hub: editor.hub
        onDone: result => {
            editor.etag = result.etag
            editor.saved()
        }
    }
    ApiCall {
        id: services
        hub: editor.hub
        onDone: result => {
            const names = []
            for (const domain of result) {
                for (const service of Object.keys(domain.services))
                    names.push(domain.domain + "." + service)
            }
            editor.actionNames = names
        }
    }
    Component.onCompleted: services.get("/api/services")
    Timer {
        id: checkSoon
        interval: 300
        onTriggered: checking.post("/api/v1/automations/check", { text: text.text, file: editor.file })
    }

    RowLayout {
        spacing: Theme.gap
        Choice {
            objectName: "file"
            model: editor.files.length > 0 ? editor.files.map(each => each.file) : ["automations.yaml"]
            Accessible.name: qsTr("File")
            Layout.preferredWidth: 240
            onActivated: editor.open(currentText)
        }
        Choice {
            objectName: "examples"
            model: [qsTr("Add an example …")].concat(editor.examples.map(example => example.title))
            Accessible.name: qsTr("Examples")
            Layout.preferredWidth: 300
            onActivated: index => {
                if (index > 0)
                    text.text = text.text.replace(/\s*$/, text.text.trim() === "" ? "" : "\n") + editor.examples[index - 1].text
                currentIndex = 0
            }
        }
        Item {
            Layout.fillWidth: true
        }
        BodyText {
            objectName: "editorState"
            text: saving.failed ? saving.message : editor.problems.length > 0 ? qsTr("%n mistake(s)", "", editor.problems.length)
                : saving.answered && !saving.busy ? qsTr("Saved, and in force.") : checking.answered ? qsTr("No mistakes") : ""
            color: saving.failed || editor.problems.length > 0 ? Theme.danger : Theme.safe
            Layout.maximumWidth: 260
        }
        ActionButton {
            objectName: "saveAutomations"
            text: saving.busy ? qsTr("Saving …") : qsTr("Save")
            primary: true
            enabled: !saving.busy && editor.problems.length === 0
            onClicked: editor.save(false)
        }
    }
    BodyText {
        visible: reading.failed
        text: reading.message
        color: Theme.danger
        Layout.fillWidth: true
    }
    YamlArea {
        id: text
        objectName: "yaml"
        problems: editor.problems
        entityIds: Object.keys(editor.hub.entities)
        actionNames: editor.actionNames
        Layout.fillWidth: true
        Layout.fillHeight: true
        onTextChanged: checkSoon.restart()
    }
    ListView {
        visible: editor.problems.length > 0
        objectName: "problems"
        model: editor.problems
        clip: true
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Mistakes")
        Layout.fillWidth: true
        Layout.preferredHeight: Math.min(contentHeight, 110)
        delegate: AbstractButton {
            required property var modelData
            width: ListView.view.width
            implicitHeight: sentence.implicitHeight + Theme.small
            Accessible.name: sentence.text
            onClicked: text.goTo(modelData.line, modelData.column)
            contentItem: BodyText {
                id: sentence
                text: qsTr("Line %1, column %2: %3").arg(parent.modelData.line).arg(parent.modelData.column).arg(parent.modelData.message)
                color: Theme.danger
                font.underline: parent.visualFocus
            }
        }
    }
}
