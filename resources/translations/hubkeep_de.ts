<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>ActivityPage</name>
    <message>
        <source>Backup</source>
        <translation>Backup</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Verification</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Hochladen</translation>
    </message>
    <message>
        <source>Deletion</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Restore drill</source>
        <translation>Wiederherstellungsübung</translation>
    </message>
    <message>
        <source>Deletion of old backups</source>
        <translation>Löschen alter Backups</translation>
    </message>
    <message>
        <source>Who asked for what</source>
        <translation>Wer was verlangt hat</translation>
    </message>
    <message>
        <source>Which log</source>
        <translation>Welches Protokoll</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Entries</source>
        <translation>Einträge</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>Show older ones</source>
        <translation>Ältere zeigen</translation>
    </message>
    <message>
        <source>Nothing has happened yet</source>
        <translation>Noch ist nichts geschehen</translation>
    </message>
    <message>
        <source>Every backup, restore and verification will be listed here.</source>
        <translation>Hier wird jedes Backup, jede Wiederherstellung und jede Prüfung stehen.</translation>
    </message>
    <message>
        <source>%1 by %2</source>
        <translation>%1 durch %2</translation>
    </message>
    <message>
        <source>Backups and restores</source>
        <translation>Backups und Wiederherstellungen</translation>
    </message>
    <message>
        <source>Logbook of today</source>
        <translation>Logbuch von heute</translation>
    </message>
</context>
<context>
    <name>AutomaticPage</name>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Aufbewahrung</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Agents</source>
        <translation>Agenten</translation>
    </message>
    <message>
        <source>Encryption</source>
        <translation>Verschlüsselung</translation>
    </message>
    <message>
        <source>Drills</source>
        <translation>Übungen</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Nothing but the hub itself is backed up yet. Add the folders and databases that matter.</source>
        <translation>Bisher wird nur der Hub selbst gesichert. Fügen Sie die Ordner und Datenbanken hinzu, auf die es ankommt.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder on the hub&apos;s computer</source>
        <translation>Ordner auf dem Rechner des Hubs</translation>
    </message>
    <message>
        <source>SQLite database</source>
        <translation>SQLite-Datenbank</translation>
    </message>
    <message>
        <source>Database file on the hub&apos;s computer</source>
        <translation>Datenbankdatei auf dem Rechner des Hubs</translation>
    </message>
    <message>
        <source>Output of a command</source>
        <translation>Ausgabe eines Befehls</translation>
    </message>
    <message>
        <source>Command, for example of a database&apos;s dump</source>
        <translation>Befehl, zum Beispiel für den Abzug einer Datenbank</translation>
    </message>
    <message>
        <source>Name of the file in the backup</source>
        <translation>Name der Datei im Backup</translation>
    </message>
    <message>
        <source>There is no agent. Without one, backups are kept nowhere.</source>
        <translation>Es gibt keinen Agenten. Ohne einen werden Backups nirgends aufbewahrt.</translation>
    </message>
    <message>
        <source>Folder on the hub&apos;s computer, or a mounted disk</source>
        <translation>Ordner auf dem Rechner des Hubs, oder eine eingehängte Platte</translation>
    </message>
    <message>
        <source>rclone remote</source>
        <translation>rclone-Speicher</translation>
    </message>
    <message>
        <source>Remote and folder, as rclone names them</source>
        <translation>Speicher und Ordner, wie rclone sie nennt</translation>
    </message>
    <message>
        <source>Nobody is told when something goes wrong. Add a way to reach you.</source>
        <translation>Niemand erfährt, wenn etwas schiefgeht. Fügen Sie einen Weg hinzu, Sie zu erreichen.</translation>
    </message>
    <message>
        <source>Webhook</source>
        <translation>Webhook</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Apprise address</source>
        <translation>Apprise-Adresse</translation>
    </message>
    <message>
        <source>This desktop</source>
        <translation>Dieser Bildschirm</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>Server and topic</source>
        <translation>Server und Thema</translation>
    </message>
</context>
<context>
    <name>AutomationEditor</name>
    <message>
        <source>Example: tell me when a backup fails</source>
        <translation>Beispiel: melden, wenn ein Backup fehlschlägt</translation>
    </message>
    <message>
        <source>Example: a backup every night</source>
        <translation>Beispiel: jede Nacht ein Backup</translation>
    </message>
    <message>
        <source>Example: warn when the disk fills up</source>
        <translation>Beispiel: warnen, wenn die Platte voll wird</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Add an example …</source>
        <translation>Beispiel einfügen …</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>Beispiele</translation>
    </message>
    <message numerus="yes">
        <source>%n mistake(s)</source>
        <translation>
            <numerusform>%n Fehler</numerusform>
            <numerusform>%n Fehler</numerusform>
        </translation>
    </message>
    <message>
        <source>Saved, and in force.</source>
        <translation>Gespeichert und in Kraft.</translation>
    </message>
    <message>
        <source>No mistakes</source>
        <translation>Keine Fehler</translation>
    </message>
    <message>
        <source>Saving …</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
    <message>
        <source>Mistakes</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Line %1, column %2: %3</source>
        <translation>Zeile %1, Spalte %2: %3</translation>
    </message>
</context>
<context>
    <name>AutomationList</name>
    <message>
        <source>Automations</source>
        <translation>Automationen</translation>
    </message>
    <message>
        <source>%1 is on</source>
        <translation>%1 ist an</translation>
    </message>
    <message>
        <source>Run now</source>
        <translation>Jetzt ausführen</translation>
    </message>
    <message>
        <source>It has a mistake: %1, line %2</source>
        <translation>Sie hat einen Fehler: %1, Zeile %2</translation>
    </message>
    <message>
        <source>Last run %1</source>
        <translation>Zuletzt gelaufen %1</translation>
    </message>
    <message>
        <source>It has not run yet.</source>
        <translation>Sie ist noch nicht gelaufen.</translation>
    </message>
    <message>
        <source>No automation yet</source>
        <translation>Noch keine Automation</translation>
    </message>
    <message>
        <source>An automation does something when something happens: it tells you when a backup fails, or makes one before an upgrade.</source>
        <translation>Eine Automation tut etwas, wenn etwas geschieht: Sie meldet ein fehlgeschlagenes Backup, oder macht eines vor einer Aktualisierung.</translation>
    </message>
    <message>
        <source>Write the first one</source>
        <translation>Die erste schreiben</translation>
    </message>
