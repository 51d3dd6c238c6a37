// What an operation did, as its status says it.

#include "automation/core/filedescriptor.h"
#include "integrations/backup/backupoperation.h"

#include <QJsonArray>

namespace hubkeep::backup {
namespace {

constexpr qsizetype mostListed = 1000;

QLatin1String key(const char *name)
{
    return QLatin1String(name);
}

template <typename Lines>
QJsonArray toJson(const Lines &lines)
{
    QJsonArray array;
    for (const auto &line : lines.mid(0, mostListed))
        array.append(QJsonObject {
            { key("path"), displayName(line.path) }, { key("message"), line.message } });
    return array;
}

} // namespace

QString summaryOf(const QList<Problem> &problems)
{
    const Problem &first = problems.first();
    const QString where
        = first.path.isEmpty() ? QString() : displayName(first.path) + QLatin1String(": ");
    const QString more = problems.size() > 2
        ? QStringLiteral(" (and %1 more problems)").arg(problems.size() - 1)
        : QLatin1String(problems.size() == 2 ? " (and one more problem)" : "");
    return where + first.message + more;
}

QJsonObject resultOf(const QString &kind, const OperationOutcome &outcome, const AgentBackup *made)
{
    if (kind == QLatin1String("backup")) {
        const AgentBackup backup = made ? *made : AgentBackup();
        // Who has no key for it learns it here, and from nobody later.
        QJsonObject result { { key("reused_bytes"), outcome.reusedBytes },
            { key("unreadable"), backup.unreadable }, { key("files"), backup.counts.files },
            { key("directories"), backup.counts.directories },
            { key("databases"), backup.counts.databases }, { key("bytes"), backup.counts.bytes },
            { key("failed_sources"), QJsonArray::fromStringList(backup.failedSources) },
            { key("warnings"), toJson(outcome.warnings) } };
        if (outcome.hookError)
            result.insert(key("hook_error"), outcome.hookError->message);
        return result;
    }
    if (kind == QLatin1String("verify"))
        return { { key("ok"), outcome.verified.problems.isEmpty() },
            { key("proved"), key(outcome.verified.isDigestOnly ? "digest" : "content") },
            { key("entries"), outcome.verified.entries },
            { key("databases"), outcome.verified.databases },
            { key("problems"), toJson(outcome.verified.problems) },
            { key("marks"), toJson(outcome.verified.marks) } };
    if (kind == QLatin1String("drill")) {
        const DrillReport &drilled = outcome.drilled;
        return { { key("held"), outcome.wasDrillHeld }, { key("locked"), outcome.wasDrillLocked },
            { key("ok"), outcome.wasDrillHeld && drilled.problems.isEmpty() },
            { key("duration_s"), double(outcome.drillTime.count()) / 1000 },
            { key("agent_id"), outcome.drilledAgent }, { key("files"), drilled.files },
            { key("symlinks"), drilled.symlinks }, { key("directories"), drilled.directories },
            { key("databases"), drilled.databases }, { key("bytes"), drilled.bytes },
            { key("problems"), toJson(drilled.problems) },
            { key("marks"), toJson(drilled.marks) } };
    }
    if (kind != QLatin1String("restore"))
        return {};
    const RestoreOutcome &restored = outcome.restored;
    return { { key("written"), restored.written }, { key("replaced"), restored.replaced },
        { key("unchanged"), restored.unchanged }, { key("directories"), restored.directories },
        { key("bytes"), restored.bytes }, { key("damaged"), toJson(restored.damaged) },
        { key("failed"), toJson(restored.failed) }, { key("warnings"), toJson(restored.warnings) },
        { key("restart_needed"), outcome.restartNeeded } };
}

} // namespace hubkeep::backup
