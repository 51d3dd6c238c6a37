#include "app/cli/hubsession.h"

#include "app/cli/progressprinter.h"
#include "automation/core/errorcode.h"
#include "automation/core/logging.h"
#include "integrations/backup/backupmanager.h"

#include <QEventLoop>
#include <QFileInfo>
#include <QTimer>

#include <cstdio>
#include <map>

namespace hubkeep::cli {
namespace {

constexpr std::chrono::milliseconds pollInterval(200);
constexpr std::chrono::milliseconds listInterval(5);

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

void waitFor(std::chrono::milliseconds time)
{
    QEventLoop loop;
    QTimer::singleShot(time, &loop, &QEventLoop::quit);
    loop.exec();
}

// Shows the hub's progress as if the job were ours.
class Mirror
{
public:
    explicit Mirror(const Context &context)
        : m_printer(context, m_control)
    {
    }

    void show(const QJsonObject &status)
    {
        const qint64 total = status.value(key("total_bytes")).toInteger();
        const qint64 done = status.value(key("processed_bytes")).toInteger();
        const char *stage = nameOf(status.value(key("stage")).toString());
        if (stage != m_stage || done < m_done) {
            m_stage = stage;
            m_done = 0;
            m_control.enterStage(stage, total);
        }
        m_control.expect(total);
        m_control.advance(done - m_done);
        m_done = done;
    }

private:
    static const char *nameOf(const QString &stage)
    {
        static const std::map<QString, const char *> names { { key("home_assistant"), "Reading" },
            { key("upload_to_agents"), "Uploading" }, { key("uploading"), "Uploading" },
            { key("verifying"), "Verifying" }, { key("restoring"), "Restoring" },
            { key("cleaning_up"), "Cleaning up" } };
        const auto found = names.find(stage);
        return found == names.end() ? "Working" : found->second;
    }

    JobControl m_control;
    const char *m_stage = nullptr;
    qint64 m_done = 0;
    ProgressPrinter m_printer; // samples m_control; ends first
};

} // namespace

Error errorOfStatus(const QJsonObject &status)
{
    return { errorCodeNamed(status.value(key("error_code")).toString()).value_or(ErrorCode::Io),
        status.value(key("error")).toString(key("The operation failed")) };
}

HubSession::HubSession(const Context &context, std::unique_ptr<Clock> clock,
    std::unique_ptr<Application> hub, HubClient client)
    : m_context(context)
    , m_clock(std::move(clock))
    , m_own(std::move(hub))
    , m_client(std::move(client))
{
}

HubSession::~HubSession() = default;
HubSession::HubSession(HubSession &&) noexcept = default;

void sayFirstPassword(const Application &hub, FILE *to)
{
    if (hub.firstPassword().isEmpty())
        return;
    std::fprintf(to, "The first administrator is admin, with the password %s (shown this once)\n",
        qPrintable(hub.firstPassword()));
    std::fflush(to);
}

Result<HubSession> HubSession::open(const Context &context)
{
    const QString folder = context.dataFolder();
    Result<HubClient> running = HubClient::running(folder, context.control);
    if (running)
        return HubSession(context, nullptr, nullptr, std::move(*running));
    if (running.error().code != ErrorCode::NotFound)
        return running.error();
    if (!QFileInfo(DataFolder(folder).config()).isDir())
        return Error { ErrorCode::NotFound,
            QStringLiteral("There is no hub in %1; name its folder with --data, or what to back "
                           "up with --source and --output")
                .arg(folder) };
    startLogging(context.verbose ? LogLevel::Info : LogLevel::Critical);
    auto clock = std::make_unique<SystemClock>();
    // Not announced: it goes with this command, whoever else would use it.
    Application::Options options { folder, QStringLiteral("127.0.0.1"), quint16(0), false };
    Result<std::unique_ptr<Application>> own = Application::open(std::move(options), *clock);
    if (!own)
        return own.error();
    sayFirstPassword(**own, stderr);
    const Result<void> listening = (*own)->listen();
    if (!listening)
        return listening.error();
    // Its list of backups is that of its last time: somebody may have put one there.
    const QFuture<void> listed = (*own)->manager().refresh();
    while (!listed.isFinished() && !context.control.cancelled())
        waitFor(listInterval);
    HubClient client((*own)->access(), context.control);
    return HubSession(context, std::move(clock), std::move(*own), std::move(client));
}

Result<QJsonObject> HubSession::finishOperation(
    const QString &path, const QJsonObject &body, QString *backupId)
{
    const Result<QJsonDocument> started = m_client.post(path, body);
    if (!started)
        return started.error();
    if (backupId)
        *backupId = started->object().value(key("backup_id")).toString();
    const Result<QJsonObject> status = watch();
    if (status || status.error().code != ErrorCode::Cancelled)
        return status;
    // The hub ends it, and says so when nothing is left behind.
    JobControl patient;
    HubClient client(m_client.hub(), patient);
    (void)client.post(key("/api/v1/backup/cancel"));
    for (bool running = true; running;) {
        const Result<QJsonDocument> answer = client.get(key("/api/v1/backup/status"));
        running = answer && answer->object().value(key("status")).toString() == u"running";
        if (running)
            waitFor(pollInterval);
    }
    return status;
}

QJsonObject HubSession::result() const
{
    return m_status.value(key("result")).toObject();
}

Result<QJsonObject> HubSession::watch()
{
    Mirror mirror(m_context);
    for (;;) {
        const Result<QJsonDocument> answer = m_client.get(key("/api/v1/backup/status"));
        if (!answer)
            return answer.error();
        m_status = answer->object();
        const QJsonObject &status = m_status;
        const QString word = status.value(key("status")).toString();
        if (word == u"failed")
            return errorOfStatus(status);
        if (word != u"running")
            return status;
        mirror.show(status);
        if (m_context.control.cancelled())
            return JobControl::cancelledError();
        waitFor(pollInterval);
    }
}

} // namespace hubkeep::cli
