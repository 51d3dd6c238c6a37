// Looks into a backup folder by folder, shows texts and pictures, and saves single files.
import QtQuick
import QtQuick.Controls
import QtQuick.Dialogs
import QtQuick.Layouts
import HubKeep

ColumnLayout {
    id: browser

    required property HubConnection hub
    required property string backupPath // "/api/v1/backup/<id>"
    property var sources: [] // as the backup's summary lists them

    property string folder // "" shows the sources
    property var entries: []
    property string file // the one that is shown

    spacing: Theme.gap

    function root(source) {
        return source.folder ?? "sources/" + source.name
    }
    function roots() {
        return sources.map(source => ({ path: root(source), type: "directory", title: source.name, size: source.bytes }))
    }
    // A source's root has no folder above it: above it are the sources.
    function above() {
        return sources.some(source => root(source) === folder) ? "" : folder.slice(0, folder.lastIndexOf("/"))
    }
    function show(path) {
        file = ""
        preview.clear()
        picture.clear()
        entries = []
        folder = path
        if (path === "")
            entries = roots()
        else
            listing.get(backupPath + "/files?limit=500&folder=" + encodeURIComponent(path))
    }
    function fileUrl(path) {
        return backupPath + "/file?path=" + encodeURIComponent(path)
    }
    function open(entry) {
        if (entry.type === "directory") {
            show(entry.path)
            return
        }
        file = entry.path
        preview.clear()
        if (/\.(txt|md|ya?ml|json|conf|ini|log|csv|xml|html?|sh|py|js|css|env|toml)$/i.test(entry.path) && entry.size <= 256 * 1024)
            preview.get(fileUrl(entry.path))
        picture.clear()
        if (/\.(png|jpe?g|gif|bmp|ppm)$/i.test(entry.path) && entry.size <= 16 * 1024 * 1024)
            picture.getPicture(fileUrl(entry.path))
    }

    onSourcesChanged: show("")

    ApiCall {
        id: listing
        hub: browser.hub
        onDone: result => {
            browser.entries = browser.entries.concat(result.entries.filter(entry => entry.path !== browser.folder))
        }
    }
    ApiCall {
        id: preview
        hub: browser.hub
    }
    ApiCall {
        id: picture
        hub: browser.hub
    }
    ApiCall {
        id: saving
        hub: browser.hub
    }
    FileDialog {
        id: saveAs
        property string path
        fileMode: FileDialog.SaveFile
        onAccepted: saving.download(browser.fileUrl(path), selectedFile)
    }

    RowLayout {
        spacing: Theme.gap
        ActionButton {
            text: qsTr("Up")
            enabled: browser.folder !== ""
            Accessible.name: qsTr("To the folder above")
            onClicked: browser.show(browser.above())
        }
        BodyText {
            objectName: "folder"
            text: browser.folder === "" ? qsTr("All sources") : browser.folder
            quiet: true
            elide: Text.ElideLeft
            wrapMode: Text.NoWrap
            Layout.fillWidth: true
        }
    }
    BodyText {
        visible: text !== ""
        text: listing.failed ? listing.message : listing.busy ? qsTr("Reading …")
            : browser.entries.length === 0 ? qsTr("This folder is empty.") : ""
        color: listing.failed ? Theme.danger : Theme.quiet
        Layout.fillWidth: true
    }
    ListView {
        id: list
        objectName: "entries"
        Layout.fillWidth: true
        Layout.preferredHeight: Math.min(Math.max(contentHeight, 40), 280)
        clip: true
        reuseItems: true
        model: browser.entries
        activeFocusOnTab: true
        boundsBehavior: Flickable.StopAtBounds
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Entries")
        Keys.onReturnPressed: if (currentIndex >= 0) browser.open(browser.entries[currentIndex])
        ScrollBar.vertical: ScrollBar {}

        delegate: ItemDelegate {
            id: entry
            required property int index
            required property var modelData
            readonly property bool isFolder: modelData.type === "directory"

            objectName: "entry-" + (modelData.title ?? modelData.path.slice(modelData.path.lastIndexOf("/") + 1))
            width: ListView.view.width
            implicitHeight: 32
            text: (modelData.title ?? modelData.path.slice(modelData.path.lastIndexOf("/") + 1)) + (isFolder ? "/" : "")
            Accessible.name: isFolder ? qsTr("Folder %1").arg(text) : qsTr("%1, %2").arg(text).arg(Formats.bytes(modelData.size ?? 0))
            onClicked: {
                list.currentIndex = index
                browser.open(modelData)
            }
            background: Rectangle {
                radius: 4
                color: entry.modelData.path === browser.file ? Theme.selected : entry.hovered ? Theme.hover : "transparent"
                border.width: entry.ListView.isCurrentItem && list.activeFocus ? 2 : 0
                border.color: Theme.accent
            }
            contentItem: RowLayout {
                spacing: Theme.gap
                BodyText {
                    text: entry.text
                    color: entry.isFolder ? Theme.accent : Theme.text
                    elide: Text.ElideMiddle
                    wrapMode: Text.NoWrap
                    Layout.fillWidth: true
                }
                BodyText {
                    text: entry.modelData.modified ? Formats.dateTime(entry.modelData.modified) : ""
                    quiet: true
                    font.pixelSize: Theme.smallText
                    wrapMode: Text.NoWrap
                }
                BodyText {
                    text: entry.modelData.size !== undefined ? Formats.bytes(entry.modelData.size) : ""
                    quiet: true
                    font.pixelSize: Theme.smallText
                    wrapMode: Text.NoWrap
                    horizontalAlignment: Text.AlignRight
                    Layout.preferredWidth: 70
                }
            }
        }
    }
    ActionButton {
        readonly property string next: listing.result?.next_after ?? ""
        visible: next !== "" && !listing.busy && browser.folder !== ""
        text: qsTr("Show more")
        onClicked: listing.get(browser.backupPath + "/files?limit=500&folder=" + encodeURIComponent(browser.folder)
            + "&after=" + encodeURIComponent(next))
    }
    RowLayout {
        visible: browser.file !== ""
        spacing: Theme.gap
        BodyText {
            text: browser.file
            elide: Text.ElideLeft
            wrapMode: Text.NoWrap
            Layout.fillWidth: true
        }
        ActionButton {
            objectName: "saveFile"
            text: saving.busy ? qsTr("Saving …") : qsTr("Save …")
            enabled: browser.hub.admin && !saving.busy
            onClicked: {
                saveAs.path = browser.file
                saveAs.currentFile = "file:" + browser.file.slice(browser.file.lastIndexOf("/") + 1)
                saveAs.open()
            }
        }
    }
    BodyText {
        visible: text !== ""
        text: saving.failed ? saving.message : preview.failed ? preview.message : picture.failed ? picture.message
            : shown.status === Image.Error ? qsTr("This picture can't be shown; it can be saved.") : ""
        color: Theme.danger
        Layout.fillWidth: true
    }
    ScrollView {
        visible: preview.answered && browser.file !== ""
        Layout.fillWidth: true
        Layout.preferredHeight: 220
        TextArea {
            objectName: "preview"
            readOnly: true
            text: typeof preview.result === "string" ? preview.result : JSON.stringify(preview.result ?? "", null, 2)
            textFormat: TextEdit.PlainText
            font.family: "monospace"
            font.pixelSize: Theme.smallText
            color: Theme.text
            Accessible.name: qsTr("Content of %1").arg(browser.file)
            background: Rectangle {
                color: Theme.field
                border.color: Theme.line
                radius: 4
            }
        }
    }
    Image {
        id: shown
        objectName: "picture"
        visible: status === Image.Ready
        source: picture.answered && browser.file !== "" ? picture.result : ""
        asynchronous: true // Qt refuses what unpacks to more than 128 MB
        fillMode: Image.PreserveAspectFit
        Accessible.role: Accessible.Graphic
        Accessible.name: qsTr("Content of %1").arg(browser.file)
        Layout.fillWidth: true
        Layout.preferredHeight: visible ? Math.min(320, implicitHeight) : 0
    }
}
