// A text with line numbers, marks at lines that have a mistake, and completion of names (Ctrl+Space, or as they are
// typed after "entity_id:" and "action:").
import QtQuick
import QtQuick.Controls
import HubKeep

FocusScope {
    id: area

    property alias text: input.text
    property var problems: []
    property var entityIds: []
    property var actionNames: []

    readonly property var wordStart: /[A-Za-z0-9_.]*$/

    function goTo(line, column) {
        const lines = input.text.split("\n")
        let position = 0
        for (let i = 0; i < Math.min(line - 1, lines.length); ++i)
            position += lines[i].length + 1
        input.cursorPosition = Math.min(input.length, position + Math.max(0, column - 1))
        input.forceActiveFocus()
    }
    // What may stand where the cursor is, nearest first; empty for nothing.
    function candidates(asked) {
        const before = input.text.slice(0, input.cursorPosition)
        const line = before.slice(before.lastIndexOf("\n") + 1)
        const word = line.match(wordStart)[0]
        let names = []
        if (/\baction:\s*[\w.]*$/.test(line))
            names = actionNames
        else if (/\bentity_id:\s*[\w.]*$/.test(line) || /^\s*-\s*[\w]+\.[\w]*$/.test(line) || /states\(['"][\w.]*$/.test(line))
            names = entityIds
        else if (asked)
            names = actionNames.concat(entityIds)
        if (word === "" && !asked)
            return []
        return names.filter(name => name.includes(word) && name !== word).sort((a, b) => a.indexOf(word) - b.indexOf(word) || (a < b ? -1 : 1)).slice(0, 8)
    }
    function complete(name) {
        const before = input.text.slice(0, input.cursorPosition)
        const word = before.match(wordStart)[0]
        const at = input.cursorPosition
        input.remove(at - word.length, at)
        input.insert(at - word.length, name)
        choices.close()
    }
    function offer(asked) {
        choices.names = candidates(asked)
        choices.current = 0
        if (choices.names.length > 0)
            choices.open()
        else
            choices.close()
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.field
        radius: Theme.radius / 2
        border.width: input.activeFocus ? 2 : 1
        border.color: input.activeFocus ? Theme.accent : Theme.edge
    }
    Flickable {
        id: scroll
        anchors.fill: parent
        anchors.margins: 2
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        contentWidth: width
        contentHeight: Math.max(height, input.implicitHeight)
        ScrollBar.vertical: ScrollBar {}

        function ensureVisible(rectangle) {
            if (contentY > rectangle.y)
                contentY = rectangle.y
            else if (contentY + height < rectangle.y + rectangle.height)
                contentY = rectangle.y + rectangle.height - height
        }

        Column {
            id: numbers
            y: input.topPadding
            width: 44
            Repeater {
                model: input.lineCount
                Text {
                    id: number
                    required property int index
                    readonly property var problem: area.problems.find(each => each.line === index + 1)
                    width: numbers.width - Theme.gap
                    height: input.contentHeight / input.lineCount
                    verticalAlignment: Text.AlignVCenter
                    horizontalAlignment: Text.AlignRight
                    text: (problem ? "✕ " : "") + (index + 1)
                    font: input.font
                    color: problem ? Theme.danger : Theme.quiet
                    Accessible.role: Accessible.StaticText
                    Accessible.name: problem ? qsTr("Line %1: %2").arg(index + 1).arg(problem.message) : ""
                    Accessible.ignored: !problem
                }
            }
        }
        TextEdit {
            id: input
            focus: true
            activeFocusOnTab: true
            x: numbers.width
            width: scroll.width - x
            height: Math.max(scroll.height, implicitHeight)
            topPadding: Theme.gap
            leftPadding: Theme.gap
            // Numbers beside the lines need one line to be one line.
            wrapMode: TextEdit.NoWrap
            textFormat: TextEdit.PlainText
            font.family: "monospace"
            font.pixelSize: Theme.textSize
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentInk
            selectByMouse: true
            persistentSelection: true
            Accessible.role: Accessible.EditableText
            Accessible.name: qsTr("YAML text")
            onCursorRectangleChanged: scroll.ensureVisible(cursorRectangle)
            Keys.onPressed: event => {
                if (choices.opened && [Qt.Key_Down, Qt.Key_Up].includes(event.key)) {
                    choices.current = (choices.current + (event.key === Qt.Key_Down ? 1 : choices.names.length - 1)) % choices.names.length
                    event.accepted = true
                } else if (choices.opened && [Qt.Key_Return, Qt.Key_Enter].includes(event.key)) {
                    area.complete(choices.names[choices.current])
                    event.accepted = true
                } else if (event.key === Qt.Key_Space && (event.modifiers & Qt.ControlModifier)) {
                    area.offer(true)
                    event.accepted = true
                } else if (event.key === Qt.Key_Escape && choices.opened) {
                    choices.close()
                    event.accepted = true
                } else if (/^[\w.]$/.test(event.text)) {
                    offerSoon.restart()
                } else {
                    choices.close()
                }
            }
        }
    }
    Timer {
        id: offerSoon
        interval: 0 // when the letter is in the text
        onTriggered: area.offer(false)
    }
    Popup {
        id: choices
        property var names: []
        property int current: 0
        objectName: "completions"
        x: input.x + input.cursorRectangle.x
        y: input.cursorRectangle.y + input.cursorRectangle.height - scroll.contentY + 4
        padding: 1
        focus: false
        closePolicy: Popup.CloseOnPressOutside
        background: Rectangle {
            color: Theme.card
            border.color: Theme.edge
            radius: Theme.radius / 2
        }
        contentItem: Column {
            Repeater {
                model: choices.names
                Rectangle {
                    required property int index
                    required property string modelData
                    width: 360
                    height: 28
                    color: index === choices.current ? Theme.selected : "transparent"
                    BodyText {
                        anchors.fill: parent
                        anchors.leftMargin: Theme.gap
                        text: parent.modelData
                        verticalAlignment: Text.AlignVCenter
                        elide: Text.ElideRight
                    }
                    TapHandler {
                        onTapped: area.complete(parent.modelData)
                    }
                }
            }
        }
    }
}
