// The first step of a restore: which backup.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

ListView {
    id: list

    required property HubConnection hub
    signal chosen(string id)

    objectName: "restoreChoice"
    clip: true
    reuseItems: true
    model: hub.backups
    activeFocusOnTab: true
    boundsBehavior: Flickable.StopAtBounds
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Backups")
    Keys.onReturnPressed: if (currentItem) chosen(currentItem.backupId)
    ScrollBar.vertical: ScrollBar {}
    // A search on the list of backups must not hide the one that is looked for here.
    Component.onCompleted: {
        hub.backups.search = ""
        hub.backups.filter = 0
    }

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
        onClicked: list.chosen(backupId)
    }

    PageState {
        empty: list.hub.backups.total === 0
        emptyTitle: qsTr("No backup yet")
        emptyText: qsTr("There is nothing that could be restored. A backup that was made elsewhere can be uploaded to the hub.")
    }
}
