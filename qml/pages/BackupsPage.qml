// All backups by day, and one of them beside the list.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Item {
    id: page

    readonly property ApplicationWindow window: ApplicationWindow.window
    readonly property HubConnection hub: window.hub
    property string chosen: window.pageArguments.backupId ?? ""

    RowLayout {
        anchors.fill: parent
        spacing: 0

        ColumnLayout {
            Layout.preferredWidth: 340
            Layout.maximumWidth: 340
            Layout.fillHeight: true
            Layout.margins: Theme.space
            spacing: Theme.gap

            InputField {
                objectName: "search"
                placeholder: qsTr("Search")
                text: page.hub.backups.search
                field.onTextEdited: page.hub.backups.search = text
                Layout.fillWidth: true
            }
            Choice {
                objectName: "filter"
                model: [qsTr("All backups"), qsTr("Automatic ones"), qsTr("Made by hand"), qsTr("Encrypted ones"),
                    qsTr("Not verified yet"), qsTr("Missing on an agent")]
                currentIndex: page.hub.backups.filter
                onActivated: index => page.hub.backups.filter = index
                Accessible.name: qsTr("Which backups")
                Layout.fillWidth: true
            }
            ListView {
                id: list
                objectName: "backupList"
                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true
                reuseItems: true
                model: page.hub.backups
                activeFocusOnTab: true
                keyNavigationEnabled: true
                boundsBehavior: Flickable.StopAtBounds
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Backups")
                Keys.onReturnPressed: if (currentItem) page.chosen = currentItem.backupId
                Keys.onSpacePressed: if (currentItem) page.chosen = currentItem.backupId
                ScrollBar.vertical: ScrollBar {}

                section.property: "day"
                section.delegate: BodyText {
                    required property string section
                    width: ListView.view.width
                    text: section
                    quiet: true
                    font.pixelSize: Theme.smallText
                    topPadding: Theme.gap
                    bottomPadding: Theme.small
                }
                delegate: BackupRow {
                    width: ListView.view.width
                    chosen: backupId === page.chosen
                    onClicked: {
                        list.currentIndex = index
                        page.chosen = backupId
                    }
                }

                PageState {
                    empty: page.hub.backups.count === 0
                    emptyTitle: page.hub.backups.total === 0 ? qsTr("No backup yet") : qsTr("Nothing matches")
                    emptyText: page.hub.backups.total === 0 ? qsTr("The first one is made from the overview.")
                        : qsTr("%n backup(s) do not match the search and the filter.", "", page.hub.backups.total)
                    emptyAction: page.hub.backups.total === 0 ? qsTr("To the overview") : qsTr("Show all")
                    onEmptyActionTriggered: {
                        if (page.hub.backups.total === 0) {
                            page.window.showPage("overview")
                        } else {
                            page.hub.backups.search = ""
                            page.hub.backups.filter = 0
                        }
                    }
                }
            }
        }
        Rectangle {
            implicitWidth: 1
            color: Theme.line
            Layout.fillHeight: true
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            BodyText {
                visible: page.chosen === "" && page.hub.backups.total > 0
                anchors.centerIn: parent
                quiet: true
                text: qsTr("Choose a backup to see what is in it.")
            }
            Loader {
                anchors.fill: parent
                active: page.chosen !== ""
                sourceComponent: BackupDetail {
                    hub: page.hub
                    backupId: page.chosen
                    onGone: page.chosen = ""
                    onRestoreAsked: page.window.showPage("restore", { backupId: page.chosen })
                }
            }
        }
    }
}
