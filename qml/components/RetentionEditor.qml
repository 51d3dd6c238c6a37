// How many backups are kept, tried out on those that there are: what would go, what stays, and why.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: editor

    required property HubConnection hub
    required property var settings
    signal saved

    readonly property var rules: [
        { key: "copies", label: qsTr("Newest copies") }, { key: "days", label: qsTr("All of the last days") },
        { key: "hourly", label: qsTr("Hourly, how many") }, { key: "daily", label: qsTr("Daily, how many") },
        { key: "weekly", label: qsTr("Weekly, how many") }, { key: "monthly", label: qsTr("Monthly, how many") },
        { key: "yearly", label: qsTr("Yearly, how many") }
    ]
    property var values: Object.assign({}, settings.retention)
    readonly property var outcome: simulation.result ?? {}
    readonly property bool limited: rules.some(rule => (values[rule.key] ?? null) !== null)

    contentWidth: availableWidth

    function set(key, text) {
        const changed = Object.assign({}, values)
        changed[key] = text === "" ? null : parseInt(text)
        values = changed
        simulate()
    }
    function simulate() {
        simulation.post("/api/v1/simulate/retention", { retention: values })
    }
    // By agent: one row for each backup, oldest first as the API gives them.
    function rows() {
        const rows = []
        const kept = outcome.keep ?? {}
        const gone = outcome.delete ?? {}
        for (const agent of Object.keys(Object.assign({}, kept, gone)).sort()) {
            for (const id of gone[agent] ?? [])
                rows.push({ agent: agent, id: id, goes: true, why: [].concat((outcome.why?.[agent] ?? {})[id] ?? []).join(", ") })
            for (const one of kept[agent] ?? [])
                rows.push({ agent: agent, id: one.backup_id, goes: false, why: one.reasons.join(", ") })
        }
        return rows
    }

    Component.onCompleted: simulate()

    ApiCall {
        id: simulation
        hub: editor.hub
    }
    ApiCall {
        id: save
        hub: editor.hub
        onDone: editor.saved()
    }

    ColumnLayout {
        width: editor.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("What is kept")
            Layout.fillWidth: true
            BodyText {
                text: editor.limited ? qsTr("A backup stays where any of these rules wants it. The last good copy is never deleted, nor what was made by hand.")
                    : qsTr("Without a rule every automatic backup is kept for ever.")
                quiet: true
                Layout.fillWidth: true
            }
            Columns {
                columns: 4
                Layout.fillWidth: true
                Repeater {
                    model: editor.rules
                    InputField {
                        required property var modelData
                        objectName: "rule-" + modelData.key
                        label: modelData.label
                        placeholder: qsTr("no rule")
                        text: editor.settings.retention?.[modelData.key] ?? ""
                        field.validator: IntValidator { bottom: 1; top: 100000 }
                        field.inputMethodHints: Qt.ImhDigitsOnly
                        field.onTextEdited: editor.set(modelData.key, text)
                        width: parent.columnWidth
                    }
                }
            }
        }
        Card {
            heading: qsTr("On the backups that there are")
            Layout.fillWidth: true
            BodyText {
                visible: simulation.failed
                text: simulation.message
                color: Theme.danger
                Layout.fillWidth: true
            }
            BodyText {
                visible: simulation.answered && list.count === 0
                text: qsTr("There is no backup yet.")
                quiet: true
                Layout.fillWidth: true
            }
            ListView {
                id: list
                objectName: "retentionRows"
                model: simulation.answered ? editor.rows() : []
                reuseItems: true
                clip: true
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                Accessible.role: Accessible.List
                Accessible.name: qsTr("What goes and what stays")
                Layout.fillWidth: true
                Layout.preferredHeight: Math.min(contentHeight, 320)
                ScrollBar.vertical: ScrollBar {}
                delegate: RowLayout {
                    required property var modelData
                    width: ListView.view.width
                    height: 28
                    spacing: Theme.space
                    BodyText {
                        text: modelData.goes ? qsTr("goes") : qsTr("stays")
                        color: modelData.goes ? Theme.danger : Theme.safe
                        Layout.preferredWidth: 60
                    }
                    BodyText {
                        text: modelData.id
                        font.family: "monospace"
                        font.pixelSize: Theme.smallText
                        wrapMode: Text.NoWrap
                    }
                    BodyText {
                        text: modelData.agent
                        quiet: true
                        wrapMode: Text.NoWrap
                    }
                    BodyText {
                        text: modelData.why
                        quiet: true
                        elide: Text.ElideRight
                        wrapMode: Text.NoWrap
                        Layout.fillWidth: true
                    }
                }
            }
        }
        SaveRow {
            call: save
            Layout.fillWidth: true
            onSave: save.put("/api/v1/backup/settings", { retention: editor.values })
        }
    }
}
