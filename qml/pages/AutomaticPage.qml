// Automatic backups: when, how many are kept, of what, where to, how they are locked, and whether they are tried out.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub

    property var settings: null

    function read() {
        call.get("/api/v1/backup/settings")
    }

    Component.onCompleted: read()

    ApiCall {
        id: call
        hub: page.hub
        onDone: result => page.settings = result
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.wide
        spacing: Theme.space

        TabRow {
            id: tabs
            titles: [qsTr("Schedule"), qsTr("Contents"), qsTr("Retention"), qsTr("Sources"), qsTr("Agents"), qsTr("Encryption"), qsTr("Drills"), qsTr("Notifications")]
            current: page.window.pageArguments.tab ?? 0
            Layout.fillWidth: true
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            PageState {
                call: call
                onRetried: page.read()
            }
            Loader {
                anchors.fill: parent
                active: page.settings !== null
                sourceComponent: [schedule, contents, retention, sources, agents, encryption, drills, notifiers][tabs.current]
            }
        }
    }
    Component {
        id: schedule
        ScheduleEditor {
            hub: page.hub
            settings: page.settings
            onSaved: page.read()
        }
    }
    Component {
        id: contents
        ContentsEditor {
            hub: page.hub
            settings: page.settings
            onSaved: page.read()
        }
    }
    Component {
        id: retention
        RetentionEditor {
            hub: page.hub
            settings: page.settings
            onSaved: page.read()
        }
    }
    Component {
        id: sources
        PartsEditor {
            hub: page.hub
            path: "/api/v1/sources"
            key: "sources"
            emptyText: qsTr("Nothing but the hub itself is backed up yet. Add the folders and databases that matter.")
            kinds: [
                { type: "files", title: qsTr("Folder"), fields: [{ key: "path", label: qsTr("Folder on the hub's computer"), placeholder: "/home/user/documents" }] },
                { type: "sqlite", title: qsTr("SQLite database"), fields: [{ key: "path", label: qsTr("Database file on the hub's computer"), placeholder: "/var/lib/shop/orders.db" }] },
                { type: "command", title: qsTr("Output of a command"), fields: [
                    { key: "dump", label: qsTr("Command, for example of a database's dump"), placeholder: "pg_dump shop", words: true },
                    { key: "file", label: qsTr("Name of the file in the backup"), placeholder: "shop.sql" }] }
            ]
        }
    }
    Component {
        id: agents
        PartsEditor {
            hub: page.hub
            path: "/api/v1/agents"
            key: "agents"
            emptyText: qsTr("There is no agent. Without one, backups are kept nowhere.")
            kinds: [
                { type: "local", title: qsTr("Folder"), fields: [{ key: "path", label: qsTr("Folder on the hub's computer, or a mounted disk"), placeholder: "/mnt/backup-disk" }] },
                { type: "rclone", title: qsTr("rclone remote"), fields: [{ key: "remote", label: qsTr("Remote and folder, as rclone names them"), placeholder: "nas:backups" }] }
            ]
        }
    }
    Component {
        id: encryption
        KeysPanel {
            hub: page.hub
        }
    }
    Component {
        id: drills
        DrillsPanel {
            hub: page.hub
        }
    }
    Component {
        id: notifiers
        PartsEditor {
            hub: page.hub
            path: "/api/v1/notifiers"
            key: "notifiers"
            emptyText: qsTr("Nobody is told when something goes wrong. Add a way to reach you.")
            kinds: [
                { type: "ntfy", title: "ntfy", fields: [{ key: "url", label: qsTr("Server and topic"), placeholder: "https://ntfy.sh/my-backups" }] },
                { type: "webhook", title: qsTr("Webhook"), fields: [{ key: "url", label: qsTr("Address"), placeholder: "https://chat.lan/hooks/backups" }] },
                { type: "apprise", title: "Apprise", fields: [{ key: "url", label: qsTr("Apprise address"), placeholder: "mailto://user:password@mail.lan" }] },
                { type: "desktop", title: qsTr("This desktop"), fields: [] }
            ]
        }
    }
}
