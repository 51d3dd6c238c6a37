// Whatever Apprise knows, through Debian's command `apprise`: a hundred services.
//
// The address goes to it through a file in memory that only it has open, the message through its
// standard input: neither is on its command line, where every user of the machine could read it.
// The title is.
//
// data: type (info, success, warning, failure), format (text, markdown, html). The action's
// target is Apprise's tags, for notifiers with a configuration of their own (config: a file).
// Where that names several services and one fails, the next try tells all of them again.
//
// Main thread; the command runs beside it, a minute at most.

#pragma once

#include "automation/core/filedescriptor.h"
#include "integrations/notify/notifier.h"

#include <QObject>
#include <QProcess>
#include <QTimer>

namespace hubkeep::notify {

class AppriseNotifier final : public QObject, public Notifier
{
    Q_OBJECT

public:
    explicit AppriseNotifier(
        const QVariantMap &options, std::chrono::milliseconds timeout = std::chrono::minutes(1));
    ~AppriseNotifier() override;

    void send(const Notification &notification, Done done) override;

private:
    QStringList argumentsFor(const Notification &notification, int configuration) const;
    void read();
    void ended();
    void end(const Attempt &attempt);
    void killAll();

    const QString m_url;
    const QString m_config; // a path
    const std::chrono::milliseconds m_timeout;
    Done m_done;
    QProcess *m_process = nullptr; // a child
    FileDescriptor m_configuration; // holds m_url while the command runs
    QByteArray m_said;
    QTimer m_deadline;
};

} // namespace hubkeep::notify
