// Every colour, size and distance of the window. Pages and components take theirs from here and have none of
// their own. Text on its ground has a contrast of 4.5:1 or more in both schemes (tests/qml/tst_theme.qml).
pragma Singleton

import QtQuick

QtObject {
    id: theme

    // "system", "light" or "dark"
    property string scheme: "system"
    readonly property bool dark: scheme === "dark" || (scheme === "system" && systemPalette.window.hslLightness < 0.5)
    readonly property SystemPalette systemPalette: SystemPalette {}

    // Grounds
    readonly property color window: dark ? "#16191d" : "#f4f5f7"
    readonly property color card: dark ? "#20252b" : "#ffffff"
    readonly property color sidebar: dark ? "#1b1f24" : "#e9ecef"
    readonly property color field: dark ? "#171a1f" : "#ffffff"
    readonly property color hover: dark ? "#2a3038" : "#e6eaee"
    readonly property color selected: dark ? "#1f3a56" : "#d6e6f7"
    readonly property color line: dark ? "#39414a" : "#d0d5da"
    // Borders of what can be used, which have to be seen (3:1).
    readonly property color edge: dark ? "#7a8591" : "#7d8790"

    // Text
    readonly property color text: dark ? "#e8eaed" : "#1c2126"
    readonly property color quiet: dark ? "#a9b2bb" : "#545d66"
    readonly property color accent: dark ? "#7db5f2" : "#0b5cad"
    readonly property color accentInk: dark ? "#0f1a26" : "#ffffff"

    // What a verdict is painted in, as text and symbols; and the ground behind it.
    readonly property color safe: dark ? "#6fd08c" : "#1a6e35"
    readonly property color working: accent
    readonly property color attention: dark ? "#f0c04f" : "#7a5200"
    readonly property color danger: dark ? "#ff938a" : "#b3261e"
    readonly property color safeGround: dark ? "#1b3325" : "#e3f4e8"
    readonly property color workingGround: dark ? "#1b2d40" : "#e3effb"
    readonly property color attentionGround: dark ? "#3a2f14" : "#fdf1d6"
    readonly property color dangerGround: dark ? "#43211f" : "#fce6e4"
    readonly property color unknownGround: dark ? "#2a3038" : "#e6eaee"

    readonly property int small: 4
    readonly property int gap: 8
    readonly property int space: 16
    readonly property int wide: 24
    readonly property int radius: 8
    readonly property int control: 34 // the height of buttons and fields

    readonly property int textSize: 14
    readonly property int smallText: 12
    readonly property int headingSize: 17
    readonly property int titleSize: 24

    // By Verdict.level
    function verdictColor(level) {
        return [quiet, safe, working, attention, danger][level] ?? quiet
    }
    function verdictGround(level) {
        return [unknownGround, safeGround, workingGround, attentionGround, dangerGround][level] ?? unknownGround
    }
    // Not by colour alone.
    function verdictSymbol(level) {
        return ["…", "✓", "↻", "!", "✕"][level] ?? "…"
    }
}