</context>
<context>
    <name>AutomationsPage</name>
    <message>
        <source>Automations</source>
        <translation>Automationen</translation>
    </message>
    <message>
        <source>Editor</source>
        <translation>Editor</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
</context>
<context>
    <name>BackupDetail</name>
    <message>
        <source>Delete this backup?</source>
        <translation>Dieses Backup löschen?</translation>
    </message>
    <message>
        <source>It is deleted from %1. What only this backup holds is lost for good.</source>
        <translation>Es wird von %1 gelöscht. Was nur dieses Backup enthält, ist dann endgültig verloren.</translation>
    </message>
    <message>
        <source>It is the last backup that there is.</source>
        <translation>Es ist das letzte Backup, das es gibt.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Restore …</source>
        <translation>Wiederherstellen …</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Download …</source>
        <translation>Herunterladen …</translation>
    </message>
    <message>
        <source>Delete …</source>
        <translation>Löschen …</translation>
    </message>
    <message>
        <source>Downloading: %1 %</source>
        <translation>Wird heruntergeladen: %1 %</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>Entstanden</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>noch nicht</translation>
    </message>
    <message>
        <source>Holds</source>
        <translation>Enthält</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n database(s)</source>
        <translation>
            <numerusform>%n Datenbank</numerusform>
            <numerusform>%n Datenbanken</numerusform>
        </translation>
    </message>
    <message>
        <source>Made by</source>
        <translation>Ausgelöst durch</translation>
    </message>
    <message>
        <source>the schedule</source>
        <translation>den Zeitplan</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>Hand</translation>
    </message>
    <message>
        <source>Encrypted</source>
        <translation>Verschlüsselt</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>Where it lies</source>
        <translation>Wo es liegt</translation>
    </message>
    <message>
        <source>%1, SHA-256 %2 …</source>
        <translation>%1, SHA-256 %2 …</translation>
    </message>
    <message>
        <source>Missing on %1.</source>
        <translation>Fehlt auf %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n Warnung</numerusform>
            <numerusform>%n Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>What is in it</source>
        <translation>Was darin ist</translation>
    </message>
    <message>
        <source>Compare …</source>
        <translation>Vergleichen …</translation>
    </message>
    <message>
        <source>Restored in a drill %1, whole.</source>
        <translation>In einer Übung %1 vollständig wiederhergestellt.</translation>
    </message>
    <message>
        <source>A drill %1 failed: %2</source>
        <translation>Eine Übung ist %1 misslungen: %2</translation>
    </message>
</context>
<context>
    <name>BackupRow</name>
    <message>
        <source>missing on %1</source>
        <translation>fehlt auf %1</translation>
    </message>
    <message>
        <source>not verified yet</source>
        <translation>noch nicht geprüft</translation>
    </message>
    <message>
        <source>verified</source>
        <translation>geprüft</translation>
    </message>
    <message>
        <source>%1, %2, %3, %4</source>
        <translation>%1, %2, %3, %4</translation>
    </message>
    <message>
        <source>encrypted</source>
        <translation>verschlüsselt</translation>
    </message>
</context>
<context>
    <name>BackupsPage</name>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>All backups</source>
        <translation>Alle Backups</translation>
    </message>
    <message>
        <source>Automatic ones</source>
        <translation>Automatische</translation>
    </message>
    <message>
        <source>Made by hand</source>
        <translation>Von Hand gemachte</translation>
    </message>
    <message>
        <source>Encrypted ones</source>
        <translation>Verschlüsselte</translation>
    </message>
    <message>
        <source>Not verified yet</source>
        <translation>Noch nicht geprüfte</translation>
    </message>
    <message>
        <source>Missing on an agent</source>
        <translation>Auf einem Agenten fehlende</translation>
    </message>
    <message>
        <source>Which backups</source>
        <translation>Welche Backups</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Backups</translation>
    </message>
    <message>
        <source>No backup yet</source>
        <translation>Noch kein Backup</translation>
    </message>
    <message>
        <source>Nothing matches</source>
        <translation>Nichts passt</translation>
    </message>
    <message>
        <source>The first one is made from the overview.</source>
        <translation>Das erste machen Sie in der Übersicht.</translation>
    </message>
    <message numerus="yes">
        <source>%n backup(s) do not match the search and the filter.</source>
        <translation>
            <numerusform>%n Backup passt nicht zu Suche und Filter.</numerusform>
            <numerusform>%n Backups passen nicht zu Suche und Filter.</numerusform>
        </translation>
    </message>
    <message>
        <source>To the overview</source>
        <translation>Zur Übersicht</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alle zeigen</translation>
    </message>
    <message>
        <source>Choose a backup to see what is in it.</source>
        <translation>Wählen Sie ein Backup, um zu sehen, was darin ist.</translation>
    </message>
