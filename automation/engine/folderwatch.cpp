#include "automation/engine/folderwatch.h"

#include <QDirIterator>
#include <QSet>

namespace hubkeep::automation {

FolderWatch::FolderWatch(QString folder, QObject *parent)
    : QObject(parent)
    , m_folder(std::move(folder))
{
    for (QTimer *timer : { &m_settled, &m_patience }) {
        timer->setSingleShot(true);
        timer->setTimerType(Qt::PreciseTimer);
        connect(timer, &QTimer::timeout, this, [this] {
            m_settled.stop();
            m_patience.stop();
            watchAll();
            emit changed();
        });
    }
    m_settled.setInterval(settling);
    m_patience.setInterval(patience);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, &FolderWatch::note);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, &FolderWatch::note);
    watchAll();
}

// A file that was replaced is another one, and not watched any more.
void FolderWatch::watchAll()
{
    QStringList paths { m_folder };
    QDirIterator found(
        m_folder, QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (found.hasNext() && paths.size() < mostPaths) {
        const QString path = found.next();
        if (found.fileInfo().isDir() || path.endsWith(QLatin1String(".yaml")))
            paths.append(path);
    }
    const QStringList files = m_watcher.files();
    const QStringList folders = m_watcher.directories();
    QSet<QString> watched(files.begin(), files.end());
    watched.unite(QSet<QString>(folders.begin(), folders.end()));
    paths.removeIf([&](const QString &path) { return watched.contains(path); });
    if (!paths.isEmpty())
        m_watcher.addPaths(paths);
}

void FolderWatch::note()
{
    watchAll(); // a new folder's files count as well
    m_settled.start();
    if (!m_patience.isActive())
        m_patience.start();
}

} // namespace hubkeep::automation
