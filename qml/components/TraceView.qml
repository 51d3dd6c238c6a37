// The last runs of an automation, and one of them as the path that it took through its steps.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: view

    required property HubConnection hub
    required property var automation
    readonly property string path: automation === null ? "" : "/api/v1/automations/" + encodeURIComponent(automation.entity_id) + "/traces"
    readonly property string lastRun: automation === null ? "" : hub.entities[automation.entity_id]?.attributes?.last_triggered ?? ""
    readonly property string running: automation === null ? "" : String(hub.entities[automation.entity_id]?.attributes?.current ?? 0)
    property var runs: [] // newest first
    property var steps: []

    spacing: Theme.gap

    function read() {
        steps = []
        runs = []
        if (automation !== null)
            list.get(path)
    }
    function result(step) {
        if (step.error)
            return step.error
        const result = step.result
        if (result === undefined || result === null)
            return ""
        if (result.params)
            return result.params.domain + "." + result.params.service + " " + JSON.stringify(result.params.service_data)
        return result.result !== undefined ? String(result.result) : JSON.stringify(result)
    }

    onPathChanged: read()
    onLastRunChanged: read()
    onRunningChanged: read()

    ApiCall {
        id: list
        hub: view.hub
        onDone: result => {
            view.runs = result.traces.slice().reverse()
            if (view.runs.length > 0)
                trace.get(view.path + "/" + view.runs[0].run_id)
        }
    }
    ApiCall {
        id: trace
        hub: view.hub
        onDone: result => {
            const steps = []
            for (const path of Object.keys(result.trace)) {
                for (const step of result.trace[path])
                    steps.push({ path: path, step: step, time: step.timestamp })
            }
            steps.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0)
            view.steps = steps
        }
    }

    Heading {
        text: view.automation?.alias ?? ""
        Layout.fillWidth: true
    }
    Choice {
        visible: view.runs.length > 0
        model: view.runs.map(run => Formats.dateTime(run.timestamp.start) + ": " + run.script_execution)
        Accessible.name: qsTr("Which run")
        Layout.fillWidth: true
        onActivated: index => trace.get(view.path + "/" + view.runs[index].run_id)
    }
    BodyText {
        visible: text !== ""
        text: list.failed ? list.message : trace.failed ? trace.message : list.answered && view.runs.length === 0 ? qsTr("It has not run since the hub was started.") : ""
        color: list.failed || trace.failed ? Theme.danger : Theme.quiet
        Layout.fillWidth: true
    }
    ListView {
        objectName: "steps"
        clip: true
        model: view.steps
        activeFocusOnTab: true
        boundsBehavior: Flickable.StopAtBounds
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Steps of the run")
        Layout.fillWidth: true
        Layout.fillHeight: true
        ScrollBar.vertical: ScrollBar {}
        delegate: Item {
            id: step
            required property int index
            required property var modelData
            readonly property bool bad: modelData.step.error !== undefined || modelData.step.result?.result === false

            width: ListView.view.width
            implicitHeight: words.implicitHeight + Theme.space
            Accessible.role: Accessible.ListItem
            Accessible.name: path.text + " " + outcome.text

            Rectangle {
                visible: step.index < view.steps.length - 1
                x: 7
                y: 12
                width: 2
                height: parent.height
                color: Theme.line
            }
            Rectangle {
                width: 16
                height: 16
                radius: 8
                color: step.bad ? Theme.danger : Theme.safe
            }
            ColumnLayout {
                id: words
                x: 28
                width: parent.width - x
                spacing: 2
                BodyText {
                    id: path
                    text: step.modelData.path
                    font.weight: Font.DemiBold
                    Layout.fillWidth: true
                }
                BodyText {
                    id: outcome
                    visible: text !== ""
                    text: view.result(step.modelData.step)
                    color: step.bad ? Theme.danger : Theme.quiet
                    font.pixelSize: Theme.smallText
                    wrapMode: Text.WrapAnywhere
                    maximumLineCount: 6
                    elide: Text.ElideRight
                    Layout.fillWidth: true
                }
            }
        }
    }
}
