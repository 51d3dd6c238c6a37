#include "integrations/notify/apprisenotifier.h"

#include <QRegularExpression>

#include <csignal>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace hubkeep::notify {
namespace {

using Outcome = Attempt::Outcome;

constexpr qsizetype longestSaid = 64 * 1024;
constexpr qsizetype longestTitle = 1000;

QString program()
{
    return QStringLiteral("apprise");
}

// A file without a name that has this content and is read from its begin. Not open: it failed.
FileDescriptor fileInMemory(const QByteArray &content)
{
    FileDescriptor file(::memfd_create("apprise", MFD_CLOEXEC));
    if (!file.isOpen()
        || ::write(file.get(), content.constData(), size_t(content.size())) != content.size()
        || ::lseek(file.get(), 0, SEEK_SET) != 0)
        return {};
    return file;
}

QString oneOf(const QVariant &value, const QStringList &known, const QString &otherwise)
{
    const QString text = value.toString().toLower();
    return known.contains(text) ? text : otherwise;
}

// The first complaint among its lines, without the time.
QString complaintIn(const QByteArray &said)
{
    static const QRegularExpression line(
        QStringLiteral("^[0-9:, -]+ - (?:WARNING|ERROR|CRITICAL) - (.*)$"),
        QRegularExpression::MultilineOption);
    const QString text = QString::fromUtf8(said);
    const QRegularExpressionMatch match = line.match(text);
    const QString found = match.hasMatch() ? match.captured(1) : text.section(u'\n', 0, 0);
    return found.simplified().left(300);
}

// Whether trying again cannot help: it does not understand what it is given, or the one service
// said that it will not have it.
bool isHopeless(const QByteArray &said, bool isOneService)
{
    static const QRegularExpression refused(QStringLiteral("error=4(?!08|25|29)[0-9][0-9]\\b"));
    return said.contains("You must specify at least one server URL")
        || (isOneService && refused.match(QString::fromUtf8(said)).hasMatch());
}

} // namespace

AppriseNotifier::AppriseNotifier(const QVariantMap &options, std::chrono::milliseconds timeout)
    : m_url(options.value(QStringLiteral("url")).toString())
    , m_config(options.value(QStringLiteral("config")).toString())
    , m_timeout(timeout)
{
    m_deadline.setSingleShot(true);
    m_deadline.callOnTimeout(this, [this] {
        killAll();
        end({ Outcome::Later,
            QStringLiteral("apprise was not done after %1 s")
                .arg(double(m_timeout.count()) / 1000) });
    });
}

AppriseNotifier::~AppriseNotifier()
{
    killAll();
}

QStringList AppriseNotifier::argumentsFor(const Notification &notification, int configuration) const
{
    const QVariantMap &data = notification.data;
    QStringList arguments { QStringLiteral("-v"),
        QStringLiteral("--config=")
            + (configuration < 0 ? m_config : QStringLiteral("/dev/fd/%1").arg(configuration)),
        QStringLiteral("--notification-type=")
            + oneOf(data.value(QStringLiteral("type")),
                { QStringLiteral("info"), QStringLiteral("success"), QStringLiteral("warning"),
                    QStringLiteral("failure") },
                QStringLiteral("info")),
        QStringLiteral("--input-format=")
            + oneOf(data.value(QStringLiteral("format")),
                { QStringLiteral("text"), QStringLiteral("markdown"), QStringLiteral("html") },
                QStringLiteral("text")) };
    QString title = notification.title.left(longestTitle);
    title.remove(QChar(0));
    if (!title.isEmpty())
        arguments.append(QStringLiteral("--title=") + title);
    for (const QString &target : notification.targets)
        arguments.append(QStringLiteral("--tag=") + target);
    return arguments;
}

void AppriseNotifier::send(const Notification &notification, Done done)
{
    if (m_config.isEmpty()) {
        m_configuration = fileInMemory(m_url.toUtf8() + '\n');
        if (!m_configuration.isOpen())
            return done({ Outcome::Later, QStringLiteral("There is no memory to run apprise") });
    }
    m_done = std::move(done);
    m_said.clear();
    m_process = new QProcess(this);
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    const int configuration = m_configuration.isOpen() ? m_configuration.get() : -1;
    m_process->setChildProcessModifier([configuration] {
        ::setpgid(0, 0);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        if (configuration >= 0)
            ::fcntl(configuration, F_SETFD, 0); // this one program gets it
    });
    connect(m_process, &QProcess::readyRead, this, &AppriseNotifier::read);
    connect(m_process, &QProcess::finished, this, &AppriseNotifier::ended);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            end({ Outcome::Later,
                QStringLiteral("apprise does not start; install the package apprise") });
    });
    m_deadline.start(m_timeout);
    m_process->start(program(), argumentsFor(notification, configuration));
    if (!m_done)
        return; // it did not start
    m_process->write(notification.message.toUtf8());
    m_process->closeWriteChannel();
}

void AppriseNotifier::read()
{
    m_said += m_process->readAll();
    m_said.truncate(longestSaid);
}

void AppriseNotifier::ended()
{
    read();
    if (m_process->exitStatus() == QProcess::NormalExit && m_process->exitCode() == 0)
        return end({});
    const QString complaint = complaintIn(m_said);
    end({ isHopeless(m_said, m_config.isEmpty()) ? Outcome::Never : Outcome::Later,
        QStringLiteral("apprise failed%1")
            .arg(complaint.isEmpty() ? QString() : QStringLiteral(": ") + complaint) });
}

void AppriseNotifier::end(const Attempt &attempt)
{
    m_deadline.stop();
    m_configuration = {};
    if (m_process) {
        m_process->disconnect(this);
        std::exchange(m_process, nullptr)->deleteLater(); // this may be one of its signals
    }
    if (const Done done = std::exchange(m_done, {}))
        done(attempt); // may destroy this
}

// With all that it started.
void AppriseNotifier::killAll()
{
    if (!m_process || m_process->processId() <= 0)
        return;
    m_process->disconnect(this);
    ::kill(-pid_t(m_process->processId()), SIGKILL);
    m_process->waitForFinished(1000);
}

} // namespace hubkeep::notify
