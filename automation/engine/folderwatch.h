// Says when a YAML file in a folder, or in a folder in it, has changed: also one that an editor
// replaced, made or removed.
//
//     FolderWatch watch(configFolder);
//     connect(&watch, &FolderWatch::changed, …);
//
// Changes that come together are said once, shortly after the last of them. Main thread.

#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QString>
#include <QTimer>

#include <chrono>

namespace hubkeep::automation {

class FolderWatch : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds settling { 40 }; // after the last change
    static constexpr std::chrono::milliseconds patience { 120 }; // after the first
    static constexpr qsizetype mostPaths = 4000;

    // A folder that is not there is waited for, if what it lies in is.
    explicit FolderWatch(QString folder, QObject *parent = nullptr);

signals:
    void changed();

private:
    void watchAll(); // what came since
    void note();

    const QString m_folder;
    QFileSystemWatcher m_watcher;
    QTimer m_settled;
    QTimer m_patience;
};

} // namespace hubkeep::automation