</context>
<context>
    <name>CompareDialog</name>
    <message>
        <source>What changed</source>
        <translation>Was sich geändert hat</translation>
    </message>
    <message>
        <source>since</source>
        <translation>seit</translation>
    </message>
    <message>
        <source>The older backup</source>
        <translation>Das ältere Backup</translation>
    </message>
    <message>
        <source>added</source>
        <translation>hinzugekommen</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>geändert</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>entfernt</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Mehr zeigen</translation>
    </message>
    <message>
        <source>There is no older backup.</source>
        <translation>Es gibt kein älteres Backup.</translation>
    </message>
    <message>
        <source>Nothing changed.</source>
        <translation>Nichts hat sich geändert.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Type %1 to go on</source>
        <translation>Zum Fortfahren %1 eingeben</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>ConnectPage</name>
    <message>
        <source>Welcome to HubKeep</source>
        <translation>Willkommen bei HubKeep</translation>
    </message>
    <message>
        <source>A hub keeps your data safe. Use the one of this computer, or sign in to another.</source>
        <translation>Ein Hub hält Ihre Daten sicher. Nehmen Sie den dieses Rechners, oder melden Sie sich bei einem anderen an.</translation>
    </message>
    <message>
        <source>Connecting to %1 …</source>
        <translation>Verbindung mit %1 …</translation>
    </message>
    <message numerus="yes">
        <source>%1 Next try in %n second(s).</source>
        <translation>
            <numerusform>%1 Nächster Versuch in %n Sekunde.</numerusform>
            <numerusform>%1 Nächster Versuch in %n Sekunden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Verbindet</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>The hub is starting …</source>
        <translation>Der Hub startet …</translation>
    </message>
    <message>
        <source>No hub is running on this computer. It can be started now; it goes on when this window is closed.</source>
        <translation>Auf diesem Rechner läuft kein Hub. Er kann jetzt gestartet werden und läuft weiter, wenn dieses Fenster geschlossen wird.</translation>
    </message>
    <message>
        <source>Start the hub</source>
        <translation>Hub starten</translation>
    </message>
</context>
<context>
    <name>ConnectionBar</name>
    <message>
        <source>Connecting to %1 again …</source>
        <translation>Erneute Verbindung mit %1 …</translation>
    </message>
    <message numerus="yes">
        <source>%1 What is shown is from before. Next try in %n second(s).</source>
        <translation>
            <numerusform>%1 Was Sie sehen, ist von vorher. Nächster Versuch in %n Sekunde.</numerusform>
            <numerusform>%1 Was Sie sehen, ist von vorher. Nächster Versuch in %n Sekunden.</numerusform>
        </translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
</context>
<context>
    <name>ContentsEditor</name>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>The hub itself: its configuration, users and history</source>
        <translation>Der Hub selbst: seine Konfiguration, Benutzer und sein Verlauf</translation>
    </message>
    <message>
        <source>Name of these backups</source>
        <translation>Name dieser Backups</translation>
    </message>
    <message>
        <source>the hub chooses one</source>
        <translation>der Hub wählt einen</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>No agent is chosen, so they go to this computer&apos;s own folder.</source>
        <translation>Es ist kein Agent gewählt, also kommen sie in den eigenen Ordner dieses Rechners.</translation>
    </message>
    <message>
        <source>encrypted there, where there is a key or a password</source>
        <translation>dort verschlüsselt, wenn es einen Schlüssel oder ein Passwort gibt</translation>
    </message>
    <message>
        <source>Chosen, but not configured any more: %1</source>
        <translation>Gewählt, aber nicht mehr eingerichtet: %1</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>A key is better: see Encryption. A password opens the backups wherever it is known; the hub never shows it again.</source>
        <translation>Besser ist ein Schlüssel: siehe Verschlüsselung. Ein Passwort öffnet die Backups überall, wo es bekannt ist; der Hub zeigt es nie wieder.</translation>
    </message>
    <message>
        <source>New password; empty: as it is now</source>
        <translation>Neues Passwort; leer: wie jetzt</translation>
    </message>
    <message>
        <source>Take the password away</source>
        <translation>Passwort wegnehmen</translation>
    </message>
    <message>
        <source>Choose at least one source.</source>
        <translation>Wählen Sie mindestens eine Quelle.</translation>
    </message>
</context>
<context>
    <name>DrillsPanel</name>
    <message>
        <source>Restore drills</source>
        <translation>Wiederherstellungsübungen</translation>
    </message>
    <message>
        <source>Try the newest backup now</source>
        <translation>Neuestes Backup jetzt ausprobieren</translation>
    </message>
    <message numerus="yes">
        <source>Every %n hour(s) a backup is restored into a folder of its own, compared byte by byte, and its databases are checked.</source>
        <translation>
            <numerusform>Jede Stunde wird ein Backup in einen eigenen Ordner wiederhergestellt und Byte für Byte verglichen, und seine Datenbanken werden geprüft.</numerusform>
            <numerusform>Alle %n Stunden wird ein Backup in einen eigenen Ordner wiederhergestellt und Byte für Byte verglichen, und seine Datenbanken werden geprüft.</numerusform>
        </translation>
    </message>
    <message>
        <source>No drills are planned.</source>
        <translation>Es sind keine Übungen geplant.</translation>
    </message>
    <message>
        <source>Drills</source>
        <translation>Übungen</translation>
    </message>
    <message>
        <source>Restored whole</source>
        <translation>Vollständig wiederhergestellt</translation>
    </message>
    <message>
        <source>Not as it was</source>
        <translation>Nicht wie es war</translation>
    </message>
    <message>
        <source>Could not be tried</source>
        <translation>Konnte nicht ausprobiert werden</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n database(s)</source>
        <translation>
            <numerusform>%n Datenbank</numerusform>
            <numerusform>%n Datenbanken</numerusform>
        </translation>
    </message>
    <message>
        <source>No drill yet</source>
        <translation>Noch keine Übung</translation>
    </message>
    <message>
        <source>The first one follows the first backup.</source>
        <translation>Die erste folgt auf das erste Backup.</translation>
    </message>
</context>
<context>
    <name>FileBrowser</name>
    <message>
        <source>Up</source>
        <translation>Hinauf</translation>
    </message>
    <message>
        <source>To the folder above</source>
        <translation>Zum Ordner darüber</translation>
    </message>
    <message>
        <source>All sources</source>
        <translation>Alle Quellen</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>This folder is empty.</source>
        <translation>Dieser Ordner ist leer.</translation>
    </message>
    <message>
        <source>Entries</source>
        <translation>Einträge</translation>
    </message>
    <message>
        <source>Folder %1</source>
        <translation>Ordner %1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Mehr zeigen</translation>
    </message>
    <message>
        <source>Saving …</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Save …</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Content of %1</source>
        <translation>Inhalt von %1</translation>
    </message>
    <message>
        <source>This picture can&apos;t be shown; it can be saved.</source>
        <translation>Dieses Bild lässt sich nicht zeigen; speichern lässt es sich.</translation>
    </message>
