<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>AutomationEditor</name>
    <message numerus="yes">
        <source>%n mistake(s)</source>
        <translation>
            <numerusform>%n mistake</numerusform>
            <numerusform>%n mistakes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BackupDetail</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n database(s)</source>
        <translation>
            <numerusform>%n database</numerusform>
            <numerusform>%n databases</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>BackupsPage</name>
    <message numerus="yes">
        <source>%n backup(s) do not match the search and the filter.</source>
        <translation>
            <numerusform>%n backup does not match the search and the filter.</numerusform>
            <numerusform>%n backups do not match the search and the filter.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConnectPage</name>
    <message numerus="yes">
        <source>%1 Next try in %n second(s).</source>
        <translation>
            <numerusform>%1 Next try in %n second.</numerusform>
            <numerusform>%1 Next try in %n seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ConnectionBar</name>
    <message numerus="yes">
        <source>%1 What is shown is from before. Next try in %n second(s).</source>
        <translation>
            <numerusform>%1 What is shown is from before. Next try in %n second.</numerusform>
            <numerusform>%1 What is shown is from before. Next try in %n seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DrillsPanel</name>
    <message numerus="yes">
        <source>Every %n hour(s) a backup is restored into a folder of its own, compared byte by byte, and its databases are checked.</source>
        <translation>
            <numerusform>Every hour a backup is restored into a folder of its own, compared byte by byte, and its databases are checked.</numerusform>
            <numerusform>Every %n hours a backup is restored into a folder of its own, compared byte by byte, and its databases are checked.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n database(s)</source>
        <translation>
            <numerusform>%n database</numerusform>
            <numerusform>%n databases</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message numerus="yes">
        <source>%n backup(s), %1</source>
        <translation>
            <numerusform>%n backup, %1</numerusform>
            <numerusform>%n backups, %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RestorePreview</name>
    <message numerus="yes">
        <source>%n file(s) are overwritten. What they hold now is kept beside them as .before-restore.</source>
        <translation>
            <numerusform>%n file is overwritten. What it holds now is kept beside it as .before-restore.</numerusform>
            <numerusform>%n files are overwritten. What they hold now is kept beside them as .before-restore.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RestoreProgress</name>
    <message numerus="yes">
        <source>%n file(s) written</source>
        <translation>
            <numerusform>%n file written</numerusform>
            <numerusform>%n files written</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n were as in the backup already</source>
        <translation>
            <numerusform>%n was as in the backup already</numerusform>
            <numerusform>%n were as in the backup already</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>What %n file(s) held before lies beside them, with .before-restore at the end of the name. Delete it when you are sure.</source>
        <translation>
            <numerusform>What %n file held before lies beside it, with .before-restore at the end of the name. Delete it when you are sure.</numerusform>
            <numerusform>What %n files held before lies beside them, with .before-restore at the end of the name. Delete it when you are sure.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SizeChart</name>
    <message numerus="yes">
        <source>Sizes of the last %n backup(s)</source>
        <translation>
            <numerusform>Size of the last backup</numerusform>
            <numerusform>Sizes of the last %n backups</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hubkeep::desktop::Formats</name>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %n minute(s)</source>
        <translation>
            <numerusform>in %n minute</numerusform>
            <numerusform>in %n minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n second(s)</source>
        <translation>
            <numerusform>%n second</numerusform>
            <numerusform>%n seconds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s)</source>
        <translation>
            <numerusform>%n minute</numerusform>
            <numerusform>%n minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s)</source>
        <translation>
            <numerusform>%n hour</numerusform>
            <numerusform>%n hours</numerusform>
        </translation>
    </message>
</context>
</TS>
