// Sources, agents or notifiers: those that there are, and one more, tried out before it is added.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: editor

    required property HubConnection hub
    required property string path // "/api/v1/sources"
    required property string key // "sources", in the answer
    required property var kinds // { type, title, fields: [{ key, label, placeholder, words }] }
    property string emptyText

    readonly property var parts: list.result?.[key] ?? []
    readonly property var kind: kinds[kindChoice.currentIndex]
    property var values: ({})

    contentWidth: availableWidth

    function read() {
        list.get(path)
    }
    function part() {
        const part = { name: name.text, type: kind.type }
        for (const field of kind.fields) {
            const text = values[field.key] ?? ""
            if (text !== "")
                part[field.key] = field.words ? text.split(/\s+/) : text
        }
        return part
    }
    function describe(part) {
        return Object.keys(part).filter(key => !["name", "type", "managed_by"].includes(key))
            .map(key => typeof part[key] === "object" ? JSON.stringify(part[key]) : String(part[key])).join(" · ")
    }

    Component.onCompleted: read()

    ApiCall {
        id: list
        hub: editor.hub
    }
    ApiCall {
        id: trial
        hub: editor.hub
    }
    ApiCall {
        id: change
        hub: editor.hub
        onDone: {
            name.text = ""
            editor.values = {}
            trial.clear()
            editor.read()
        }
    }
    ConfirmDialog {
        id: confirmRemove
        property string name
        title: qsTr("Remove %1?").arg(name)
        text: qsTr("Backups that exist stay as they are. From now on it is left out.")
        confirmText: qsTr("Remove")
        onConfirmed: change.remove(editor.path + "/" + encodeURIComponent(name))
    }

    ColumnLayout {
        width: editor.availableWidth
        spacing: Theme.space

        Card {
            Layout.fillWidth: true
            BodyText {
                visible: text !== ""
                text: list.failed ? list.message : list.busy && !list.answered ? qsTr("Asking the hub …")
                    : editor.parts.length === 0 ? editor.emptyText : ""
                color: list.failed ? Theme.danger : Theme.quiet
                Layout.fillWidth: true
            }
            Repeater {
                model: editor.parts
                PartRow {
                    required property var modelData
                    hub: editor.hub
                    path: editor.path
                    name: modelData.name
                    type: modelData.type
                    detail: editor.describe(modelData)
                    fromFile: modelData.managed_by === "file"
                    Layout.fillWidth: true
                    onRemovalAsked: {
                        confirmRemove.name = modelData.name
                        confirmRemove.open()
                    }
                }
            }
        }
        Card {
            heading: qsTr("Add one")
            Layout.fillWidth: true
            RowLayout {
                spacing: Theme.space
                Choice {
                    id: kindChoice
                    objectName: "kind"
                    model: editor.kinds.map(kind => kind.title)
                    onActivated: {
                        editor.values = {}
                        trial.clear()
                    }
                    Accessible.name: qsTr("Kind")
                    Layout.preferredWidth: 200
                }
                InputField {
                    id: name
                    objectName: "partName"
                    placeholder: qsTr("Name: small letters, digits, - and _")
                    Layout.fillWidth: true
                }
            }
            Repeater {
                model: editor.kind.fields
                InputField {
                    required property var modelData
                    objectName: "field-" + modelData.key
                    label: modelData.label
                    placeholder: modelData.placeholder
                    field.onTextEdited: {
                        const values = Object.assign({}, editor.values)
                        values[modelData.key] = text
                        editor.values = values
                        trial.clear()
                    }
                    Layout.fillWidth: true
                }
            }
            BodyText {
                objectName: "trial"
                visible: text !== ""
                text: change.failed ? change.message : trial.failed ? trial.message : trial.busy ? qsTr("Trying …")
                    : trial.answered ? (trial.result.ok ? qsTr("It works: %1").arg(trial.result.message) : trial.result.message) : ""
                color: change.failed || trial.failed || (trial.answered && !trial.result.ok) ? Theme.danger : trial.answered ? Theme.safe : Theme.quiet
                Accessible.role: Accessible.AlertMessage
                Layout.fillWidth: true
            }
            RowLayout {
                spacing: Theme.gap
                ActionButton {
                    objectName: "try"
                    text: qsTr("Try it")
                    enabled: !trial.busy && editor.kind.fields.every(field => (editor.values[field.key] ?? "") !== "")
                    onClicked: trial.post(editor.path + "/" + encodeURIComponent(name.text === "" ? "new" : name.text) + "/test", Object.assign(editor.part(), { name: name.text === "" ? "new" : name.text }))
                }
                ActionButton {
                    objectName: "add"
                    text: qsTr("Add")
                    primary: true
                    enabled: name.text !== "" && !change.busy && editor.kind.fields.every(field => (editor.values[field.key] ?? "") !== "")
                    onClicked: change.post(editor.path, editor.part())
                }
            }
        }
    }
}
