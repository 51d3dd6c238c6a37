// The window: which hub, which page, and what to say where the hub is not there.
import QtQml
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ApplicationWindow {
    id: window

    required property Hubs hubs
    required property Preferences preferences
    readonly property HubConnection hub: hubs.current
    // The pages in the order of the sidebar; what screenshots and tests go through.
    readonly property var pages: [
        { name: "overview", title: qsTr("Overview"), source: "pages/OverviewPage.qml" },
        { name: "backups", title: qsTr("Backups"), source: "pages/BackupsPage.qml" },
        { name: "restore", title: qsTr("Restore"), source: "pages/RestorePage.qml" },
        { name: "automatic", title: qsTr("Automatic backups"), source: "pages/AutomaticPage.qml",
            tabs: ["schedule", "contents", "retention", "sources", "agents", "encryption", "drills", "notifications"] },
        { name: "automations", title: qsTr("Automations"), source: "pages/AutomationsPage.qml",
            tabs: ["list", "editor", "template"] },
        { name: "activity", title: qsTr("Activity"), source: "pages/ActivityPage.qml" },
        { name: "settings", title: qsTr("Settings"), source: "pages/SettingsPage.qml" }
    ]
    property string page: "overview"
    // What a page was asked to show: a backup's id, a tab.
    property var pageArguments: ({})

    function showPage(name, argumentsOfPage) {
        loader.active = false // also where it is the same page: it is to show something else
        pageArguments = argumentsOfPage ?? {}
        page = name
        loader.open()
    }

    width: 1100
    height: 760
    minimumWidth: 900
    minimumHeight: 600
    title: hub ? qsTr("%1 – HubKeep").arg(hub.name) : qsTr("HubKeep")
    color: Theme.window
    font.pixelSize: Theme.textSize

    palette {
        window: Theme.window
        windowText: Theme.text
        base: Theme.field
        alternateBase: Theme.hover
        text: Theme.text
        button: Theme.card
        buttonText: Theme.text
        highlight: Theme.accent
        highlightedText: Theme.accentInk
        placeholderText: Theme.quiet
        mid: Theme.edge
        dark: Theme.edge
        light: Theme.card
        midlight: Theme.hover
        toolTipBase: Theme.card
        toolTipText: Theme.text
        link: Theme.accent
    }

    Binding {
        target: Theme
        property: "scheme"
        value: window.preferences.theme
    }
    RowLayout {
        anchors.fill: parent
        spacing: 0

        Sidebar {
            visible: window.hub !== null
            hubs: window.hubs
            pages: window.pages
            page: window.page
            onChosen: name => window.showPage(name)
            Layout.fillHeight: true
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            Layout.fillHeight: true

            ConnectionBar {
                visible: window.hub !== null && window.hub.loaded
                hub: window.hub
                Layout.fillWidth: true
            }
            Loader {
                id: loader
                Layout.fillWidth: true
                Layout.fillHeight: true
                visible: !unreachable.visible
                active: window.hub !== null && window.hub.loaded
                source: window.pages.find(each => each.name === window.page).source
                // A page is made for one hub and gone with it.
                onLoaded: item.forceActiveFocus()
                readonly property HubConnection shown: window.hub
                onShownChanged: {
                    active = false
                    open()
                }
                function open() {
                    active = Qt.binding(() => window.hub !== null && window.hub.loaded)
                }
            }
            ConnectPage {
                id: unreachable
                visible: window.hub === null || !window.hub.loaded || window.hub.status === HubConnection.Unauthorized
                    || window.hub.status === HubConnection.Untrusted
                hubs: window.hubs
                hub: window.hub
                Layout.fillWidth: true
                Layout.fillHeight: true
            }
        }
    }

    Shortcut {
        sequences: [StandardKey.Refresh]
        onActivated: if (window.hub) window.hub.refresh()
    }
    Instantiator {
        model: window.pages
        Shortcut {
            required property int index
            required property var modelData
            sequence: "Ctrl+" + (index + 1)
            onActivated: window.showPage(modelData.name)
        }
    }
}
