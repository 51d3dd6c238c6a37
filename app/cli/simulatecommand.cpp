// hubkeep simulate: when the hub would back up and what it would delete, without any hub.

#include "app/cli/command.h"
#include "integrations/backup/simulation.h"

#include <CLI/CLI.hpp>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>

#include <cstdio>
#include <optional>

namespace hubkeep::cli {
namespace {

constexpr qint64 largestQuestion = 64 * 1024 * 1024;

struct ScheduleOptions
{
    std::string recurrence;
    std::string days;
    std::string time;
    std::string now;
    std::string lastCompleted;
    std::string timeZone;
    std::string catchUp;
    std::optional<int> jitter;
    std::optional<int> count;
};

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QJsonObject questionOf(const ScheduleOptions &options)
{
    QJsonObject question { { key("recurrence"), QString::fromStdString(options.recurrence) } };
    const auto insert = [&question](const char *name, const std::string &value) {
        if (!value.empty())
            question.insert(key(name), QString::fromStdString(value));
    };
    insert("time", options.time);
    insert("now", options.now);
    insert("last_completed", options.lastCompleted);
    insert("time_zone", options.timeZone);
    insert("catch_up", options.catchUp);
    QJsonArray days;
    for (const QString &day : QString::fromStdString(options.days).split(u',', Qt::SkipEmptyParts))
        days.append(day.trimmed().toLower());
    if (!days.isEmpty())
        question.insert(key("days"), days);
    if (options.jitter)
        question.insert(key("jitter"), *options.jitter);
    if (options.count)
        question.insert(key("count"), *options.count);
    return question;
}

// "Mon 2026-04-13 04:45:00 (2026-04-13T02:45:00.000Z)"
QString shownTime(const QJsonValue &time, const QTimeZone &zone)
{
    const QDateTime moment = QDateTime::fromString(time.toString(), Qt::ISODateWithMs);
    return QStringLiteral("%1 (%2)").arg(
        moment.toTimeZone(zone).toString(QStringLiteral("ddd yyyy-MM-dd HH:mm:ss")),
        time.toString());
}

int runSchedule(const Context &context, const ScheduleOptions &options)
{
    const Result<QJsonObject> answer = backup::simulateSchedule(
        questionOf(options), { QDateTime::currentDateTimeUtc(), QTimeZone::systemTimeZone() });
    if (!answer) {
        return context.misuse(answer.error().in(QStringLiteral("Simulating the schedule")));
    }
    const QTimeZone zone(answer->value(key("time_zone")).toString().toLatin1());
    const QJsonValue next = answer->value(key("next"));
    context.print(next.isNull()
            ? QStringLiteral("Next: never")
            : QStringLiteral("Next: %1%2")
                  .arg(shownTime(next, zone),
                      answer->value(key("additional")).toBool() ? QStringLiteral(", additional")
                                                                : QString()));
    context.print(QStringLiteral("Why:  %1").arg(answer->value(key("reason")).toString()));
    for (const QJsonValue &time : answer->value(key("following")).toArray())
        context.print(QStringLiteral("Then: %1").arg(shownTime(time, zone)));
    context.printJson(*answer);
    return Done;
}

void addSchedule(CLI::App &simulate, Context &context)
{
    auto options = std::make_shared<ScheduleOptions>();
    CLI::App *command
        = simulate.add_subcommand("schedule", "When the next automatic backups run, and why");
    command->add_option("--recurrence", options->recurrence, "daily, custom_days or never")
        ->required();
    command->add_option("--days", options->days, "Of custom_days: mon,tue,wed,thu,fri,sat,sun");
    command->add_option("--time", options->time, "HH:MM or HH:MM:SS (default: 04:45 and jitter)");
    command->add_option("--now", options->now, "The time that it is (default: now)");
    command->add_option("--last-completed", options->lastCompleted,
        "When the last automatic backup completed (default: never)");
    command->add_option(
        "--time-zone", options->timeZone, "As Europe/Amsterdam (default: the system's)");
    command->add_option(
        "--jitter", options->jitter, "Seconds after 04:45, where there is no --time (default: 0)");
    command->add_option("--catch-up", options->catchUp,
        "When a missed run is made up: immediately (default) or next_slot");
    command->add_option("--count", options->count, "How many times after the next (default: 5)");
    command->callback([&context, options] {
        context.run = [&context, options] { return runSchedule(context, *options); };
    });
}

Result<QJsonObject> readQuestion()
{
    QFile input;
    if (!input.open(stdin, QIODevice::ReadOnly))
        return Error { ErrorCode::Io,
            QStringLiteral("Reading standard input: %1").arg(input.errorString()) };
    const QByteArray bytes = input.read(largestQuestion + 1);
    if (bytes.size() > largestQuestion)
        return Error { ErrorCode::TooLarge,
            QStringLiteral("Reading standard input: it is larger than 64 MiB") };
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &problem);
    if (!document.isObject())
        return Error { ErrorCode::InvalidArgument,
            QStringLiteral("Standard input has to be a JSON object with retention and backups: %1")
                .arg(problem.error == QJsonParseError::NoError
                        ? QStringLiteral("it is something else")
                        : QStringLiteral("%1 at byte %2")
                              .arg(problem.errorString())
                              .arg(problem.offset)) };
    return document.object();
}

void printAgent(const Context &context, const QString &agent, const QJsonArray &kept,
    const QJsonArray &deleted, const QJsonObject &why)
{
    context.print(agent + u':');
    for (const QJsonValue &id : deleted)
        context.print(QStringLiteral("  deletes %1: %2")
                          .arg(id.toString(),
                              why.value(id.toString()).toVariant().toStringList().join(u", ")));
    for (const QJsonValue &one : kept)
        context.print(QStringLiteral("  keeps   %1: %2")
                          .arg(one[u"backup_id"].toString(),
                              one[u"reasons"].toVariant().toStringList().join(u", ")));
}

int runRetention(const Context &context)
{
    const Result<QJsonObject> question = readQuestion();
    if (!question)
        return question.error().code == ErrorCode::InvalidArgument
            ? context.misuse(question.error())
            : context.fail(question.error());
    const Result<QJsonObject> answer = backup::simulateRetention(
        *question, { QDateTime::currentDateTimeUtc(), QTimeZone::systemTimeZone() });
    if (!answer)
        return context.misuse(answer.error().in(QStringLiteral("Simulating the retention")));
    const QJsonObject kept = answer->value(key("keep")).toObject();
    for (const QString &agent : kept.keys())
        printAgent(context, agent, kept.value(agent).toArray(),
            answer->value(key("delete"))[agent].toArray(),
            answer->value(key("why"))[agent].toObject());
    context.printJson(*answer);
    return Done;
}

} // namespace

void addSimulateCommand(CLI::App &app, Context &context)
{
    CLI::App *simulate = app.add_subcommand(
        "simulate", "Show what the hub would do: when it backs up, what it deletes");
    simulate->require_subcommand(1);
    addSchedule(*simulate, context);
    CLI::App *retention = simulate->add_subcommand("retention",
        "What each agent would lose and keep, and why: {now, retention, agents, backups} as JSON "
        "on standard input");
    retention->callback([&context] { context.run = [&context] { return runRetention(context); }; });
}

} // namespace hubkeep::cli
