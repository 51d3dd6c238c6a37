#include "integrations/rclone/rcloneprocess.h"

#include "automation/core/childprocess.h"
#include "automation/core/nearest.h"
#include "integrations/rclone/rcloneerror.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace hubkeep::rclone {
namespace {

constexpr int pollMilliseconds = 50;
constexpr qsizetype largestAnswer = 256 << 20;
constexpr std::chrono::seconds grace(5); // in which it takes back what it began on the remote
constexpr std::chrono::seconds lastSeconds(3); // of all calls, once the hub is ending

qint64 steadyMilliseconds()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// Low-level retries are those of one request; who tries whole transfers again is the manager.
QStringList commonFlags()
{
    return { QStringLiteral("--use-json-log"), QStringLiteral("--retries=1"),
        QStringLiteral("--low-level-retries=3"), QStringLiteral("--contimeout=10s"),
        QStringLiteral("--timeout=60s"), QStringLiteral("--ask-password=false") };
}

// Of the options of a type, by name, whether it is a password.
Result<QMap<QString, bool>> knownOptions(const QByteArray &providers, const QString &type)
{
    QStringList types;
    for (const QJsonValue &value : QJsonDocument::fromJson(providers).array()) {
        const QJsonObject provider = value.toObject();
        types.append(provider.value(QLatin1String("Name")).toString());
        if (types.last() != type)
            continue;
        QMap<QString, bool> options { { QStringLiteral("type"), false } };
        for (const QJsonValue &option : provider.value(QLatin1String("Options")).toArray())
            options.insert(option[QLatin1String("Name")].toString(),
                option[QLatin1String("IsPassword")].toBool());
        return options;
    }
    return Error { ErrorCode::InvalidArgument,
        QStringLiteral("rclone knows no type '%1'%2").arg(type, didYouMean(type, types)) };
}

} // namespace

RcloneProcess::RcloneProcess(RcloneConfig config)
    : m_config(std::move(config))
    , m_secrets(m_config.options)
{
}

Result<QByteArray> RcloneProcess::run(const RcloneCall &call, JobControl &control)
{
    if (control.cancelled() || isOver())
        return JobControl::cancelledError();
    const Result<void> prepared = prepare(control);
    if (!prepared)
        return prepared.error();
    return runPrepared(call, control);
}

void RcloneProcess::hurry()
{
    qint64 none = 0;
    m_deadline.compare_exchange_strong(
        none, steadyMilliseconds() + std::chrono::milliseconds(lastSeconds).count());
}

bool RcloneProcess::isOver() const
{
    const qint64 deadline = m_deadline;
    return deadline > 0 && steadyMilliseconds() >= deadline;
}

Result<void> RcloneProcess::prepare(JobControl &control)
{
    if (m_environment)
        return {};
    const Result<void> checked = checkRemote(m_config);
    if (!checked)
        return checked;
    RcloneConfig config = m_config;
    m_environment = environmentFor({ {}, m_config.remote, {}, {}, {}, {}, {}, {} });
    const Result<void> obscured = obscurePasswords(config, control);
    if (!obscured) {
        m_environment.reset();
        return obscured;
    }
    m_environment = environmentFor(config);
    return {};
}

// Which options are passwords only rclone knows.
Result<void> RcloneProcess::obscurePasswords(RcloneConfig &config, JobControl &control)
{
    const QString type = config.options.value(QStringLiteral("type"));
    if (type.isEmpty())
        return {};
    const Result<QByteArray> providers = runPrepared(
        { { QStringLiteral("config"), QStringLiteral("providers") }, {}, {}, {}, longestQuestion },
        control);
    if (!providers)
        return providers.error();
    const Result<QMap<QString, bool>> known = knownOptions(*providers, type);
    if (!known)
        return known.error();
    for (auto option = config.options.begin(); option != config.options.end(); ++option) {
        const auto found = known->find(option.key());
        if (found == known->end())
            return Error { ErrorCode::InvalidArgument,
                QStringLiteral("rclone's type '%1' has no option '%2'%3")
                    .arg(type, option.key(), didYouMean(option.key(), known->keys())) };
        if (!*found || option->isEmpty())
            continue;
        const Result<QByteArray> obscured
            = runPrepared({ { QStringLiteral("obscure"), QStringLiteral("-") }, option->toUtf8(),
                              {}, {}, longestQuestion },
                control);
        if (!obscured)
            return obscured.error();
        *option = QString::fromLatin1(obscured->trimmed());
        m_secrets.insert(option.key() + u'*', *option);
    }
    return {};
}

Result<QByteArray> RcloneProcess::runPrepared(const RcloneCall &call, JobControl &control)
{
    QProcess process;
    process.setProcessEnvironment(*m_environment);
    if (call.input.isEmpty())
        process.setStandardInputFile(QProcess::nullDevice());
    const Result<void> started = startChild(process,
        QStringList(m_config.program) + call.arguments + commonFlags(), QIODevice::ReadWrite);
    if (!started) // NotFound would be a folder that is not there
        return Error { ErrorCode::Io, started.error().message };
    if (!call.input.isEmpty()) {
        process.write(call.input);
        process.closeWriteChannel();
    }

    QElapsedTimer running;
    running.start();
    QByteArray answer;
    RcloneLog log;
    for (bool isRunning = true; isRunning;) {
        process.waitForReadyRead(pollMilliseconds);
        isRunning = process.state() != QProcess::NotRunning;
        const QByteArray output = process.readAllStandardOutput();
        const std::optional<qint64> transferred = log.add(process.readAllStandardError());
        Result<void> taken;
        if (transferred && call.transferred)
            call.transferred(*transferred);
        if (call.output)
            taken = call.output(output);
        else
            answer += output;
        const bool isLate = isOver();
        if (control.cancelled() || isLate)
            taken = JobControl::cancelledError();
        else if (answer.size() > largestAnswer)
            taken = Error { ErrorCode::TooLarge, QStringLiteral("The answer is too long") };
        else if (call.longest.count() > 0 && running.elapsed() > call.longest.count())
            taken = Error { ErrorCode::Unavailable, QStringLiteral("There was no answer in time") };
        if (!taken) {
            endChild(process, isLate ? std::chrono::milliseconds(500) : grace);
            return taken.error();
        }
    }
    if (process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return answer;
    if (process.exitStatus() == QProcess::CrashExit)
        return Error { ErrorCode::Io, QStringLiteral("rclone was ended by a signal") };
    return rcloneError(process.exitCode(), redacted(log.lastError(), m_secrets));
}

} // namespace hubkeep::rclone
