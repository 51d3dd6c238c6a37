#include "integrations/rclone/rcloneerror.h"

#include "automation/core/filedescriptor.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

#include <array>

namespace hubkeep::rclone {
namespace {

constexpr qsizetype longestLine = 1 << 20;
constexpr qsizetype longestSaid = 400;

struct Meaning
{
    const char *pattern;
    ErrorCode code;
    const char *advice;
};

// The first that fits counts.
constexpr std::array<Meaning, 6> meanings { {
    { "didn't find section in config file|didn't find backend", ErrorCode::InvalidArgument,
        "give its options, or the file that rclone's configuration is in under 'config'" },
    { "couldn't decrypt configuration|unable to decrypt configuration|RCLONE_CONFIG_PASS",
        ErrorCode::Forbidden, "set RCLONE_CONFIG_PASS for the hub" },
    { "no space left|insufficient ?storage|quota|disk full|storage ?full|\\b507\\b",
        ErrorCode::NoSpace, "free some space there, or choose another remote" },
    { "unauthorized|forbidden|access ?denied|permission denied|invalidaccesskeyid"
      "|signaturedoesnotmatch|unable to authenticate|authenticationfailed|invalid_grant"
      "|token expired|\\b401\\b|\\b403\\b",
        ErrorCode::Forbidden, "check its user, its password or key, and its rights" },
    { "connection refused|connection reset|broken pipe|no such host|timeout|timed out"
      "|network is unreachable|no route to host|unexpected eof|\\beof\\b|dial tcp"
      "|connection lost|server closed|\\b50[234]\\b|connect failed",
        ErrorCode::Unavailable, "is it switched on and reachable?" },
    { "unknown flag|unknown command", ErrorCode::Internal, "is it rclone 1.60 or newer?" },
} };

} // namespace

std::optional<qint64> RcloneLog::add(const QByteArray &bytes)
{
    m_unread += bytes;
    std::optional<qint64> transferred;
    for (;;) {
        const qsizetype end = m_unread.indexOf('\n');
        if (end < 0)
            break;
        const std::optional<qint64> said = takeLine(m_unread.left(end));
        if (said)
            transferred = said;
        m_unread.remove(0, end + 1);
    }
    if (m_unread.size() > longestLine)
        m_unread.clear();
    return transferred;
}

std::optional<qint64> RcloneLog::takeLine(const QByteArray &line)
{
    const QJsonDocument document = QJsonDocument::fromJson(line);
    if (!document.isObject()) {
        // The time is no part of it: the same failure is to be the same text.
        static const QRegularExpression time(
            QStringLiteral(R"(\A\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )"));
        const QString text = QString::fromUtf8(line.trimmed()).remove(time);
        if (!text.isEmpty() && !text.startsWith(QLatin1String("NOTICE"))
            && m_other.size() < longestSaid)
            m_other += text + u' ';
        return {};
    }
    const QJsonObject said = document.object();
    const QString level = said.value(QLatin1String("level")).toString();
    if (level == QLatin1String("error") || level == QLatin1String("critical")
        || level == QLatin1String("fatal"))
        m_error = said.value(QLatin1String("msg")).toString();
    const QJsonValue bytes
        = said.value(QLatin1String("stats")).toObject().value(QLatin1String("bytes"));
    return bytes.isDouble() ? std::optional(bytes.toInteger()) : std::nullopt;
}

QString RcloneLog::lastError() const
{
    static const QRegularExpression opening(QStringLiteral(
        R"(\AFailed to [\w ]+?(?: for "[^"]*"| with \d+ errors)?: (?:last error was: )?(?:error in \w+: )?)"));
    QString error = m_error.isEmpty() ? m_other + QString::fromUtf8(m_unread) : m_error;
    error.remove(opening);
    return displayName(error.simplified().left(longestSaid).toUtf8());
}

Error rcloneError(int exitStatus, const QString &said)
{
    // By the status alone: what a key's missing file is called must not make a remote empty.
    if ((exitStatus == 3 || exitStatus == 4) && !said.isEmpty())
        return { ErrorCode::NotFound, said };
    for (const Meaning &meaning : meanings) {
        const QRegularExpression pattern(
            QLatin1String(meaning.pattern), QRegularExpression::CaseInsensitiveOption);
        if (!pattern.match(said).hasMatch())
            continue;
        return { meaning.code, said + QLatin1String("; ") + QLatin1String(meaning.advice) };
    }
    if (said.isEmpty())
        return { ErrorCode::Io,
            QStringLiteral("rclone ended with exit status %1 and said nothing").arg(exitStatus) };
    return { exitStatus == 5 ? ErrorCode::Unavailable : ErrorCode::Io, said };
}

} // namespace hubkeep::rclone