</context>
<context>
    <name>JobPanel</name>
    <message>
        <source>Making a backup</source>
        <translation>Ein Backup entsteht</translation>
    </message>
    <message>
        <source>Restoring</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>Verifying a backup</source>
        <translation>Ein Backup wird geprüft</translation>
    </message>
    <message>
        <source>Receiving a backup</source>
        <translation>Ein Backup wird empfangen</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>Arbeitet</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Reading the hub&apos;s own data</source>
        <translation>Daten des Hubs werden gelesen</translation>
    </message>
    <message>
        <source>Reading files and databases</source>
        <translation>Dateien und Datenbanken werden gelesen</translation>
    </message>
    <message>
        <source>Storing it on the agents</source>
        <translation>Wird auf den Agenten abgelegt</translation>
    </message>
    <message>
        <source>Reading it back</source>
        <translation>Wird zurückgelesen</translation>
    </message>
    <message>
        <source>Writing files</source>
        <translation>Dateien werden geschrieben</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Wird verglichen</translation>
    </message>
    <message>
        <source>Deleting old backups</source>
        <translation>Alte Backups werden gelöscht</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 a second</source>
        <translation>%1 je Sekunde</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>noch %1</translation>
    </message>
</context>
<context>
    <name>KeysPanel</name>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Make a key</source>
        <translation>Schlüssel erzeugen</translation>
    </message>
    <message>
        <source>Backups are not encrypted with a key. Make one, keep its recovery kit outside of this computer, and put its recipient into hubkeep.yaml.</source>
        <translation>Backups werden nicht mit einem Schlüssel verschlüsselt. Erzeugen Sie einen, bewahren Sie seinen Notfallbogen außerhalb dieses Rechners auf, und tragen Sie seinen Empfänger in hubkeep.yaml ein.</translation>
    </message>
    <message>
        <source>Who has the recovery kit can open the backups on any computer; without it nobody can when this one is gone.</source>
        <translation>Wer den Notfallbogen hat, kann die Backups auf jedem Rechner öffnen; ohne ihn kann es niemand mehr, wenn dieser hier verloren ist.</translation>
    </message>
    <message>
        <source>Saved. Print it, and keep it outside of this computer.</source>
        <translation>Gespeichert. Drucken Sie ihn aus, und bewahren Sie ihn außerhalb dieses Rechners auf.</translation>
    </message>
    <message>
        <source>Recipient, for backup.encryption.recipients in hubkeep.yaml</source>
        <translation>Empfänger, für backup.encryption.recipients in hubkeep.yaml</translation>
    </message>
    <message>
        <source>Recovery kit</source>
        <translation>Notfallbogen</translation>
    </message>
    <message>
        <source>confirmed on %1</source>
        <translation>bestätigt am %1</translation>
    </message>
    <message>
        <source>nobody has confirmed yet that it is kept</source>
        <translation>noch hat niemand bestätigt, dass er aufbewahrt wird</translation>
    </message>
    <message>
        <source>From the kept kit: the groups %1</source>
        <translation>Vom aufbewahrten Bogen: die Gruppen %1</translation>
    </message>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>Save the recovery kit …</source>
        <translation>Notfallbogen speichern …</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
</context>
<context>
    <name>LocalHub</name>
    <message>
        <source>The program hubkeep was found neither beside this one nor on the search path. Install it, or sign in to another hub.</source>
        <translation>Das Programm hubkeep wurde weder neben diesem noch im Suchpfad gefunden. Installieren Sie es, oder melden Sie sich bei einem anderen Hub an.</translation>
    </message>
    <message>
        <source>%1 could not be started. Try it in a terminal: hubkeep serve</source>
        <translation>%1 konnte nicht gestartet werden. Versuchen Sie es in einem Terminal: hubkeep serve</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Backups</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Automatic backups</source>
        <translation>Automatische Backups</translation>
    </message>
    <message>
        <source>Automations</source>
        <translation>Automationen</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>%1 – HubKeep</source>
        <translation>%1 – HubKeep</translation>
    </message>
    <message>
        <source>HubKeep</source>
        <translation>HubKeep</translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Automatic backups</source>
        <translation>Automatische Backups</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Jetzt sichern</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Nächstes</translation>
    </message>
    <message>
        <source>none is planned</source>
        <translation>keines geplant</translation>
    </message>
    <message>
        <source>Last attempted</source>
        <translation>Zuletzt versucht</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Last successful</source>
        <translation>Zuletzt gelungen</translation>
    </message>
    <message>
        <source>Where the backups lie</source>
        <translation>Wo die Backups liegen</translation>
    </message>
    <message>
        <source>There is no backup on any agent yet.</source>
        <translation>Noch liegt auf keinem Agenten ein Backup.</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>Agent</translation>
    </message>
    <message>
        <source>Holds</source>
        <translation>Enthält</translation>
    </message>
    <message numerus="yes">
        <source>%n backup(s), %1</source>
        <translation>
            <numerusform>%n Backup, %1</numerusform>
            <numerusform>%n Backups, %1</numerusform>
        </translation>
    </message>
    <message>
        <source>Free space</source>
        <translation>Freier Platz</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>Newest verified copy</source>
        <translation>Neueste geprüfte Kopie</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>noch keine</translation>
    </message>
    <message>
        <source>Size and duration over time</source>
        <translation>Größe und Dauer im Lauf der Zeit</translation>
    </message>
</context>
<context>
    <name>PageState</name>
    <message>
        <source>Loading</source>
        <translation>Wird geladen</translation>
    </message>
    <message>
        <source>This could not be shown.</source>
        <translation>Das konnte nicht gezeigt werden.</translation>
    </message>
    <message>
        <source>Asking the hub …</source>
        <translation>Der Hub wird gefragt …</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
</context>
<context>
    <name>PartRow</name>
    <message>
        <source>, from hubkeep.yaml</source>
        <translation>, aus hubkeep.yaml</translation>
    </message>
    <message>
        <source>Trying …</source>
        <translation>Wird versucht …</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Try %1</source>
        <translation>%1 ausprobieren</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>It works: %1</source>
        <translation>Es funktioniert: %1</translation>
    </message>
