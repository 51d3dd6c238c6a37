// When automatic backups run, with the next ten runs as they would be.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: editor

    required property HubConnection hub
    required property var settings
    signal saved

    readonly property var recurrences: ["never", "daily", "custom_days"]
    readonly property var dayNames: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    property var days: settings.schedule.days
    readonly property bool timeIsRight: time.text === "" || /^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time.text)

    contentWidth: availableWidth

    function schedule() {
        const schedule = {
            recurrence: recurrences[recurrence.currentIndex],
            days: recurrence.currentIndex === 2 ? days : [],
            time: time.text === "" ? null : time.text,
            catch_up: catchUp.checked ? "immediately" : "next_slot"
        }
        return schedule
    }
    function simulate() {
        if (timeIsRight && (recurrence.currentIndex !== 2 || days.length > 0))
            simulation.post("/api/v1/simulate/schedule", Object.assign({ count: 9 }, schedule()))
        else
            simulation.clear()
    }

    onDaysChanged: simulate()
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
            heading: qsTr("When")
            Layout.fillWidth: true
            RowLayout {
                spacing: Theme.space
                Choice {
                    id: recurrence
                    objectName: "recurrence"
                    model: [qsTr("Never by itself"), qsTr("Every day"), qsTr("On some days")]
                    currentIndex: Math.max(0, editor.recurrences.indexOf(editor.settings.schedule.recurrence))
                    onActivated: editor.simulate()
                    Accessible.name: qsTr("How often")
                    Layout.preferredWidth: 200
                }
                Repeater {
                    model: recurrence.currentIndex === 2 ? editor.dayNames : []
                    Tick {
                        required property string modelData
                        required property int index
                        objectName: "day-" + modelData
                        text: Qt.locale().dayName((index + 1) % 7, Locale.ShortFormat)
                        checked: editor.days.includes(modelData)
                        onToggled: editor.days = checked ? editor.days.concat([modelData]) : editor.days.filter(day => day !== modelData)
                    }
                }
            }
            InputField {
                id: time
                objectName: "time"
                visible: recurrence.currentIndex > 0
                label: qsTr("Time of day; empty: about 04:45, not at the same second as everybody else")
                placeholder: "04:45"
                text: (editor.settings.schedule.time ?? "").slice(0, 5)
                problem: editor.timeIsRight ? "" : qsTr("A time looks like 04:45.")
                field.onTextEdited: Qt.callLater(editor.simulate) // when it is known whether the time is right
                Layout.fillWidth: true
            }
            Tick {
                id: catchUp
                visible: recurrence.currentIndex > 0
                text: qsTr("Make up for a missed run as soon as possible")
                checked: editor.settings.schedule.catch_up !== "next_slot"
                onToggled: editor.simulate()
                Layout.fillWidth: true
            }
        }
        Card {
            heading: qsTr("The next runs")
            Layout.fillWidth: true
            BodyText {
                objectName: "scheduleReason"
                text: simulation.failed ? simulation.message : simulation.result?.reason ?? ""
                visible: text !== ""
                color: simulation.failed ? Theme.danger : Theme.quiet
                Layout.fillWidth: true
            }
            BodyText {
                visible: simulation.answered && simulation.result.next === null
                text: qsTr("None. Backups are made only when somebody asks for one.")
                color: Theme.attention
                Layout.fillWidth: true
            }
            Repeater {
                objectName: "nextRuns"
                model: simulation.result?.next ? [simulation.result.next].concat(simulation.result.following) : []
                BodyText {
                    required property string modelData
                    text: Formats.dateTime(modelData)
                    Layout.fillWidth: true
                }
            }
        }
        SaveRow {
            call: save
            ready: editor.timeIsRight && (recurrence.currentIndex !== 2 || editor.days.length > 0)
            hint: recurrence.currentIndex === 2 && editor.days.length === 0 ? qsTr("Choose at least one day.") : ""
            Layout.fillWidth: true
            onSave: save.put("/api/v1/backup/settings", { schedule: editor.schedule() })
        }
    }
}
