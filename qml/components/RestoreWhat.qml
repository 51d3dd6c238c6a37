// The second step of a restore: all of it, some sources, or some files.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: step

    required property ApiCall summary
    required property var what
    signal done(var what)
    signal retried

    readonly property var sources: (summary.result?.sources ?? []).filter(source => source.type !== "hub")
    readonly property bool hasHub: (summary.result?.sources ?? []).some(source => source.type === "hub")
    property var unwanted: ({}) // the names of sources that are not wanted

    contentWidth: availableWidth

    function next() {
        const wanted = sources.filter(source => !unwanted[source.name]).map(source => source.name)
        done({
            sources: wanted.length === 0 ? null : wanted.length === sources.length ? [] : wanted,
            include: patterns.text.split("\n").map(line => line.trim()).filter(line => line !== ""),
            metadata: databases.checked,
            config: configuration.checked
        })
    }

    PageState {
        call: step.summary
        onRetried: step.retried()
    }
    ColumnLayout {
        visible: step.summary.answered && !step.summary.failed
        width: step.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("Sources")
            Layout.fillWidth: true
            Repeater {
                model: step.sources
                Tick {
                    required property var modelData
                    objectName: "source-" + modelData.name
                    text: qsTr("%1 (%2, %3)").arg(modelData.name).arg(modelData.path ?? "").arg(Formats.bytes(modelData.bytes))
                    checked: true
                    Layout.fillWidth: true
                    onToggled: {
                        const unwanted = Object.assign({}, step.unwanted)
                        unwanted[modelData.name] = !checked
                        step.unwanted = unwanted
                    }
                }
            }
            BodyText {
                visible: step.sources.length === 0
                text: qsTr("This backup holds no sources, only the hub's own data.")
                quiet: true
                Layout.fillWidth: true
            }
        }
        Card {
            heading: qsTr("Only some files")
            Layout.fillWidth: true
            BodyText {
                text: qsTr("One pattern a line, relative to the source: photos/** or *.docx. Empty: all of them.")
                quiet: true
                Layout.fillWidth: true
            }
            ScrollView {
                Layout.fillWidth: true
                Layout.preferredHeight: 84
                TextArea {
                    id: patterns
                    objectName: "patterns"
                    text: step.what.include.join("\n")
                    color: Theme.text
                    font.family: "monospace"
                    font.pixelSize: Theme.textSize
                    Accessible.name: qsTr("Patterns of files")
                    background: Rectangle {
                        color: Theme.field
                        radius: Theme.radius / 2
                        border.width: patterns.activeFocus ? 2 : 1
                        border.color: patterns.activeFocus ? Theme.accent : Theme.edge
                    }
                }
            }
        }
        Card {
            visible: step.hasHub
            heading: qsTr("The hub itself")
            Layout.fillWidth: true
            BodyText {
                text: qsTr("These take effect at the hub's next start.")
                quiet: true
                Layout.fillWidth: true
            }
            Tick {
                id: databases
                text: qsTr("Its databases: users, history, the list of backups")
                Layout.fillWidth: true
            }
            Tick {
                id: configuration
                text: qsTr("Its configuration and automations")
                Layout.fillWidth: true
            }
        }
        ActionButton {
            objectName: "next"
            text: qsTr("Continue")
            primary: true
            enabled: step.sources.some(source => !step.unwanted[source.name]) || databases.checked || configuration.checked
            Layout.alignment: Qt.AlignRight
            onClicked: step.next()
        }
    }
}
