#include "integrations/backup/backuphooks.h"

#include "automation/core/filedescriptor.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QSaveFile>
#include <QThread>
#include <QtConcurrent>

namespace hubkeep::backup {
namespace {

Q_LOGGING_CATEGORY(hooksLog, "hubkeep.backup.hooks")

constexpr unsigned long pollMilliseconds = 20;

QJsonArray toJson(const QList<HookCommand> &hooks)
{
    QJsonArray array;
    for (const HookCommand &hook : hooks)
        array.append(
            QJsonObject { { QStringLiteral("command"), QJsonArray::fromStringList(hook.command) },
                { QStringLiteral("timeout_ms"), qint64(hook.timeout.count()) },
                { QStringLiteral("place"), hook.place } });
    return array;
}

// What the backup is told of a hook. One that was stopped with its backup stays an error.
Result<void> weighed(const HookCommand &hook, const Result<void> &done)
{
    if (done || hook.onError == OnError::Fail || done.error().code == ErrorCode::Cancelled)
        return done;
    return {}; // the log has it
}

QList<HookCommand> hooksFromJson(const QByteArray &json)
{
    QList<HookCommand> hooks;
    for (const QJsonValue &value : QJsonDocument::fromJson(json).array()) {
        const HookCommand hook { value[QStringLiteral("command")].toVariant().toStringList(),
            std::chrono::milliseconds(value[QStringLiteral("timeout_ms")].toInteger()),
            OnError::Fail, value[QStringLiteral("place")].toString() };
        if (!hook.command.isEmpty() && hook.timeout.count() > 0)
            hooks.append(hook);
    }
    return hooks;
}

} // namespace

BackupHooks::BackupHooks(const QString &dataFolder)
    : m_path(dataFolder + QStringLiteral("/data/hooks.pending"))
{
}

BackupHooks::~BackupHooks()
{
    m_stop.cancel();
    m_owed.waitForFinished();
}

void BackupHooks::configure(Commands commands)
{
    const std::lock_guard locked(m_mutex);
    m_configured = std::move(commands);
}

void BackupHooks::runOwed()
{
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly))
        return;
    m_owed = QtConcurrent::run([this, owed = hooksFromJson(file.readAll())] {
        qCWarning(hooksLog) << "The hub was ended during a backup; running the hooks after it now:"
                            << owed.size();
        for (const HookCommand &hook : owed) {
            (void)runHook(hook, m_stop); // the log says what fails
            if (m_stop.cancelled())
                return;
        }
        forget();
    });
}

Result<void> BackupHooks::begin(JobControl &control)
{
    {
        const std::lock_guard locked(m_mutex);
        m_running = m_configured;
    }
    while (!m_owed.isFinished()) {
        if (control.cancelled())
            return JobControl::cancelledError();
        QThread::msleep(pollMilliseconds);
    }
    return m_running.after.isEmpty() ? Result<void>() : note(m_running.after);
}

Result<void> BackupHooks::runBefore(JobControl &control)
{
    for (const HookCommand &hook : m_running.before) {
        const Result<void> done = weighed(hook, runHook(hook, control));
        if (!done)
            return done;
    }
    return {};
}

Result<void> BackupHooks::runAfter()
{
    JobControl untouched; // a cancelled backup's hooks run to their end
    Result<void> first;
    for (const HookCommand &hook : m_running.after) {
        const Result<void> done = weighed(hook, runHook(hook, untouched));
        if (!done && first)
            first = done;
    }
    if (m_isNoted)
        forget();
    m_isNoted = false;
    return first;
}

Result<void> BackupHooks::note(const QList<HookCommand> &owed)
{
    QSaveFile file(m_path);
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        || file.write(QJsonDocument(toJson(owed)).toJson()) < 0 || !file.commit())
        return Error { ErrorCode::Io,
            QStringLiteral("Noting the hooks after the backup in %1: %2")
                .arg(m_path, file.errorString()) };
    m_isNoted = true;
    return syncFolder(QFile::encodeName(m_path.left(m_path.lastIndexOf(u'/'))));
}

void BackupHooks::forget()
{
    if (!QFile::remove(m_path))
        qCWarning(hooksLog).noquote() << "Removing" << m_path << "failed";
}

} // namespace hubkeep::backup
