// A group of things that belong together, with a heading.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Pane {
    id: card

    property string heading
    // Beside the heading, at its far end.
    property alias tools: toolRow.data
    default property alias content: column.data

    padding: Theme.space
    Accessible.role: Accessible.Grouping
    Accessible.name: heading

    background: Rectangle {
        color: Theme.card
        radius: Theme.radius
        border.color: Theme.line
    }

    contentItem: ColumnLayout {
        id: column
        spacing: Theme.gap

        RowLayout {
            visible: card.heading !== "" || toolRow.children.length > 0
            spacing: Theme.gap
            Heading {
                text: card.heading
                Layout.fillWidth: true
            }
            RowLayout {
                id: toolRow
                spacing: Theme.gap
            }
        }
    }
}