</context>
<context>
    <name>PartsEditor</name>
    <message>
        <source>Remove %1?</source>
        <translation>%1 entfernen?</translation>
    </message>
    <message>
        <source>Backups that exist stay as they are. From now on it is left out.</source>
        <translation>Vorhandene Backups bleiben, wie sie sind. Von jetzt an bleibt es außen vor.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Asking the hub …</source>
        <translation>Der Hub wird gefragt …</translation>
    </message>
    <message>
        <source>Add one</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Name: small letters, digits, - and _</source>
        <translation>Name: Kleinbuchstaben, Ziffern, - und _</translation>
    </message>
    <message>
        <source>Trying …</source>
        <translation>Wird versucht …</translation>
    </message>
    <message>
        <source>It works: %1</source>
        <translation>Es funktioniert: %1</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
</context>
<context>
    <name>RestoreChoice</name>
    <message>
        <source>Backups</source>
        <translation>Backups</translation>
    </message>
    <message>
        <source>No backup yet</source>
        <translation>Noch kein Backup</translation>
    </message>
    <message>
        <source>There is nothing that could be restored. A backup that was made elsewhere can be uploaded to the hub.</source>
        <translation>Es gibt nichts, was wiederhergestellt werden könnte. Ein anderswo gemachtes Backup kann auf den Hub hochgeladen werden.</translation>
    </message>
</context>
<context>
    <name>RestorePage</name>
    <message>
        <source>Which backup</source>
        <translation>Welches Backup</translation>
    </message>
    <message>
        <source>What of it</source>
        <translation>Was davon</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>What will change</source>
        <translation>Was sich ändert</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
</context>
<context>
    <name>RestorePreview</name>
    <message>
        <source>Overwrite the present data?</source>
        <translation>Die jetzigen Daten überschreiben?</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) are overwritten. What they hold now is kept beside them as .before-restore.</source>
        <translation>
            <numerusform>%n Datei wird überschrieben. Was sie jetzt enthält, bleibt als .before-restore daneben.</numerusform>
            <numerusform>%n Dateien werden überschrieben. Was sie jetzt enthalten, bleibt als .before-restore daneben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform>%n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>Overwritten</source>
        <translation>Überschrieben</translation>
    </message>
    <message>
        <source>Already as in the backup</source>
        <translation>Schon wie im Backup</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>%1 von %2 frei</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>overwrite</source>
        <translation>überschreiben</translation>
    </message>
    <message>
        <source>new</source>
        <translation>neu</translation>
    </message>
    <message>
        <source>Nothing would change: all is as in the backup.</source>
        <translation>Nichts würde sich ändern: Alles ist wie im Backup.</translation>
    </message>
    <message>
        <source>There is not enough space. Free some, choose another folder, or restore less.</source>
        <translation>Der Platz reicht nicht. Schaffen Sie welchen, wählen Sie einen anderen Ordner, oder stellen Sie weniger wieder her.</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>Wird begonnen …</translation>
    </message>
</context>
<context>
    <name>RestoreProgress</name>
    <message>
        <source>The restore failed.</source>
        <translation>Die Wiederherstellung ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>The restore is done.</source>
        <translation>Die Wiederherstellung ist fertig.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) written</source>
        <translation>
            <numerusform>%n Datei geschrieben</numerusform>
            <numerusform>%n Dateien geschrieben</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were as in the backup already</source>
        <translation>
            <numerusform>%n war schon wie im Backup</numerusform>
            <numerusform>%n waren schon wie im Backup</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>What %n file(s) held before lies beside them, with .before-restore at the end of the name. Delete it when you are sure.</source>
        <translation>
            <numerusform>Was %n Datei vorher enthielt, liegt daneben, mit .before-restore am Ende des Namens. Löschen Sie es, wenn Sie sicher sind.</numerusform>
            <numerusform>Was %n Dateien vorher enthielten, liegt daneben, mit .before-restore am Ende des Namens. Löschen Sie es, wenn Sie sicher sind.</numerusform>
        </translation>
    </message>
    <message>
        <source>The hub&apos;s own data takes effect at its next start: restart the hub.</source>
        <translation>Die Daten des Hubs selbst gelten ab seinem nächsten Start: Starten Sie den Hub neu.</translation>
    </message>
    <message>
        <source>To the overview</source>
        <translation>Zur Übersicht</translation>
    </message>
