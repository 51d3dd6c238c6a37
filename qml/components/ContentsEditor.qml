// What automatic backups hold and where they go.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ScrollView {
    id: editor

    required property HubConnection hub
    required property var settings
    signal saved

    readonly property var create: settings.create_backup
    readonly property var allSources: (sources.result?.sources ?? []).map(source => source.name)
    readonly property var allAgents: (agents.result?.agents ?? []).map(agent => agent.type + "." + agent.name)
    property var unwanted: ({}) // sources that are left out
    property var chosenAgents: create.agent_ids
    property var sealed: ({}) // by agent: what somebody changed

    contentWidth: availableWidth

    function isSealed(agent) {
        return sealed[agent] ?? settings.agents[agent]?.protected ?? true
    }
    function body() {
        const wanted = allSources.filter(name => !unwanted[name])
        const body = {
            create_backup: {
                agent_ids: chosenAgents,
                include_sources: wanted.length === allSources.length ? null : wanted,
                include_database: database.checked,
                name: name.text === "" ? null : name.text
            }
        }
        // The hub never tells the password; what is not sent stays as it is.
        if (password.text !== "")
            body.create_backup.password = password.text
        else if (noPassword.checked)
            body.create_backup.password = null
        if (Object.keys(sealed).length > 0) {
            body.agents = {}
            for (const agent of Object.keys(sealed))
                body.agents[agent] = { protected: sealed[agent] }
        }
        return body
    }

    Component.onCompleted: {
        sources.get("/api/v1/sources")
        agents.get("/api/v1/agents")
        const left = {}
        if (create.include_sources !== null)
            sources.done.connect(() => {
                for (const name of allSources)
                    left[name] = !create.include_sources.includes(name)
                unwanted = left
            })
    }

    ApiCall {
        id: sources
        hub: editor.hub
    }
    ApiCall {
        id: agents
        hub: editor.hub
    }
    ApiCall {
        id: save
        hub: editor.hub
        onDone: {
            password.text = ""
            noPassword.checked = false
            editor.saved()
        }
    }

    ColumnLayout {
        width: editor.availableWidth
        spacing: Theme.space

        Card {
            heading: qsTr("What")
            Layout.fillWidth: true
            Repeater {
                model: editor.allSources
                Tick {
                    required property string modelData
                    objectName: "holds-" + modelData
                    text: modelData
                    checked: !editor.unwanted[modelData]
                    Layout.fillWidth: true
                    onToggled: {
                        const unwanted = Object.assign({}, editor.unwanted)
                        unwanted[modelData] = !checked
                        editor.unwanted = unwanted
                    }
                }
            }
            Tick {
                id: database
                text: qsTr("The hub itself: its configuration, users and history")
                checked: editor.create.include_database
                Layout.fillWidth: true
            }
            InputField {
                id: name
                label: qsTr("Name of these backups")
                placeholder: qsTr("the hub chooses one")
                text: editor.create.name ?? ""
                Layout.fillWidth: true
            }
        }
        Card {
            heading: qsTr("Where to")
            Layout.fillWidth: true
            BodyText {
                visible: text !== ""
                text: agents.failed ? agents.message : editor.chosenAgents.length === 0 ? qsTr("No agent is chosen, so they go to this computer's own folder.") : ""
                color: agents.failed ? Theme.danger : Theme.quiet
                Layout.fillWidth: true
            }
            Repeater {
                model: editor.allAgents
                RowLayout {
                    id: agent
                    required property string modelData
                    spacing: Theme.wide
                    Tick {
                        objectName: "goes-" + agent.modelData
                        text: agent.modelData
                        checked: editor.chosenAgents.includes(agent.modelData)
                        Layout.preferredWidth: 260
                        onToggled: editor.chosenAgents = checked ? editor.chosenAgents.concat([agent.modelData])
                            : editor.chosenAgents.filter(id => id !== agent.modelData)
                    }
                    Tick {
                        text: qsTr("encrypted there, where there is a key or a password")
                        checked: editor.isSealed(agent.modelData)
                        Layout.fillWidth: true
                        onToggled: {
                            const sealed = Object.assign({}, editor.sealed)
                            sealed[agent.modelData] = checked
                            editor.sealed = sealed
                        }
                    }
                }
            }
            BodyText {
                // Home Assistant's name for the first folder is known without being listed.
                readonly property var gone: editor.chosenAgents.filter(id => id !== "backup.local" && !editor.allAgents.includes(id))
                visible: gone.length > 0 && agents.answered
                text: qsTr("Chosen, but not configured any more: %1").arg(gone.join(", "))
                color: Theme.danger
                Layout.fillWidth: true
            }
        }
        Card {
            heading: qsTr("Password")
            Layout.fillWidth: true
            BodyText {
                text: qsTr("A key is better: see Encryption. A password opens the backups wherever it is known; the hub never shows it again.")
                quiet: true
                Layout.fillWidth: true
            }
            InputField {
                id: password
                label: qsTr("New password; empty: as it is now")
                echoMode: TextInput.Password
                Layout.fillWidth: true
            }
            Tick {
                id: noPassword
                text: qsTr("Take the password away")
                enabled: password.text === ""
                Layout.fillWidth: true
            }
        }
        SaveRow {
            call: save
            readonly property bool nothing: editor.allSources.length > 0 && editor.allSources.every(name => editor.unwanted[name] ?? false)
            ready: sources.answered && agents.answered && !nothing
            hint: nothing ? qsTr("Choose at least one source.") : ""
            Layout.fillWidth: true
            onSave: save.put("/api/v1/backup/settings", editor.body())
        }
    }
}
