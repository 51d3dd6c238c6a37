// Signs in to a hub by name and password, or by a token.
import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import HubKeep

Card {
    id: card

    required property Hubs hubs
    property alias address: url.text
    property string fingerprint // of a certificate that waits for somebody's word
    property bool busy: false
    signal finished

    heading: qsTr("Sign in to a hub")

    function signIn(confirmed) {
        problem.text = ""
        busy = true
        if (byToken.checked)
            hubs.signInWithToken(url.text, token.text, confirmed)
        else
            hubs.signIn(url.text, user.text, password.text, confirmed)
    }

    Connections {
        target: card.hubs
        enabled: card.busy
        function onSignedIn() {
            card.busy = false
            card.fingerprint = ""
            password.text = ""
            token.text = ""
            card.finished()
        }
        function onSignInFailed(message, fingerprint) {
            card.busy = false
            problem.text = message
            card.fingerprint = fingerprint
        }
    }

    InputField {
        id: url
        label: qsTr("Address")
        placeholder: "https://nas.lan:8420"
        Layout.fillWidth: true
    }
    InputField {
        id: user
        visible: !byToken.checked
        label: qsTr("Name")
        Layout.fillWidth: true
    }
    InputField {
        id: password
        visible: !byToken.checked
        label: qsTr("Password")
        echoMode: TextInput.Password
        Layout.fillWidth: true
        onAccepted: card.signIn("")
    }
    InputField {
        id: token
        visible: byToken.checked
        label: qsTr("Token")
        echoMode: TextInput.Password
        Layout.fillWidth: true
        onAccepted: card.signIn("")
    }
    Tick {
        id: byToken
        text: qsTr("With a long-lived token instead")
    }
    BodyText {
        visible: !card.hubs.keyringAvailable
        text: qsTr("This system has no keyring, so the sign-in is kept only until the window is closed.")
        quiet: true
        Layout.fillWidth: true
    }
    BodyText {
        id: problem
        visible: text !== ""
        color: Theme.danger
        Accessible.role: Accessible.AlertMessage
        Layout.fillWidth: true
    }
    BodyText {
        visible: card.fingerprint !== ""
        text: card.fingerprint.replace(/(..)(?!$)/g, "$1:").toUpperCase()
        font.family: "monospace"
        wrapMode: Text.WrapAnywhere
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Theme.gap
        ActionButton {
            objectName: "signIn"
            visible: card.fingerprint === ""
            text: qsTr("Sign in")
            primary: true
            enabled: !card.busy && url.text !== "" && (byToken.checked ? token.text !== "" : user.text !== "" && password.text !== "")
            onClicked: card.signIn("")
        }
        ActionButton {
            visible: card.fingerprint !== ""
            text: qsTr("I compared it: trust this certificate")
            dangerous: true
            enabled: !card.busy
            onClicked: card.signIn(card.fingerprint)
        }
        ActionButton {
            visible: card.fingerprint !== ""
            text: qsTr("Do not trust")
            onClicked: {
                card.fingerprint = ""
                problem.text = ""
            }
        }
    }
}