</context>
<context>
    <name>RestoreWhat</name>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>%1 (%2, %3)</source>
        <translation>%1 (%2, %3)</translation>
    </message>
    <message>
        <source>This backup holds no sources, only the hub&apos;s own data.</source>
        <translation>Dieses Backup enthält keine Quellen, nur die Daten des Hubs selbst.</translation>
    </message>
    <message>
        <source>Only some files</source>
        <translation>Nur einige Dateien</translation>
    </message>
    <message>
        <source>One pattern a line, relative to the source: photos/** or *.docx. Empty: all of them.</source>
        <translation>Ein Muster je Zeile, von der Quelle aus: photos/** oder *.docx. Leer: alle.</translation>
    </message>
    <message>
        <source>Patterns of files</source>
        <translation>Dateimuster</translation>
    </message>
    <message>
        <source>The hub itself</source>
        <translation>Der Hub selbst</translation>
    </message>
    <message>
        <source>These take effect at the hub&apos;s next start.</source>
        <translation>Dies gilt ab dem nächsten Start des Hubs.</translation>
    </message>
    <message>
        <source>Its databases: users, history, the list of backups</source>
        <translation>Seine Datenbanken: Benutzer, Verlauf, Liste der Backups</translation>
    </message>
    <message>
        <source>Its configuration and automations</source>
        <translation>Seine Konfiguration und Automationen</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter</translation>
    </message>
</context>
<context>
    <name>RestoreWhere</name>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>Into another folder, to look at it first</source>
        <translation>In einen anderen Ordner, um erst nachzusehen</translation>
    </message>
    <message>
        <source>Folder on the hub&apos;s computer</source>
        <translation>Ordner auf dem Rechner des Hubs</translation>
    </message>
    <message>
        <source>A whole path begins with a slash.</source>
        <translation>Ein vollständiger Pfad beginnt mit einem Schrägstrich.</translation>
    </message>
    <message>
        <source>In place: over the data as it is now</source>
        <translation>An Ort und Stelle: über die jetzigen Daten</translation>
    </message>
    <message>
        <source>What is overwritten is kept beside it, with .before-restore at the end of its name. Files that the backup does not have stay.</source>
        <translation>Was überschrieben wird, bleibt daneben erhalten, mit .before-restore am Ende des Namens. Dateien, die das Backup nicht hat, bleiben.</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Only where the hub does not hold the key itself</source>
        <translation>Nur wo der Hub den Schlüssel nicht selbst hat</translation>
    </message>
    <message>
        <source>See what will change</source>
        <translation>Zeigen, was sich ändert</translation>
    </message>
</context>
<context>
    <name>RetentionEditor</name>
    <message>
        <source>Newest copies</source>
        <translation>Neueste Kopien</translation>
    </message>
    <message>
        <source>All of the last days</source>
        <translation>Alle der letzten Tage</translation>
    </message>
    <message>
        <source>Hourly, how many</source>
        <translation>Stündliche, wie viele</translation>
    </message>
    <message>
        <source>Daily, how many</source>
        <translation>Tägliche, wie viele</translation>
    </message>
    <message>
        <source>Weekly, how many</source>
        <translation>Wöchentliche, wie viele</translation>
    </message>
    <message>
        <source>Monthly, how many</source>
        <translation>Monatliche, wie viele</translation>
    </message>
    <message>
        <source>Yearly, how many</source>
        <translation>Jährliche, wie viele</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation>Was bleibt</translation>
    </message>
    <message>
        <source>A backup stays where any of these rules wants it. The last good copy is never deleted, nor what was made by hand.</source>
        <translation>Ein Backup bleibt, wenn eine dieser Regeln es will. Nie gelöscht werden die letzte gute Kopie und was von Hand gemacht wurde.</translation>
    </message>
    <message>
        <source>Without a rule every automatic backup is kept for ever.</source>
        <translation>Ohne Regel bleibt jedes automatische Backup für immer.</translation>
    </message>
    <message>
        <source>no rule</source>
        <translation>keine Regel</translation>
    </message>
    <message>
        <source>On the backups that there are</source>
        <translation>An den vorhandenen Backups</translation>
    </message>
    <message>
        <source>There is no backup yet.</source>
        <translation>Es gibt noch kein Backup.</translation>
    </message>
    <message>
        <source>What goes and what stays</source>
        <translation>Was geht und was bleibt</translation>
    </message>
    <message>
        <source>goes</source>
        <translation>geht</translation>
    </message>
    <message>
        <source>stays</source>
        <translation>bleibt</translation>
    </message>
</context>
<context>
    <name>Safety</name>
    <message>
        <source>A restore is running.</source>
        <translation>Eine Wiederherstellung läuft.</translation>
    </message>
    <message>
        <source>A backup is being verified.</source>
        <translation>Ein Backup wird geprüft.</translation>
    </message>
    <message>
        <source>A backup is being received.</source>
        <translation>Ein Backup wird empfangen.</translation>
    </message>
    <message>
        <source>A backup is running.</source>
        <translation>Ein Backup läuft.</translation>
    </message>
    <message>
        <source>The newest backup was made %1.</source>
        <translation>Das neueste Backup entstand %1.</translation>
    </message>
    <message>
        <source>It is the first one; until it is done there is none.</source>
        <translation>Es ist das erste; bis es fertig ist, gibt es keines.</translation>
    </message>
    <message>
        <source>Nothing is backed up yet.</source>
        <translation>Noch ist nichts gesichert.</translation>
    </message>
    <message>
        <source>If this computer failed now, its data would be lost.</source>
        <translation>Fiele dieser Rechner jetzt aus, wären seine Daten verloren.</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Jetzt sichern</translation>
    </message>
    <message>
        <source>Your backups have stopped.</source>
        <translation>Ihre Backups sind ausgeblieben.</translation>
    </message>
    <message>
        <source>No automatic backup has succeeded since %1.</source>
        <translation>Zuletzt gelang ein automatisches Backup %1.</translation>
    </message>
    <message>
        <source>No automatic backup has succeeded yet.</source>
        <translation>Noch ist kein automatisches Backup gelungen.</translation>
    </message>
    <message>
        <source>Your backups need attention.</source>
        <translation>Ihre Backups brauchen Aufmerksamkeit.</translation>
    </message>
    <message>
        <source>See what happened</source>
        <translation>Ansehen, was geschah</translation>
    </message>
    <message>
        <source>Backups are made only when somebody asks for one.</source>
        <translation>Backups entstehen nur, wenn jemand eines verlangt.</translation>
    </message>
    <message>
        <source>Set up automatic backups</source>
        <translation>Automatische Backups einrichten</translation>
    </message>
    <message>
        <source>Your data is safe.</source>
        <translation>Ihre Daten sind sicher.</translation>
    </message>
</context>
<context>
    <name>SaveRow</name>
    <message>
        <source>Saved.</source>
        <translation>Gespeichert.</translation>
    </message>
    <message>
        <source>Saving …</source>
        <translation>Wird gespeichert …</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Speichern</translation>
    </message>
</context>
<context>
    <name>ScheduleEditor</name>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>Never by itself</source>
        <translation>Nie von selbst</translation>
    </message>
    <message>
        <source>Every day</source>
        <translation>Jeden Tag</translation>
    </message>
    <message>
        <source>On some days</source>
        <translation>An manchen Tagen</translation>
    </message>
    <message>
        <source>How often</source>
        <translation>Wie oft</translation>
    </message>
    <message>
        <source>Time of day; empty: about 04:45, not at the same second as everybody else</source>
        <translation>Uhrzeit; leer: gegen 04:45, nicht zur selben Sekunde wie bei allen anderen</translation>
    </message>
    <message>
        <source>A time looks like 04:45.</source>
        <translation>Eine Uhrzeit sieht aus wie 04:45.</translation>
    </message>
    <message>
        <source>Make up for a missed run as soon as possible</source>
        <translation>Einen verpassten Lauf so bald wie möglich nachholen</translation>
    </message>
    <message>
        <source>The next runs</source>
        <translation>Die nächsten Läufe</translation>
    </message>
    <message>
        <source>None. Backups are made only when somebody asks for one.</source>
        <translation>Keine. Backups entstehen nur, wenn jemand eines verlangt.</translation>
    </message>
    <message>
        <source>Choose at least one day.</source>
        <translation>Wählen Sie mindestens einen Tag.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Forget this hub?</source>
        <translation>Diesen Hub vergessen?</translation>
    </message>
    <message>
        <source>The window forgets the hub and its sign-in. On the hub itself nothing changes.</source>
        <translation>Das Fenster vergisst den Hub und seine Anmeldung. Auf dem Hub selbst ändert sich nichts.</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Hubs</source>
        <translation>Hubs</translation>
    </message>
    <message>
        <source>, signed in as %1</source>
        <translation>, angemeldet als %1</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>verbunden</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>verbindet</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
    <message>
        <source>Forget …</source>
        <translation>Vergessen …</translation>
    </message>
    <message>
        <source>Add a hub</source>
        <translation>Hub hinzufügen</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Hub</source>
        <translation>Hub</translation>
    </message>
</context>
<context>
    <name>SignInCard</name>
    <message>
        <source>Sign in to a hub</source>
        <translation>Bei einem Hub anmelden</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>With a long-lived token instead</source>
        <translation>Stattdessen mit einem langlebigen Token</translation>
    </message>
    <message>
        <source>This system has no keyring, so the sign-in is kept only until the window is closed.</source>
        <translation>Dieses System hat keinen Schlüsselbund; die Anmeldung gilt nur, bis das Fenster geschlossen wird.</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>I compared it: trust this certificate</source>
        <translation>Verglichen: diesem Zertifikat vertrauen</translation>
    </message>
    <message>
        <source>Do not trust</source>
        <translation>Nicht vertrauen</translation>
    </message>
</context>
<context>
    <name>SizeChart</name>
    <message numerus="yes">
        <source>Sizes of the last %n backup(s)</source>
        <translation>
            <numerusform>Größe des letzten Backups</numerusform>
            <numerusform>Größen der letzten %n Backups</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>The largest has %1.</source>
        <translation>Das größte hat %1.</translation>
    </message>
    <message>
        <source>No backup yet.</source>
        <translation>Noch kein Backup.</translation>
    </message>
    <message>
        <source>, in %1</source>
        <translation>, in %1</translation>
    </message>
    <message>
        <source>Bars: size, the largest has %1. Dots: duration, the longest took %2.</source>
        <translation>Balken: Größe, das größte hat %1. Punkte: Dauer, das langsamste brauchte %2.</translation>
    </message>
</context>
<context>
    <name>StepBar</name>
    <message>
        <source>Step %1 of %2: %3</source>
        <translation>Schritt %1 von %2: %3</translation>
    </message>
</context>
<context>
    <name>TemplateTrial</name>
    <message>
        <source>Templates as in Home Assistant. Names are completed with Ctrl+Space.</source>
        <translation>Vorlagen wie in Home Assistant. Namen werden mit Strg+Leertaste vervollständigt.</translation>
    </message>
    <message>
        <source>It can&apos;t be rendered.</source>
        <translation>Sie lässt sich nicht auswerten.</translation>
    </message>
    <message>
        <source>It says</source>
        <translation>Sie ergibt</translation>
    </message>
</context>
<context>
    <name>TokensCard</name>
    <message>
        <source>Your tokens</source>
        <translation>Ihre Token</translation>
    </message>
    <message>
        <source>Revoke %1?</source>
        <translation>%1 widerrufen?</translation>
    </message>
    <message>
        <source>Whatever uses this token is signed out at once.</source>
        <translation>Was dieses Token benutzt, ist sofort abgemeldet.</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>Scripts and other programs ask the hub with a token. It may do what you may.</source>
        <translation>Skripte und andere Programme fragen den Hub mit einem Token. Es darf, was Sie dürfen.</translation>
    </message>
    <message>
        <source>a sign-in, until %1</source>
        <translation>eine Anmeldung, bis %1</translation>
    </message>
    <message>
        <source>made %1</source>
        <translation>gemacht %1</translation>
    </message>
    <message>
        <source>Revoke …</source>
        <translation>Widerrufen …</translation>
    </message>
    <message>
        <source>Revoke %1</source>
        <translation>%1 widerrufen</translation>
    </message>
    <message>
        <source>The new token</source>
        <translation>Das neue Token</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Keep it now: it is shown this once.</source>
        <translation>Bewahren Sie es jetzt auf: Es wird nur dieses eine Mal gezeigt.</translation>
    </message>
    <message>
        <source>What it is for</source>
        <translation>Wofür es ist</translation>
    </message>
    <message>
        <source>Make a token</source>
        <translation>Token erzeugen</translation>
    </message>
</context>
<context>
    <name>TraceView</name>
    <message>
        <source>Which run</source>
        <translation>Welcher Lauf</translation>
    </message>
    <message>
        <source>It has not run since the hub was started.</source>
        <translation>Sie ist seit dem Start des Hubs nicht gelaufen.</translation>
    </message>
    <message>
        <source>Steps of the run</source>
        <translation>Schritte des Laufs</translation>
    </message>
</context>
<context>
    <name>UsersCard</name>
    <message>
        <source>Users of this hub</source>
        <translation>Benutzer dieses Hubs</translation>
    </message>
    <message>
        <source>Remove %1?</source>
        <translation>%1 entfernen?</translation>
    </message>
    <message>
        <source>%1 can&apos;t sign in any more, and all tokens of that user end.</source>
        <translation>%1 kann sich nicht mehr anmelden, und alle Token dieses Benutzers enden.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>Administrator</translation>
    </message>
    <message>
        <source>May look, and change nothing</source>
        <translation>Darf ansehen, nichts ändern</translation>
    </message>
    <message>
        <source>Remove …</source>
        <translation>Entfernen …</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Benutzer</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>Rolle</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
</context>
<context>
    <name>YamlArea</name>
    <message>
        <source>Line %1: %2</source>
        <translation>Zeile %1: %2</translation>
    </message>
    <message>
        <source>YAML text</source>
        <translation>YAML-Text</translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::ApiClient</name>
    <message>
        <source>Nothing answers at %1. Is the hub running?</source>
        <translation>Unter %1 antwortet niemand. Läuft der Hub?</translation>
    </message>
    <message>
        <source>There is no computer called %1. Check the address, and the network.</source>
        <translation>Es gibt keinen Rechner namens %1. Bitte die Adresse und das Netz prüfen.</translation>
    </message>
    <message>
        <source>The hub at %1 did not answer in time. Check the network, and whether the hub is running.</source>
        <translation>Der Hub unter %1 hat nicht rechtzeitig geantwortet. Bitte das Netz prüfen, und ob der Hub läuft.</translation>
    </message>
    <message>
        <source>The hub at %1 could not be reached (%2). Check the network, and whether the hub is running.</source>
        <translation>Der Hub unter %1 war nicht erreichbar (%2). Bitte das Netz prüfen, und ob der Hub läuft.</translation>
    </message>
    <message>
        <source>Nobody vouches for the certificate of %1. Compare its fingerprint with the hub&apos;s before you trust it.</source>
        <translation>Für das Zertifikat von %1 bürgt niemand. Vergleichen Sie seinen Fingerabdruck mit dem des Hubs, bevor Sie ihm vertrauen.</translation>
    </message>
    <message>
        <source>What answers at %1 is not a HubKeep hub (HTTP status %2). Check the address.</source>
        <translation>Was unter %1 antwortet, ist kein HubKeep-Hub (HTTP-Status %2). Bitte die Adresse prüfen.</translation>
    </message>
    <message>
        <source>%1 could not be written: %2. Choose another folder.</source>
        <translation>%1 konnte nicht geschrieben werden: %2. Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>%1 could not be written: %2. Free some space, or choose another folder.</source>
        <translation>%1 konnte nicht geschrieben werden: %2. Schaffen Sie Platz, oder wählen Sie einen anderen Ordner.</translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::Formats</name>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>vor %n Minute</numerusform>
            <numerusform>vor %n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>today at %1</source>
        <translation>heute um %1</translation>
    </message>
    <message>
        <source>yesterday at %1</source>
        <translation>gestern um %1</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>vor %n Tag</numerusform>
            <numerusform>vor %n Tagen</numerusform>
        </translation>
    </message>
    <message>
        <source>on %1</source>
        <translation>am %1</translation>
    </message>
    <message>
        <source>in less than a minute</source>
        <translation>in weniger als einer Minute</translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in %n Minute</numerusform>
            <numerusform>in %n Minuten</numerusform>
        </translation>
    </message>
    <message>
        <source>tomorrow at %1</source>
        <translation>morgen um %1</translation>
    </message>
    <message>
        <source>on %1 at %2</source>
        <translation>am %1 um %2</translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n Sekunde</numerusform>
            <numerusform>%n Sekunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n Minute</numerusform>
            <numerusform>%n Minuten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%n Stunde</numerusform>
            <numerusform>%n Stunden</numerusform>
        </translation>
    </message>
    <message>
        <source>less than a second</source>
        <translation>weniger als eine Sekunde</translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::Hubs</name>
    <message>
        <source>This computer&apos;s hub was started but did not become ready within half a minute. Its log says why: run hubkeep serve in a terminal.</source>
        <translation>Der Hub dieses Rechners wurde gestartet, war aber nach einer halben Minute nicht bereit. Sein Protokoll sagt, warum: hubkeep serve in einem Terminal ausführen.</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no address of a hub. It looks like https://nas.lan:8420</source>
        <translation>„%1“ ist keine Adresse eines Hubs. Sie sieht aus wie https://nas.lan:8420</translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::LiveChannel</name>
    <message>
        <source>The hub does not accept this sign-in any more. Sign in again.</source>
        <translation>Der Hub nimmt diese Anmeldung nicht mehr an. Melden Sie sich erneut an.</translation>
    </message>
    <message>
        <source>The connection to %1 was lost.</source>
        <translation>Die Verbindung zu %1 ist abgerissen.</translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::TrayIcon</name>
    <message>
        <source>Show HubKeep</source>
        <translation>HubKeep zeigen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>HubKeep</source>
        <translation>HubKeep</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>Shows whether your data is safe, and leads you through the day when it was not.</source>
        <translation>Zeigt, ob Ihre Daten sicher sind, und führt durch den Tag, an dem sie es nicht waren.</translation>
    </message>
    <message>
        <source>The hub to show, as in http://127.0.0.1:8420.</source>
        <translation>Der Hub, der gezeigt wird, etwa http://127.0.0.1:8420.</translation>
    </message>
    <message>
        <source>The token to ask it with; better in the variable HUBKEEP_TOKEN.</source>
        <translation>Das Token, mit dem er gefragt wird; besser in der Variablen HUBKEEP_TOKEN.</translation>
    </message>
    <message>
        <source>Write a PNG of every page into this folder, and quit.</source>
        <translation>Ein PNG jeder Seite in diesen Ordner schreiben und beenden.</translation>
    </message>
    <message>
        <source>Load every QML file, print each warning, and quit; 1 where there was any.</source>
        <translation>Jede QML-Datei laden, jede Warnung ausgeben und beenden; 1, wenn es eine gab.</translation>
    </message>
    <message>
        <source>Say how fast the window is, as ./dev bench asks it, and quit.</source>
        <translation>Sagen, wie schnell das Fenster ist, wie ./dev bench es wissen will, und beenden.</translation>
    </message>
</context>
</TS>
